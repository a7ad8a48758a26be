// Why a text message is not sent, or what came from the gateway is not taken.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "clock/clock.h"
#include "result/result.h"
#include "storage/error.h"

namespace sotto::gateway {

enum class SmsError : std::uint8_t {
  malformed,            ///< an id that is not 16 octets, or an empty text
  number_invalid,       ///< not a telephone number
  too_long,             ///< more than kMaxSmsParts
  unavailable,          ///< nobody may send texts through this server
  not_allowed,          ///< the account has not proved a telephone number
  unreachable,          ///< the operator does not pay for texts to such numbers
  stopped,              ///< the recipient wants no more
  no_number,            ///< all numbers are others' towards this recipient
  too_many_texts,       ///< of the account in an hour
  too_many_parts,       ///< of the account in a day
  too_many_recipients,  ///< new ones of the account in a day
  budget_spent,         ///< the server's, for a day
  overloaded,           ///< too much is remembered or being written: retry soon
  storage_unavailable,  ///< the store failed; nothing was accepted
  corrupt,              ///< what is stored does not decode
  unknown_text,         ///< a report about none that is remembered
  unroutable,           ///< an incoming text to a number that is nobody's towards its sender
};

std::string_view describe(SmsError error);
/// When the same may succeed; zero: never, or nobody knows.
DurationMs retry_after(SmsError error);
SmsError sms_error_of(storage::StorageError error);

template <typename T>
using SmsResult = Result<T, SmsError>;

/// Called exactly once, inside the call or inside on_completion; never if the object dies before.
template <typename T>
using SmsReply = std::move_only_function<void(SmsResult<T>)>;

}  // namespace sotto::gateway
