// What strangers may do before they authenticate, counted by network address. Addresses live in memory only
// and are forgotten after minutes.
#pragma once

#include <string>
#include <string_view>

#include "clock/clock.h"
#include "server/limits.h"
#include "server/recent.h"
#include "server/token_bucket.h"

namespace sotto::server {

/// The part of a remote address that counts as one party: an IPv4 address, an IPv6 /64 network, anything else
/// whole.
std::string address_group(std::string_view remote);

class Addresses {
 public:
  explicit Addresses(const Limits& limits) : limits_(limits) {}

  /// One more connection. False: the address has too many, nothing was counted.
  bool connect(const std::string& group, UnixMs now);
  void disconnect(const std::string& group, UnixMs now) { recent_.disconnect(group, now); }
  /// How long to wait; zero: allowed.
  DurationMs authenticate(const std::string& group, UnixMs now);
  DurationMs register_account(const std::string& group, UnixMs now);
  /// For auditors and guests, who have no allowance of a device.
  DurationMs ask_log(const std::string& group, UnixMs now);
  DurationMs fetch_recovery(const std::string& group, UnixMs now);
  DurationMs ask_blob(const std::string& group, UnixMs now);
  void tick(UnixMs now) { recent_.sweep(now, kMaxSweptPerTick); }

  [[nodiscard]] std::size_t size() const { return recent_.size(); }

 private:
  struct Allowance {
    TokenBucket authentications;
    TokenBucket registrations;
    TokenBucket log_requests;
    TokenBucket recoveries;
    TokenBucket blob_requests;
  };

  Limits limits_;
  Recent<std::string, Allowance> recent_{kMaxAddresses, kAllowanceMemory};
};

}  // namespace sotto::server
