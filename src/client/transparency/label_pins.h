// What the log said last about each handle and account this device has to do with, and the answer that proved
// it (docs/specs/transparency.md 4, 11).
#pragma once

#include <optional>
#include <string_view>

#include "client/store/database.h"
#include "transparency/contact.h"

namespace sotto::client {

struct LabelPin {
  transparency::LabelState state;
  std::uint64_t size = 0;  ///< of the head it was proven under
  UnixMs head;             ///< that head's time
  UnixMs proven;           ///< when, by this device's clock
  bool refused = false;    ///< a later answer did not hold: nothing is sent until one does
};

/// The answer that proved it: evidence, should a later one contradict it.
struct PinnedAnswer {
  Bytes octets;           ///< v1.LookupAnswer
  std::size_t place = 0;  ///< of the label in it
};

/// By handle (normal form) or account.
std::optional<LabelPin> load_pin(store::Database& database, std::string_view handle);
std::optional<LabelPin> load_pin(store::Database& database, const identity::AccountId& account);
std::optional<PinnedAnswer> load_answer(store::Database& database, std::string_view handle);
std::optional<PinnedAnswer> load_answer(store::Database& database, const identity::AccountId& account);
void save_pin(store::Database& database, std::string_view handle, const LabelPin& pin,
              const PinnedAnswer& answer);
void save_pin(store::Database& database, const identity::AccountId& account, const LabelPin& pin,
              const PinnedAnswer& answer);
/// Nothing is sent on the pin until an answer holds. No pin: nothing to do.
void refuse_pin(store::Database& database, std::string_view handle);
void refuse_pin(store::Database& database, const identity::AccountId& account);

/// For the verification of answers.
transparency::PinOf pins_of(store::Database& database);

}  // namespace sotto::client
