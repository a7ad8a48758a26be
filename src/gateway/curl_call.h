// What this module's users of libcurl share. Internal to the module.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>

namespace sotto::gateway {

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// libcurl wants to be initialised before any thread uses it, once in a process.
void initialise_curl();
/// The transfer ends once `stopping`, which must outlive it, says so.
void stop_when(CURL* curl, const std::function<bool()>& stopping);

}  // namespace sotto::gateway
