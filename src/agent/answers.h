// HTTP answers that say no.
#pragma once

#include <string_view>

#include "client/api/failure.h"
#include "transport/http.h"

namespace sotto::agent {

/// With the words as JSON: {"code", "message", "exit_code"}.
transport::HttpResponse refusal(unsigned status, const client::api::Failure& failure);
/// For what is wrong with the request itself.
transport::HttpResponse refusal(unsigned status, std::string_view words);

}  // namespace sotto::agent
