// Links in the words of a message, for readers that show text: with where they lead instead of where they
// pretend to. Not concerned with what a terminal does to characters: whoever shows the words makes them
// harmless.
#pragma once

#include <string>

#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// "paypa1.com (NOT paypal.com)": the host, and what about it could deceive.
std::string words_of(const v1::Message::Link& link);

/// What a message says: its text with its marks; while it has inert links, with their hosts in their place,
/// since programs make links of what looks like one; "(taken back)".
std::string shown_text(const v1::Message& message);

}  // namespace sotto::client
