#include "gateway/sms_routes.h"

#include <algorithm>

#include "gateway/sms_limits.h"

namespace sotto::gateway {
namespace {

/// Routes looked at in one sweep.
constexpr int kSwept = 1'000;
/// E.164 has at least that many digits; a short code has fewer.
constexpr std::size_t kMinDigits = 8;

bool is_over(const RouteRecord& route, UnixMs now) {
  // Who wants no more is left alone for a year.
  return has_passed(route.stopped ? days(365) : kRouteKept, route.last_used, now);
}

}  // namespace

std::string normal_number(std::string_view number) {
  std::string_view digits = number;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.starts_with("00")) digits.remove_prefix(2);
  const bool e164 = digits.size() >= kMinDigits && digits.front() != '0' &&
                    std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  return e164 ? "+" + std::string(digits) : std::string(number);
}

SmsResult<RouteRecord> SmsRoutes::choose(const identity::AccountId& account, const std::string& peer,
                                         UnixMs now) const {
  const std::string* free = nullptr;
  for (const std::string& number : numbers_) {
    const auto found = routes_.find({number, peer});
    if (found != routes_.end() && found->second.account == account) {
      if (found->second.stopped) return err(SmsError::stopped);
      RouteRecord route = found->second;
      route.last_used = now;
      return route;
    }
    const bool taken = found != routes_.end() && !is_over(found->second, now);
    if (free == nullptr && !taken) free = &number;
  }
  if (free == nullptr) return err(SmsError::no_number);
  if (routes_.size() >= kMaxRoutes) return err(SmsError::overloaded);
  return RouteRecord{
      .account = account, .created = now, .last_used = now, .stopped = false, .number = *free, .peer = peer};
}

const RouteRecord* SmsRoutes::find(const std::string& number, const std::string& peer) const {
  const auto found = routes_.find({normal_number(number), normal_number(peer)});
  return found == routes_.end() ? nullptr : &found->second;
}

void SmsRoutes::put(const RouteRecord& route) {
  const Key key{route.number, route.peer};
  if (const auto old = routes_.find(key); old != routes_.end()) by_account_[old->second.account].erase(key);
  routes_.insert_or_assign(key, route);
  by_account_[route.account].insert(key);
}

void SmsRoutes::erase(const RouteRecord& route) {
  const Key key{route.number, route.peer};
  routes_.erase(key);
  const auto own = by_account_.find(route.account);
  if (own == by_account_.end()) return;
  own->second.erase(key);
  if (own->second.empty()) by_account_.erase(own);
}

std::vector<RouteRecord> SmsRoutes::of(const identity::AccountId& account) const {
  std::vector<RouteRecord> out;
  if (const auto own = by_account_.find(account); own != by_account_.end()) {
    for (const Key& key : own->second) out.push_back(routes_.at(key));
  }
  return out;
}

std::size_t SmsRoutes::begun_lately(const identity::AccountId& account, UnixMs now) const {
  const auto own = of(account);
  return static_cast<std::size_t>(std::ranges::count_if(
      own, [&](const RouteRecord& route) { return !has_passed(days(1), route.created, now); }));
}

std::vector<RouteRecord> SmsRoutes::take_expired(UnixMs now) {
  std::vector<RouteRecord> expired;
  auto at = routes_.upper_bound(sweep_from_);
  for (int seen = 0; seen < kSwept && at != routes_.end(); ++seen, ++at) {
    sweep_from_ = at->first;
    if (is_over(at->second, now)) expired.push_back(at->second);
  }
  if (at == routes_.end()) sweep_from_ = {};
  for (const RouteRecord& route : expired) erase(route);
  return expired;
}

}  // namespace sotto::gateway
