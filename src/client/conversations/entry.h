// What becomes an entry of a conversation: which contents do, whether they keep to their bounds, and what a
// message row holds of them (docs/specs/content.md 2).
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "session/content_signature.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Names one message of a conversation.
struct MessageKey {
  identity::AccountId account;  ///< whose
  session::MessageId id{};
};

/// Empty unless both parts have their sizes.
std::optional<MessageKey> key_of(const v1::MessageRef& ref);
v1::MessageRef ref_of(const MessageKey& key);

/// A poll needs a choice, and a screen holds so many.
inline constexpr int kMinPollOptions = 2;
inline constexpr int kMaxPollOptions = 12;
inline constexpr int kMaxCardLines = 8;
inline constexpr std::size_t kMaxWaveform = 64;
inline constexpr std::size_t kMaxUrl = 2048;
/// A live location is for a meeting, not for surveillance.
inline constexpr DurationMs kLongestLive = hours(8);
/// Messages that are to stay longer need no timer.
inline constexpr DurationMs kLongestTimer = days(366);
/// Times past 2^53 are no times and no number in JSON either.
inline constexpr std::uint64_t kLatestTime = std::uint64_t{1} << 53;

struct Entry {
  v1::Message::Kind kind = v1::Message::TEXT;
  std::string body;             ///< in words, whatever the kind
  std::optional<Bytes> detail;  ///< Content with what a kind has besides its words
  std::optional<MessageKey> target;
  UnixMs expires;              ///< 0: never
  Bytes preview_picture = {};  ///< as it came, not in `detail`: nothing may show it yet
  bool by_guest = false;       ///< somebody outside said it, by whose account it came
};

/// Empty for contents that say something about other messages, or nothing, and for those that break a bound.
std::optional<Entry> entry_of(const v1::Content& content);

bool is_sound(const v1::Location& location);
/// "Location: Odenplan (59.34254, 18.04985)"
std::string words_of(const v1::Location& location);

/// What a row's `detail` says; empty content if it is NULL.
v1::Content decode_detail(const std::optional<Bytes>& detail);

}  // namespace sotto::client
