#include "agent/rpc.h"

#include <fmt/format.h>

#include "agent/json.h"

namespace sotto::agent {
namespace {

using Call = std::variant<RpcRequest, RpcInput::Refused>;

RpcInput::Refused refused(std::string id, RpcError code, std::string message) {
  return {std::move(id), {noted(code), std::move(message)}};
}

bool is_id(std::string_view value) {
  const JsonKind kind = kind_of(value);
  return value.size() <= kMaxIdOctets &&
         (kind == JsonKind::string || kind == JsonKind::number || kind == JsonKind::null);
}

Call call_in(std::string_view value) {
  if (kind_of(value) != JsonKind::object) {
    return refused("null", RpcError::invalid_request, "a request is an object");
  }
  RpcRequest request{.id = {}, .method = {}, .params = "{}"};
  bool version = false;
  JsonKind params = JsonKind::object;
  for (const auto& [name, member] : members_of(value)) {
    if (name == "jsonrpc") version = member == "\"2.0\"";
    if (name == "method" && kind_of(member) == JsonKind::string) request.method = text_of(member);
    if (name == "id") {
      if (!is_id(member)) {
        return refused("null", RpcError::invalid_request,
                       "an id is a number or a string of up to 256 octets");
      }
      request.id = std::string(member);
    }
    if (name == "params") {
      params = kind_of(member);
      request.params = std::string(member);
    }
  }
  const std::string id = request.id.empty() ? "null" : request.id;
  if (!version || request.method.empty()) {
    return refused(
        id, RpcError::invalid_request,
        "a request has \"jsonrpc\": \"2.0\", a \"method\", \"params\" and, to be answered, an \"id\"");
  }
  if (params != JsonKind::object) {
    return refused(id, RpcError::invalid_params, "parameters go by name: \"params\" is an object");
  }
  return request;
}

}  // namespace

RpcInput parse_rpc(std::string_view text) {
  RpcInput input;
  const auto fail = [&input](RpcError code, std::string message) {
    input.batch = false;
    input.calls.assign(1, refused("null", code, std::move(message)));
    return input;
  };
  if (text.size() > kMaxRequestOctets) return fail(RpcError::invalid_request, "a request has at most 1 MiB");
  if (const auto sound = check_json(text); !sound) {
    return fail(RpcError::parse, std::string(describe(sound.error())));
  }
  if (kind_of(text) != JsonKind::array) {
    input.calls.push_back(call_in(text));
    return input;
  }
  const auto elements = elements_of(text);
  if (elements.empty() || elements.size() > kMaxBatch) {
    return fail(RpcError::invalid_request, "a batch has 1 to 100 requests");
  }
  input.batch = true;
  for (const std::string_view element : elements) input.calls.push_back(call_in(element));
  return input;
}

std::string result_text(std::string_view id, std::string_view result) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})", id, result);
}

std::string error_text(std::string_view id, const RpcFailure& failure) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":{}}}}})", id,
                     static_cast<int>(failure.code), json_string(failure.message));
}

std::string error_text(std::string_view id, const client::api::Failure& failure) {
  const int code = static_cast<int>(failure.code);
  const std::string words = json_string(failure.message);
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":{},)"
                     R"("data":{{"code":"{}","message":{},"exit_code":{}}}}}}})",
                     id, kApplicationErrors + code, words, client::api::name_of(failure.code), words, code);
}

std::string notification_text(std::string_view method, std::string_view params) {
  return fmt::format(R"({{"jsonrpc":"2.0","method":{},"params":{}}})", json_string(method), params);
}

std::string batch_text(const std::vector<std::string>& answers) {
  return fmt::format("[{}]", fmt::join(answers, ","));
}

}  // namespace sotto::agent
