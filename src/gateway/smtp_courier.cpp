#include "gateway/smtp_courier.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <utility>

#include "gateway/curl_call.h"

namespace sotto::gateway {
namespace {

constexpr std::array kPauses = {seconds(5), seconds(30)};

struct Upload {
  std::string_view rest;
};

std::size_t read_upload(char* out, std::size_t size, std::size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  const std::size_t taken = std::min(size * count, upload.rest.size());
  std::memcpy(out, upload.rest.data(), taken);
  upload.rest.remove_prefix(taken);
  return taken;
}

void set_server(CURL* curl, const MailServer& server) {
  curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(server.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  // Without a demand for TLS nothing is gained by failing on a certificate that plain text does not have.
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, server.require_tls ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, server.require_tls ? 2L : 0L);
  if (!server.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(SmtpCourier::kSendTimeout.value));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

CURLcode transfer(const MailServer& server, const Notice& notice, const std::function<bool()>& stopping) {
  const Curl curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return CURLE_FAILED_INIT;
  const CurlList recipients(curl_slist_append(nullptr, notice.to.c_str()), &curl_slist_free_all);
  const std::string text = mail_text(notice, server.from);
  Upload upload{text};
  set_server(curl.get(), server);
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, server.from.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &read_upload);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  stop_when(curl.get(), stopping);
  return curl_easy_perform(curl.get());
}

}  // namespace

std::string mail_text(const Notice& notice, std::string_view from) {
  std::string out = "From: Sotto <" + std::string(from) + ">\r\nTo: <" + notice.to +
                    ">\r\nSubject: " + notice.subject +
                    "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
  for (const char c : notice.text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

SmtpCourier::SmtpCourier(MailServer server, log::Logger& logger)
    : server_(std::move(server)), logger_(logger) {
  initialise_curl();
  worker_ = std::thread([this] { work(); });
}

SmtpCourier::~SmtpCourier() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

bool SmtpCourier::send(Notice notice) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(notice));
  }
  changed_.notify_all();
  return true;
}

bool SmtpCourier::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool SmtpCourier::sleep(DurationMs time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(time.value), [this] { return stopping_; });
}

void SmtpCourier::work() {
  for (;;) {
    Notice notice;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      notice = std::move(waiting_.front());
      waiting_.pop_front();
    }
    CURLcode code = transfer(server_, notice, [this] { return stopping(); });
    for (const DurationMs pause : kPauses) {
      if (code == CURLE_OK || !sleep(pause)) break;
      code = transfer(server_, notice, [this] { return stopping(); });
    }
    if (code != CURLE_OK && !stopping()) {
      logger_.warning("mail_not_sent", {log::operator_text("reason", curl_easy_strerror(code))});
    }
  }
}

}  // namespace sotto::gateway
