// Why something was not said.
#pragma once

#include <cstdint>
#include <string_view>

namespace sotto::client {

enum class ComposeError : std::uint8_t {
  not_registered,
  bad_handle,
  empty,
  too_long,
  not_utf8,
  bad_markup,            ///< spans outside the text, or too many
  bad_emoji,             ///< a reaction that is not one emoji
  bad_lifetime,          ///< a message that would disappear at once, or after more than a year
  no_conversation,       ///< nothing was ever said there
  no_message,            ///< no message of the conversation has an id that begins like this
  ambiguous_message,     ///< several have
  not_yours,             ///< somebody else's cannot be edited or unsent
  not_text,              ///< only texts can be edited
  unsent,                ///< nothing can be said about it any more
  unknown_contact,       ///< their account is still to be learned
  blocked,               ///< by the user
  sms_not_allowed,       ///< the user has not said that texts, which are not encrypted, may go to this number
  sms_guest,             ///< the number is a guest of a group through this account: an answer would go there
  sms_text_only,         ///< a text message is plain text and nothing else
  family_stranger,       ///< the guardian does not let the child write with them
  family_closed,         ///< the guardian does not let the child write at this hour
  family_classifier,     ///< the guardian wants that the classifier decides about pictures
  requirement_insecure,  ///< demanded of a message that would not be encrypted at all
  requirement_pq,        ///< a session's post-quantum level is lower than demanded, or there is none
  requirement_verified,  ///< the contact is not verified, as was demanded
  not_accepted,          ///< it came with a request
  not_forwardable,       ///< it disappears, or counts where it was said alone
  file_not_ready,        ///< it is neither here nor at the server
  file_unsafe,           ///< it breaks decoders
  no_request,            ///< the user decided about them already
  no_links,              ///< the message has none
  bad_contact_link,      ///< not the text of a contact link
  not_a_person,          ///< only somebody can be reported
  bad_report,            ///< its reason is too long, or its messages are too many or not theirs
  requirement_guests,    ///< guests of the group would get it in clear
  requirement_direct,    ///< demands can be made of messages to others
};
std::string_view describe(ComposeError error);

}  // namespace sotto::client
