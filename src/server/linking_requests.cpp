// The part of Core that carries a link between a device and one that wants to become one
// (docs/specs/linking.md 8). What the two say to each other is opaque here.
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

/// What a new and a trusted device may say at once (linking/limits.h, which the server does not contain).
constexpr std::size_t kMaxLinkMessageOctets = std::size_t{64} << 10;

v1::ServerFrame event_of(const LinkOffer& offer) {
  v1::ServerFrame frame;
  frame.mutable_link_event()->set_link(wire::field(offer.id.view()));
  return frame;
}

}  // namespace

void Core::open_link(Connection& connection, const v1::ClientFrame& frame) {
  const auto id = LinkId::from(wire::octets(frame.open_link().link()));
  if (!id) return malformed(connection, frame.request_id(), "ids are 16 octets");
  const auto opened = link_offers_.open({.id = *id,
                                         .account = connection.device->account,
                                         .trusted = connection.id,
                                         .joined = std::nullopt,
                                         .by_password = frame.open_link().by_password(),
                                         .until = now_ + kLinkOpen});
  if (!opened && opened.error() == LinkOfferError::id_taken) {
    return malformed(connection, frame.request_id(), "another link has this id");
  }
  if (!opened) {
    return refuse(connection, frame.request_id(), v1::Error::OVERLOADED, "too many open links", kLinkOpen);
  }
  const auto& before = *opened;
  if (before && before->trusted == connection.id) {
    link_ended(*before, connection.id);
  } else if (before) {
    link_ended(*before);
  }
  done(connection, frame.request_id());
}

void Core::join_link(Connection& connection, const v1::ClientFrame& frame) {
  if (!connection.greeting) return malformed(connection, frame.request_id(), "say hello first");
  const DurationMs wait = addresses_.authenticate(connection.address_group, now_);
  if (wait != DurationMs{}) {
    return refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many authentications", wait);
  }
  const ByteView named = wire::octets(frame.join_link().link());
  const auto id = LinkId::from(named);
  if (!named.empty() ? !id : !connection.guest_of) {
    return malformed(connection, frame.request_id(), "sign in first, or name a link of 16 octets");
  }
  const auto joined = id ? link_offers_.join(*id, connection.id, now_)
                         : link_offers_.join(*connection.guest_of, connection.id, now_);
  if (!joined) {
    return refuse(connection, frame.request_id(), v1::Error::NO_SUCH_LINK,
                  "no device of this account offers to link another one, or somebody was first");
  }
  ++counts_.links_joined;
  if (connection.guest_of != joined->account) become_guest(connection, joined->account);
  v1::ServerFrame answer;
  answer.set_request_id(frame.request_id());
  answer.mutable_link_joined()->set_account(wire::field(joined->account.view()));
  send(connection, answer);
  v1::ServerFrame event = event_of(*joined);
  event.mutable_link_event()->mutable_joined()->set_address(connection.address_group);
  if (const Connection* trusted = connections_.find(joined->trusted)) send(*trusted, event);
}

void Core::send_link(Connection& connection, const v1::ClientFrame& frame) {
  const std::string& message = frame.send_link().message();
  if (message.empty() || message.size() > kMaxLinkMessageOctets) {
    return refuse(connection, frame.request_id(), v1::Error::TOO_LARGE, "a message has 1 to 65536 octets");
  }
  const auto offer = link_offers_.message(connection.id, now_);
  if (!offer) {
    if (offer.error() == LinkOfferError::too_much) link_ended(*link_offers_.close(connection.id));
    return refuse(connection, frame.request_id(), v1::Error::NO_SUCH_LINK, "the link is over");
  }
  v1::ServerFrame event = event_of(*offer);
  event.mutable_link_event()->set_message(message);
  if (const Connection* other = connections_.find(*offer->other(connection.id))) send(*other, event);
  done(connection, frame.request_id());
}

void Core::close_link(Connection& connection, const v1::ClientFrame& frame) {
  // Repeating it after a lost answer finds nothing any more.
  if (const auto ended = link_offers_.close(connection.id)) link_ended(*ended, connection.id);
  done(connection, frame.request_id());
}

void Core::link_ended(const LinkOffer& offer, std::optional<ConnectionId> by) {
  v1::ServerFrame event = event_of(offer);
  event.mutable_link_event()->mutable_closed();
  for (const auto& side : {std::optional(offer.trusted), offer.joined}) {
    if (!side || side == by) continue;
    if (const Connection* connection = connections_.find(*side)) send(*connection, event);
  }
}

}  // namespace sotto::server
