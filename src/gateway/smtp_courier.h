// Sends notices as e-mail through a mail server (RFC 5321, submission RFC 6409), with libcurl.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "clock/clock.h"
#include "gateway/courier.h"
#include "log/log.h"

namespace sotto::gateway {

struct MailServer {
  std::string url;   ///< "smtp://host:port" or "smtps://host:port"
  std::string from;  ///< the sender's address
  std::string user;  ///< empty: no authentication
  std::string password;
  /// Refuse to send without TLS (STARTTLS with smtp://). Off only for a server on this machine.
  bool require_tls = true;
  std::filesystem::path ca_file;  ///< authorities to trust instead of the machine's; empty: the machine's
};

/// Sends one after the other on a thread of its own. A failed one is tried again after 5 and 30 seconds; a
/// code is worthless soon after that.
class SmtpCourier final : public Courier {
 public:
  static constexpr std::size_t kMaxWaiting = 1'000;
  static constexpr DurationMs kSendTimeout = seconds(20);

  /// `logger` must outlive the courier.
  SmtpCourier(MailServer server, log::Logger& logger);
  /// Gives up what was not sent yet.
  ~SmtpCourier() override;
  SmtpCourier(const SmtpCourier&) = delete;
  SmtpCourier& operator=(const SmtpCourier&) = delete;

  [[nodiscard]] bool send(Notice notice) override;

 private:
  void work();
  /// False: stopping.
  bool sleep(DurationMs time);
  bool stopping();

  const MailServer server_;
  log::Logger& logger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Notice> waiting_;
  bool stopping_ = false;
  std::thread worker_;  // last: it uses all of the above
};

/// The message as it goes after DATA: headers and text, lines ending with CRLF. Dots at line starts are the
/// transfer's concern.
std::string mail_text(const Notice& notice, std::string_view from);

}  // namespace sotto::gateway
