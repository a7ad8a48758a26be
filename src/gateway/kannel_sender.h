// Hands texts over to Kannel's smsbox with libcurl, on a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/courier.h"
#include "gateway/kannel.h"
#include "log/log.h"

namespace sotto::gateway {

/// One after the other. Codes, which come as notices, go before texts and are tried again after 5 and 30
/// seconds; what becomes of a text is said once, and trying again is the caller's.
class KannelSender final : public Courier {
 public:
  /// Codes that wait; texts are bounded by whoever hands them over (kMaxInHands).
  static constexpr std::size_t kMaxWaiting = 1'000;
  static constexpr DurationMs kSendTimeout = seconds(20);

  using Done = std::function<void(const SmsRef& ref, HandOver result)>;

  /// `from`: the number that codes come from. `done` is called on the sender's thread. `logger` must outlive
  /// the sender.
  KannelSender(KannelServer server, std::string from, Done done, log::Logger& logger);
  /// Gives up what was not handed over yet.
  ~KannelSender() override;
  KannelSender(const KannelSender&) = delete;
  KannelSender& operator=(const KannelSender&) = delete;

  [[nodiscard]] bool send(Notice code) override;
  void send(OutgoingSms text);

 private:
  void work();
  void send_code(const OutgoingSms& code);
  HandOver post(const OutgoingSms& text, bool reports);
  /// False: stopping.
  bool sleep(DurationMs time);
  bool stopping();

  const KannelServer server_;
  const std::string from_;
  const Done done_;
  log::Logger& logger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<OutgoingSms> codes_;
  std::deque<OutgoingSms> texts_;
  bool stopping_ = false;
  std::thread worker_;  // last: it uses all of the above
};

}  // namespace sotto::gateway
