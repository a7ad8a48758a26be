// Which links are open, who joined, and when they are over (docs/specs/linking.md 8). In memory alone: a
// restart costs a new code. Not its concern: frames, who may ask, and what the two sides say to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "clock/clock.h"
#include "identity/ids.h"
#include "result/result.h"
#include "transport/listener.h"

namespace sotto::server {

/// What the trusted device calls its offer. With a QR code it says who may join: nobody else can name it.
using LinkId = identity::Id<struct LinkTag>;

/// From OpenLink until somebody has to have joined; as long as a code is good (linking/limits.h).
inline constexpr DurationMs kLinkOpen = minutes(2);
/// From joining until the grant: the run's two minutes and ten more in which the new list is published.
inline constexpr DurationMs kLinkRun = minutes(12);
/// A run has three messages of either side, and an abort.
inline constexpr std::uint32_t kMaxLinkMessages = 4;
/// About 20 MB; one for each account at most.
inline constexpr std::size_t kMaxLinkOffers = 65'536;

enum class LinkOfferError : std::uint8_t {
  id_taken,      ///< by another account
  too_many,      ///< offers on this server
  no_such_link,  ///< none, or it is over or taken, or the asker has no part in it
  too_much,      ///< more messages than a run has: the link is over
};

struct LinkOffer {
  LinkId id;
  identity::AccountId account;
  transport::ConnectionId trusted;
  std::optional<transport::ConnectionId> joined;
  bool by_password = false;  ///< who signed in may join without naming it
  UnixMs until;
  std::uint32_t from_trusted = 0;  ///< messages
  std::uint32_t from_joined = 0;

  /// The side that is not `side`, if there is one.
  [[nodiscard]] std::optional<transport::ConnectionId> other(transport::ConnectionId side) const {
    if (side == trusted) return joined;
    return trusted;
  }
};

class LinkOffers {
 public:
  /// Replaces the account's offer, if it has one, which is returned. Errors: id_taken, too_many.
  Result<std::optional<LinkOffer>, LinkOfferError> open(LinkOffer offer);
  /// Somebody who signed in to the account. Errors: no_such_link.
  Result<LinkOffer, LinkOfferError> join(const identity::AccountId& account, transport::ConnectionId joining,
                                         UnixMs now);
  /// Somebody who knows its name. Errors: no_such_link.
  Result<LinkOffer, LinkOfferError> join(const LinkId& id, transport::ConnectionId joining, UnixMs now);
  /// Counts a message of `side`; gives the offer, whose other() gets it. Errors: no_such_link, too_much.
  Result<LinkOffer, LinkOfferError> message(transport::ConnectionId side, UnixMs now);
  /// Ends the one that the connection has a part in.
  std::optional<LinkOffer> close(transport::ConnectionId side);
  /// Ends those whose time is over.
  std::vector<LinkOffer> expire(UnixMs now);
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }

 private:
  Result<LinkOffer, LinkOfferError> join(LinkOffer* offer, transport::ConnectionId joining, UnixMs now);
  LinkOffer* find(transport::ConnectionId side);
  void erase(const LinkId& id);

  std::unordered_map<LinkId, LinkOffer> by_id_;
  std::unordered_map<identity::AccountId, LinkId> by_account_;
  std::unordered_map<transport::ConnectionId, LinkId> by_side_;
};

}  // namespace sotto::server
