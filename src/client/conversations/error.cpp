#include "client/conversations/error.h"

namespace sotto::client {

std::string_view describe(ComposeError error) {
  switch (error) {
    case ComposeError::not_registered:
      return "this profile is not registered yet; run `sotto register` first";
    case ComposeError::bad_handle:
      return "this is not a user name; names have letters, digits, dots, - and _";
    case ComposeError::empty: return "there is no text to send";
    case ComposeError::too_long: return "the text is longer than 16 KiB; split it";
    case ComposeError::not_utf8: return "the text is not valid UTF-8";
    case ComposeError::bad_markup:
      return "the markup does not fit the text, or there are more than 200 marks; simplify it";
    case ComposeError::bad_emoji: return "a reaction is one emoji, such as \xf0\x9f\x91\x8d";
    case ComposeError::bad_lifetime: return "messages can disappear after one second to 366 days";
    case ComposeError::no_conversation:
      return "there is no conversation of this name; see `sotto conversations`";
    case ComposeError::no_message:
      return "the conversation has no such message; `sotto history USER --ids` shows their ids";
    case ComposeError::ambiguous_message:
      return "several messages have ids that begin like this; give more digits";
    case ComposeError::not_yours: return "only messages of your own can be changed or taken back";
    case ComposeError::not_text: return "only texts can be edited; take this one back and send another";
    case ComposeError::unsent: return "this message was taken back; nothing can be said about it any more";
    case ComposeError::unknown_contact:
      return "their account is not known yet; look them up first with `sotto contact show USER`";
    case ComposeError::blocked:
      return "you have blocked them; nothing is sent until you run `sotto unblock USER`";
    case ComposeError::sms_not_allowed:
      return "text messages are NOT end-to-end encrypted, and you have not allowed them for this number; "
             "`sotto sms allow NUMBER` does";
    case ComposeError::sms_guest:
      return "you brought this number into a group as a guest, and an answer to a private text would be said "
             "there; write in the group, or remove the guest with `sotto group guest remove`";
    case ComposeError::sms_text_only:
      return "a text message carries plain text and nothing else: no files, replies, reactions, changes or "
             "timers";
    case ComposeError::family_stranger:
      return "your guardian has not allowed you to write with them; `sotto family ask USER` asks for it";
    case ComposeError::family_closed:
      return "your guardian lets you write at other hours; `sotto family` shows them";
    case ComposeError::family_classifier:
      return "your guardian wants sensitive pictures blurred; the classifier that says which stays until "
             "they "
             "no longer do";
    case ComposeError::requirement_insecure:
      return "you demanded protection, and a text message has none; nothing was sent";
    case ComposeError::requirement_pq:
      return "a session with a device of theirs, or of yours, is below the post-quantum level you demanded, "
             "or does "
             "not exist yet; nothing was sent. It rises by itself as messages go both ways";
    case ComposeError::requirement_verified:
      return "you demanded a verified contact, and they are not; `sotto verify USER` first. Nothing was sent";
    case ComposeError::not_accepted:
      return "nothing is fetched from somebody you have not accepted; first: sotto requests accept USER";
    case ComposeError::not_forwardable:
      return "messages that disappear, polls, timers and what this version does not know are not passed on; "
             "say it in your "
             "own words";
    case ComposeError::file_not_ready:
      return "a file of this message is neither at the server nor on this device; fetch it first with `sotto "
             "download`, or "
             "wait until it is sent";
    case ComposeError::file_unsafe:
      return "a file of this message breaks the programs that look at it, and is not passed on; see `sotto "
             "media "
             "quarantine`";
    case ComposeError::no_request: return "they are not waiting to be accepted; see `sotto requests`";
    case ComposeError::no_links: return "there is no link in this message";
    case ComposeError::bad_contact_link: return "this is not a contact link; copy the whole of it";
    case ComposeError::not_a_person:
      return "only a person can be reported; name whoever wrote, not a group or your notes";
    case ComposeError::bad_report:
      return "a report has a reason of at most 1,000 octets and at most five messages that they wrote";
    case ComposeError::requirement_guests:
      return "you demanded protection, and guests of the group would get this in text messages, which have "
             "none; --without-guests withholds it from them. Nothing was sent";
    case ComposeError::requirement_direct:
      return "protection can be demanded of messages to others; nothing was sent";
  }
  return "unknown error";
}

}  // namespace sotto::client
