// A few lines each about what people with bad intentions do. Every language has the same cards; a translation
// is one more table in cards.cpp.
#pragma once

#include <string_view>
#include <vector>

#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// In `language` (RFC 5646, "sv" or "sv-FI"), or in English where there are none in it.
std::vector<v1::SafetyCard> safety_cards(std::string_view language);

}  // namespace sotto::client
