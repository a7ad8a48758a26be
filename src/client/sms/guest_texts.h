// Between a group and its guests: what members say goes out as text messages through the account that brought
// the guest in, and what the guest answers comes into the group as that account's word for it
// (docs/specs/groups.md 11).
#pragma once

#include <string>
#include <string_view>

#include "client/core/work.h"
#include "groups/history.h"
#include "session/content_signature.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"
#include "sotto/v1/gateway.pb.h"

namespace sotto::client {

/// One message of a group, of whoever sent it.
struct GroupEntry {
  std::int64_t row = 0;
  groups::GroupId group{};
  identity::AccountId sender;
  session::MessageId id{};
  UnixMs sent;
};
/// Queues texts to those of the message's guests whom this account brought in. Every own device does: the
/// texts have the same ids on all, and the server sends each once.
void queue_guest_texts(Work& work, const GroupEntry& entry);
/// Asks the server to send them.
void submit_guest_texts(Work& work);

/// What became of a text to a guest. False: it is none.
bool note_guest_text(Work& work, const session::MessageId& text, v1::Message::State state,
                     std::string_view failure);
/// The number that it went to, which wants no more.
void guest_wants_no_more(Work& work, const session::MessageId& text);

/// A text of a guest of this account: said in the group. False: it is nobody's who takes part in one.
bool take_guest_reply(Work& work, const std::string& number, const v1::SmsReceived& received);

/// The guest whose words another device brought, if it may. Empty: the author did not bring in that guest, it
/// is none any more, the user blocked it, or the words are here already.
std::optional<groups::Guest> speaker_of(Work& work, const session::VerifiedContent& content,
                                        const v1::GuestText& text);
/// To whom a verified message went in clear, as it says and as its author's group was.
void take_clear_copies(Work& work, std::int64_t row, const session::VerifiedContent& content,
                       const v1::Content& parsed);

}  // namespace sotto::client
