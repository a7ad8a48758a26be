// HTTP answers that several edges give.
#pragma once

#include <string>
#include <string_view>

#include "client/api/failure.h"
#include "transport/http.h"

namespace sotto::agent {

/// For what no browser may keep on its disk; without a body yet.
transport::HttpResponse unstored_response(std::string content_type);
/// With the words as JSON: {"code", "message", "exit_code"}.
transport::HttpResponse refusal(unsigned status, const client::api::Failure& failure);
/// For what is wrong with the request itself.
transport::HttpResponse refusal(unsigned status, std::string_view words);

}  // namespace sotto::agent
