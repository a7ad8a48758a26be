// Which of the server's numbers is whose towards which recipient, so that an answer finds its way back to one
// account. In memory; what must last is the caller's to write. docs/specs/gateway.md 3.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/sms_error.h"
#include "gateway/sms_record.h"

namespace sotto::gateway {

class SmsRoutes {
 public:
  explicit SmsRoutes(std::vector<std::string> numbers) : numbers_(std::move(numbers)) {}

  /// The account's route to the peer as it is after a text at `now`: its old one, or a new one over the first
  /// number that is nobody else's towards this peer. Changes nothing. Errors: stopped, no_number, overloaded
  /// (too many routes).
  [[nodiscard]] SmsResult<RouteRecord> choose(const identity::AccountId& account, const std::string& peer,
                                              UnixMs now) const;
  /// Null when the number is nobody's towards the peer. `number` as a carrier writes it, with or without +.
  [[nodiscard]] const RouteRecord* find(const std::string& number, const std::string& peer) const;
  /// Adds the route, or replaces that of the same number and peer.
  void put(const RouteRecord& route);
  void erase(const RouteRecord& route);
  [[nodiscard]] std::vector<RouteRecord> of(const identity::AccountId& account) const;
  /// How many the account began less than a day ago.
  [[nodiscard]] std::size_t begun_lately(const identity::AccountId& account, UnixMs now) const;
  /// Takes out some of those that are over.
  std::vector<RouteRecord> take_expired(UnixMs now);

 private:
  using Key = std::pair<std::string, std::string>;  ///< number, peer

  std::vector<std::string> numbers_;
  std::map<Key, RouteRecord> routes_;
  std::map<identity::AccountId, std::set<Key>> by_account_;
  Key sweep_from_;
};

/// As a route's peer: "+" and digits. Anything else (a name, a short code) stays as it is.
std::string normal_number(std::string_view number);

}  // namespace sotto::gateway
