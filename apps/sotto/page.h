// A page of the web, asked from here for what a preview shows.
#pragma once

#include <string>

#include "client/previews/error.h"

namespace sotto::cli {

/// Waits for it, 15 seconds at most. Errors: all but busy.
client::PreviewOutcome ask_page(const std::string& url, bool private_addresses);

}  // namespace sotto::cli
