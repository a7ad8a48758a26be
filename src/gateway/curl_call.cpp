#include "gateway/curl_call.h"

namespace sotto::gateway {
namespace {

int aborted(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(stopping))() ? 1 : 0;
}

}  // namespace

void initialise_curl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;
}

void stop_when(CURL* curl, const std::function<bool()>& stopping) {
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &aborted);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stopping);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

}  // namespace sotto::gateway
