// How often something happened to an account in a day. In memory alone, bounded, forgotten after the day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "clock/clock.h"
#include "identity/ids.h"

namespace sotto::accounts {

class DailyCounts {
 public:
  /// Accounts remembered at once, 4 MB; beyond it nothing more is allowed to anybody new until some expire.
  static constexpr std::size_t kMaxAccounts = 65'536;

  explicit DailyCounts(std::uint32_t limit) : limit_(limit) {}

  /// Counts one more, if it is within the limit. A day begins with the first.
  bool allow(const identity::AccountId& account, UnixMs now) {
    const auto found = counts_.find(account);
    if (found == counts_.end()) {
      if (limit_ == 0 || counts_.size() >= kMaxAccounts) return false;
      counts_.emplace(account, Count{now, 1});
      return true;
    }
    if (has_passed(hours(24), found->second.since, now)) found->second = {now, 0};
    if (found->second.count >= limit_) return false;
    ++found->second.count;
    return true;
  }
  /// At any interval: forgets what is over, once a minute.
  void tick(UnixMs now) {
    if (!has_passed(minutes(1), swept_, now)) return;
    swept_ = now;
    std::erase_if(counts_, [&](const auto& entry) { return has_passed(hours(24), entry.second.since, now); });
  }

 private:
  struct Count {
    UnixMs since;
    std::uint32_t count;
  };

  std::uint32_t limit_;
  UnixMs swept_{};
  std::unordered_map<identity::AccountId, Count> counts_{};
};

}  // namespace sotto::accounts
