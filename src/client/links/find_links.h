// Links in what people write, each with where it really leads: the host in letters, and what about it could
// deceive. Total over any octets, in time that grows with the text (docs/specs/requests.md 5).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

using FoundLink = v1::Message::Link;

/// Of one text, the first: nobody looks through more.
inline constexpr std::size_t kMaxLinks = 50;
/// Longer ones are no links: browsers take more, people do not send them.
inline constexpr std::size_t kMaxLink = 2048;

/// What begins with http://, https:// or www., up to a blank, a quotation mark or an angle bracket, without
/// the punctuation at its end. In the order of the text; not inert.
std::vector<FoundLink> find_links(std::string_view text);
/// Warns of a host that could be taken for one of these, or pretends to be below it, and is not.
void compare_with(std::span<const std::string> known_hosts, FoundLink& link);

}  // namespace sotto::client
