#include "client/recovery/messages.h"

#include "client/contacts/contact_records.h"
#include "client/conversations/author.h"
#include "client/recovery/alarms.h"
#include "client/recovery/shares.h"

namespace sotto::client {

OutboxItemId tell(Work& work, const identity::AccountId& account, const v1::RecoveryMessage& message) {
  v1::Content content;
  *content.mutable_recovery() = message;
  const auto contact = find_contact(work.db, account);
  if (contact && !contact->heard) content.set_sender_handle(work.self.handle);
  const auto authored = author_content(work, account, content, work.random.array<16>(), work.now);
  return queue_content(work, {.account = account}, authored);
}

void take_recovery_message(Work& work, const identity::AccountId& from, const v1::RecoveryMessage& message) {
  switch (message.step_case()) {
    case v1::RecoveryMessage::kShare: return take_share(work, from, message.share());
    case v1::RecoveryMessage::kWithdraw: return take_withdrawal(work, from, message.withdraw());
    case v1::RecoveryMessage::kVeto: return take_veto(work, from, message.veto());
    case v1::RecoveryMessage::kDrill: return answer_share_drill(work, from, message.drill());
    case v1::RecoveryMessage::kRequested: return take_alarm(work, from, message.requested());
    case v1::RecoveryMessage::kKept: return take_confirmation(work, from, message.kept());
    case v1::RecoveryMessage::STEP_NOT_SET: return;
  }
}

}  // namespace sotto::client
