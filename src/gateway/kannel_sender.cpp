#include "gateway/kannel_sender.h"

#include <array>
#include <chrono>
#include <utility>

#include "gateway/curl_call.h"

namespace sotto::gateway {
namespace {

constexpr std::array kCodePauses = {seconds(5), seconds(30)};

/// Kannel's answer is a line for people.
std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

void set_request(CURL* curl, const KannelServer& server, const KannelRequest& request, curl_slist* fields) {
  curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &discard);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(KannelSender::kSendTimeout.value));
  curl_easy_setopt(curl, CURLOPT_NOPROXY,
                   "*");  // the environment's proxy has no business with people's texts
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

}  // namespace

KannelSender::KannelSender(KannelServer server, std::string from, Done done, log::Logger& logger)
    : server_(std::move(server)), from_(std::move(from)), done_(std::move(done)), logger_(logger) {
  initialise_curl();
  worker_ = std::thread([this] { work(); });
}

KannelSender::~KannelSender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

bool KannelSender::send(Notice code) {
  {
    const std::lock_guard lock(mutex_);
    if (codes_.size() >= kMaxWaiting) return false;
    codes_.push_back({.ref = {}, .from = from_, .to = std::move(code.to), .text = std::move(code.text)});
  }
  changed_.notify_all();
  return true;
}

void KannelSender::send(OutgoingSms text) {
  {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
  }
  changed_.notify_all();
}

bool KannelSender::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool KannelSender::sleep(DurationMs time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(time.value), [this] { return stopping_; });
}

HandOver KannelSender::post(const OutgoingSms& text, bool reports) {
  const Curl curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return HandOver::failed;
  const KannelRequest request = kannel_request(server_, text, reports);
  CurlList fields(nullptr, &curl_slist_free_all);
  for (const std::string& field : request.fields) {
    curl_slist* const longer = curl_slist_append(fields.get(), field.c_str());
    if (longer == nullptr) return HandOver::failed;
    (void)fields.release();
    fields.reset(longer);
  }
  const std::function<bool()> is_stopping = [this] { return stopping(); };
  set_request(curl.get(), server_, request, fields.get());
  stop_when(curl.get(), is_stopping);
  const CURLcode code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  const HandOver result = code == CURLE_OK ? kannel_result(status) : HandOver::failed;
  if (result != HandOver::accepted && !stopping()) {
    logger_.warning("text_not_handed_over",
                    {log::field("status", status), log::operator_text("reason", curl_easy_strerror(code))});
  }
  return result;
}

void KannelSender::send_code(const OutgoingSms& code) {
  HandOver result = post(code, false);
  for (const DurationMs pause : kCodePauses) {
    if (result != HandOver::failed || !sleep(pause)) return;
    result = post(code, false);
  }
}

void KannelSender::work() {
  for (;;) {
    OutgoingSms next;
    bool is_code = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !codes_.empty() || !texts_.empty(); });
      if (stopping_) return;
      is_code = !codes_.empty();
      std::deque<OutgoingSms>& queue = is_code ? codes_ : texts_;
      next = std::move(queue.front());
      queue.pop_front();
    }
    if (is_code) {
      send_code(next);
    } else {
      done_(next.ref, post(next, true));
    }
  }
}

}  // namespace sotto::gateway
