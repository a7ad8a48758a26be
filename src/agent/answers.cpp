#include "agent/answers.h"

#include <fmt/format.h>

#include <utility>

#include "agent/json.h"

namespace sotto::agent {

transport::HttpResponse unstored_response(std::string content_type) {
  transport::HttpResponse response;
  response.content_type = std::move(content_type);
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

transport::HttpResponse refusal(unsigned status, const client::api::Failure& failure) {
  transport::HttpResponse response = unstored_response("application/json");
  response.status = status;
  response.body =
      fmt::format(R"({{"code":"{}","message":{},"exit_code":{}}})", client::api::name_of(failure.code),
                  json_string(failure.message), static_cast<int>(failure.code));
  return response;
}

transport::HttpResponse refusal(unsigned status, std::string_view words) {
  return refusal(status, client::api::Failure{client::api::ExitCode::usage, std::string(words)});
}

}  // namespace sotto::agent
