#include "accounts/handle_proofs.h"

#include "crypto/hash.h"

namespace sotto::accounts {
namespace {

constexpr DurationMs kCountingTime = hours(1);
constexpr DurationMs kSweepInterval = minutes(1);

std::string pending_key(const identity::AccountId& account, std::string_view handle) {
  return std::string(as_chars(account.view())).append(handle);
}

}  // namespace

bool HandleProofs::exhausted(const std::string& who, UnixMs now) const {
  const auto found = counts_.find(who);
  return found != counts_.end() && now < found->second.until && found->second.codes >= kMaxCodesPerHour;
}

void HandleProofs::count(const std::string& who, UnixMs now) {
  Count& counted = counts_[who];
  if (now >= counted.until) counted = {now + kCountingTime, 0};
  ++counted.codes;
}

AccountsResult<std::string> HandleProofs::issue(const identity::AccountId& account, std::string_view handle,
                                                UnixMs now) {
  const std::string asker(as_chars(account.view()));
  const std::string reader(handle);
  if (exhausted(asker, now) || exhausted(reader, now)) return err(AccountsError::too_many_codes);
  if (pending_.size() >= kMaxCodesRemembered || counts_.size() + 2 > kMaxCodesRemembered) {
    return err(AccountsError::overloaded);
  }
  count(asker, now);
  count(reader, now);
  const auto code = crypto::random_digits(random_);
  pending_.insert_or_assign(pending_key(account, handle), Pending{code, now + kCodeLifetime});
  return std::string(as_chars(code));
}

void HandleProofs::withdraw(const identity::AccountId& account, std::string_view handle) {
  pending_.erase(pending_key(account, handle));
}

AccountsResult<void> HandleProofs::redeem(const identity::AccountId& account, std::string_view handle,
                                          std::string_view typed, UnixMs now) {
  const auto found = pending_.find(pending_key(account, handle));
  if (found == pending_.end() || now >= found->second.expires) return err(AccountsError::code_unknown);
  const auto code = crypto::typed_digits(typed);
  if (!code || !crypto::constant_time_equal(found->second.code, *code)) {
    if (--found->second.tries_left == 0) pending_.erase(found);
    return err(AccountsError::code_wrong);
  }
  pending_.erase(found);
  return {};
}

void HandleProofs::tick(UnixMs now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepInterval;
  std::erase_if(pending_, [&](const auto& entry) { return now >= entry.second.expires; });
  std::erase_if(counts_, [&](const auto& entry) { return now >= entry.second.until; });
}

}  // namespace sotto::accounts
