#include "gateway/sms_budget.h"

#include <algorithm>

namespace sotto::gateway {

void SmsBudget::Charges::add(const Charge& charge) {
  list.push_back(charge);
  parts += charge.parts;
}

void SmsBudget::Charges::forget_before(UnixMs now) {
  while (!list.empty() && has_passed(days(1), list.front().at, now)) {
    parts -= list.front().parts;
    list.pop_front();
  }
}

std::size_t SmsBudget::Charges::texts_since(DurationMs time, UnixMs now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(list, [&](const Charge& charge) { return !has_passed(time, charge.at, now); }));
}

SmsResult<void> SmsBudget::check(std::uint32_t parts, UnixMs now) {
  all_.forget_before(now);
  if (all_.parts + parts > budgets_.parts_per_day) return err(SmsError::budget_spent);
  return {};
}

SmsResult<void> SmsBudget::check(const identity::AccountId& account, std::uint32_t parts, UnixMs now) {
  SOTTO_CHECK_OK(check(parts, now));
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) {
    if (parts > budgets_.account_parts_per_day) return err(SmsError::too_many_parts);
    return {};
  }
  Charges& own = found->second;
  own.forget_before(now);
  if (own.parts + parts > budgets_.account_parts_per_day) return err(SmsError::too_many_parts);
  if (own.texts_since(hours(1), now) >= budgets_.account_texts_per_hour) {
    return err(SmsError::too_many_texts);
  }
  return {};
}

void SmsBudget::charge(std::uint32_t parts, UnixMs now) { all_.add({now, parts}); }

void SmsBudget::charge(const identity::AccountId& account, std::uint32_t parts, UnixMs now) {
  charge(parts, now);
  accounts_[account].add({now, parts});
}

void SmsBudget::tick(UnixMs now) {
  all_.forget_before(now);
  for (auto& [account, charges] : accounts_) charges.forget_before(now);
  std::erase_if(accounts_, [](const auto& entry) { return entry.second.list.empty(); });
}

}  // namespace sotto::gateway
