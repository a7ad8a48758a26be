#include "gateway/sms_error.h"

namespace sotto::gateway {

std::string_view describe(SmsError error) {
  switch (error) {
    case SmsError::malformed: return "a text needs an id of 16 octets and something to say";
    case SmsError::number_invalid: return "not a telephone number with + and country code";
    case SmsError::too_long: return "the text is too long for text messages";
    case SmsError::unavailable: return "this server sends no text messages";
    case SmsError::not_allowed: return "this server sends texts for accounts that proved a telephone number";
    case SmsError::unreachable: return "this server sends no text messages to such numbers";
    case SmsError::stopped: return "the recipient answered STOP and wants no more texts";
    case SmsError::no_number: return "others on this server use each of its numbers towards this recipient";
    case SmsError::too_many_texts: return "too many texts in the last hour";
    case SmsError::too_many_parts: return "too many texts in the last day";
    case SmsError::too_many_recipients: return "too many new recipients in the last day";
    case SmsError::budget_spent: return "this server has sent as many texts today as its operator pays for";
    case SmsError::overloaded: return "busy, try again";
    case SmsError::storage_unavailable: return "storage is unavailable";
    case SmsError::corrupt: return "stored data is damaged";
    case SmsError::unknown_text: return "no such text is waiting for a report";
    case SmsError::unroutable: return "nobody here writes to that number";
  }
  return "unknown error of text messages";
}

DurationMs retry_after(SmsError error) {
  switch (error) {
    case SmsError::too_many_texts:
    case SmsError::too_many_parts:
    case SmsError::too_many_recipients:
    case SmsError::budget_spent: return hours(1);
    case SmsError::overloaded: return seconds(1);
    case SmsError::storage_unavailable: return seconds(30);
    default: return {};
  }
}

SmsError sms_error_of(storage::StorageError error) {
  switch (error) {
    case storage::StorageError::overloaded: return SmsError::overloaded;
    case storage::StorageError::corrupt: return SmsError::corrupt;
    default: return SmsError::storage_unavailable;
  }
}

}  // namespace sotto::gateway
