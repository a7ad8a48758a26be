#include "agent/answers.h"

#include <fmt/format.h>

#include "agent/json.h"

namespace sotto::agent {

transport::HttpResponse refusal(unsigned status, const client::api::Failure& failure) {
  transport::HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body =
      fmt::format(R"({{"code":"{}","message":{},"exit_code":{}}})", client::api::name_of(failure.code),
                  json_string(failure.message), static_cast<int>(failure.code));
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

transport::HttpResponse refusal(unsigned status, std::string_view words) {
  return refusal(status, client::api::Failure{client::api::ExitCode::usage, std::string(words)});
}

}  // namespace sotto::agent
