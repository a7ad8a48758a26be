// Whatever a peer sends: it is taken apart or refused, and what is answered is JSON.
#include <cstdlib>

#include "agent/json.h"
#include "agent/records.h"
#include "agent/rpc.h"
#include "client/api/method.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const RpcInput input = parse_rpc(text);
  if (input.calls.empty() || input.calls.size() > kMaxBatch) std::abort();
  for (const auto& call : input.calls) {
    if (const auto* refused = std::get_if<RpcInput::Refused>(&call)) {
      if (!check_json(error_text(refused->id, refused->failure))) std::abort();
      continue;
    }
    const auto& request = std::get<RpcRequest>(call);
    if (!request.id.empty() && !check_json(result_text(request.id, "{}"))) std::abort();
    if (!check_json(error_text("1", RpcFailure{RpcError::method_not_found, request.method}))) std::abort();
    for (const auto& method : sotto::client::api::client_methods()) {
      if (method.name != request.method) continue;
      const auto parameters = record_from(*method.parameters, request.params);
      if (parameters && !check_json(json_of(**parameters))) std::abort();
    }
  }
  return 0;
}
