// What texts cost: parts and texts of each account and of the whole server, counted from what is remembered
// of the texts themselves. docs/specs/gateway.md 5.
#pragma once

#include <deque>
#include <unordered_map>

#include "clock/clock.h"
#include "gateway/sms_error.h"
#include "identity/ids.h"

namespace sotto::gateway {

/// What a deployment configures.
struct SmsBudgets {
  // A carrier's bill that an operator of a small server can bear.
  std::uint32_t parts_per_day = 1'000;
  // A long conversation; more is somebody who advertises.
  std::uint32_t account_parts_per_day = 100;
  std::uint32_t account_texts_per_hour = 30;
  std::uint32_t account_recipients_per_day = 10;
};

class SmsBudget {
 public:
  explicit SmsBudget(const SmsBudgets& budgets) : budgets_(budgets) {}

  /// Errors: budget_spent, too_many_texts, too_many_parts.
  SmsResult<void> check(const identity::AccountId& account, std::uint32_t parts, UnixMs now);
  /// For the server itself. Errors: budget_spent.
  SmsResult<void> check(std::uint32_t parts, UnixMs now);
  /// Charges arrive in the order of time.
  void charge(const identity::AccountId& account, std::uint32_t parts, UnixMs now);
  void charge(std::uint32_t parts, UnixMs now);
  /// At any interval: forgets what is over.
  void tick(UnixMs now);

 private:
  struct Charge {
    UnixMs at;
    std::uint32_t parts;
  };
  struct Charges {
    std::deque<Charge> list{};
    std::uint64_t parts = 0;

    void add(const Charge& charge);
    void forget_before(UnixMs now);
    [[nodiscard]] std::size_t texts_since(DurationMs time, UnixMs now) const;
  };

  SmsBudgets budgets_;
  Charges all_;
  std::unordered_map<identity::AccountId, Charges> accounts_;
};

}  // namespace sotto::gateway
