#include "server/link_offers.h"

#include <algorithm>

namespace sotto::server {

using transport::ConnectionId;

Result<std::optional<LinkOffer>, LinkOfferError> LinkOffers::open(LinkOffer offer) {
  const auto same = by_id_.find(offer.id);
  if (same != by_id_.end() && same->second.account != offer.account) return err(LinkOfferError::id_taken);
  std::optional<LinkOffer> before;
  if (const auto own = by_account_.find(offer.account); own != by_account_.end()) {
    before = by_id_.at(own->second);
    erase(before->id);
  }
  if (by_id_.size() >= kMaxLinkOffers) return err(LinkOfferError::too_many);
  by_account_[offer.account] = offer.id;
  by_side_[offer.trusted] = offer.id;
  const LinkId id = offer.id;
  by_id_.emplace(id, std::move(offer));
  return before;
}

Result<LinkOffer, LinkOfferError> LinkOffers::join(const identity::AccountId& account, ConnectionId joining,
                                                   UnixMs now) {
  const auto own = by_account_.find(account);
  if (own == by_account_.end()) return err(LinkOfferError::no_such_link);
  LinkOffer& offer = by_id_.at(own->second);
  return join(offer.by_password ? &offer : nullptr, joining, now);
}

Result<LinkOffer, LinkOfferError> LinkOffers::join(const LinkId& id, ConnectionId joining, UnixMs now) {
  const auto found = by_id_.find(id);
  return join(found == by_id_.end() ? nullptr : &found->second, joining, now);
}

Result<LinkOffer, LinkOfferError> LinkOffers::join(LinkOffer* offer, ConnectionId joining, UnixMs now) {
  if (offer == nullptr || offer->joined || now >= offer->until || by_side_.contains(joining)) {
    return err(LinkOfferError::no_such_link);
  }
  offer->joined = joining;
  offer->until = now + kLinkRun;
  by_side_[joining] = offer->id;
  return *offer;
}

LinkOffer* LinkOffers::find(ConnectionId side) {
  const auto found = by_side_.find(side);
  return found == by_side_.end() ? nullptr : &by_id_.at(found->second);
}

Result<LinkOffer, LinkOfferError> LinkOffers::message(ConnectionId side, UnixMs now) {
  LinkOffer* offer = find(side);
  if (offer == nullptr || !offer->joined || now >= offer->until) return err(LinkOfferError::no_such_link);
  std::uint32_t& count = side == offer->trusted ? offer->from_trusted : offer->from_joined;
  if (count >= kMaxLinkMessages) return err(LinkOfferError::too_much);
  ++count;
  return *offer;
}

std::optional<LinkOffer> LinkOffers::close(ConnectionId side) {
  const LinkOffer* offer = find(side);
  if (offer == nullptr) return std::nullopt;
  LinkOffer ended = *offer;
  erase(ended.id);
  return ended;
}

std::vector<LinkOffer> LinkOffers::expire(UnixMs now) {
  std::vector<LinkOffer> ended;
  for (const auto& [id, offer] : by_id_) {
    if (now >= offer.until) ended.push_back(offer);
  }
  std::ranges::sort(ended, {}, &LinkOffer::id);  // the same order in every run of a simulation
  for (const LinkOffer& offer : ended) erase(offer.id);
  return ended;
}

void LinkOffers::erase(const LinkId& id) {
  const auto node = by_id_.extract(id);
  if (node.empty()) return;
  by_account_.erase(node.mapped().account);
  by_side_.erase(node.mapped().trusted);
  if (node.mapped().joined) by_side_.erase(*node.mapped().joined);
}

}  // namespace sotto::server
