#include "client/groups/telling.h"

#include "client/conversations/author.h"
#include "client/groups/histories.h"
#include "client/outbox/queue.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Operations in one message: what fits an envelope with room for the ratchets' parts.
constexpr std::size_t kMaxPage = std::size_t{40} * 1024;
/// Between two questions to one account about one group. An answer takes a moment.
constexpr DurationMs kAskInterval = seconds(20);
/// Remembered questions; over it all are forgotten, which costs one each.
constexpr std::size_t kMaxAsked = 1000;

void tell(Work& work, const Listener& listener, v1::Content& content) {
  // Members need not know each other: this is how they call themselves.
  if (listener.account != work.self.account_id()) content.set_sender_handle(work.self.handle);
  const auto authored = author_content(work, listener.account, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = listener.account, .device = listener.device, .message = {}}, authored);
}

}  // namespace

void tell_operations(Work& work, const Listener& listener, const groups::GroupId& group,
                     std::span<const groups::OperationHash> operations) {
  v1::Content page;
  std::size_t octets = 0;
  for (const auto& hash : operations) {
    const Bytes operation = operation_octets(work.db, group, hash);
    if (octets > 0 && octets + operation.size() > kMaxPage) {
      tell(work, listener, page);
      page.Clear();
      octets = 0;
    }
    page.mutable_group()->set_group(wire::field(group));
    page.mutable_group()->add_operations(wire::field(operation));
    octets += operation.size();
  }
  if (page.has_group()) tell(work, listener, page);
}

void ask_for_operations(Work& work, const Listener& listener, const groups::GroupId& group) {
  auto& asked = work.run.asked_about_groups;
  if (asked.size() >= kMaxAsked) asked.clear();
  UnixMs& last = asked[{group, listener.account}];
  if (last.value > 0 && !has_passed(kAskInterval, last, work.now)) return;
  last = work.now;
  v1::Content content;
  auto& update = *content.mutable_group();
  update.set_group(wire::field(group));
  update.set_ask(true);
  if (const auto* history = work.run.histories.find(work.db, group)) {
    for (const auto& head : history->heads()) {
      if (update.heads_size() < session::kMaxGroupHeads) update.add_heads(wire::field(head));
    }
  }
  tell(work, listener, content);
}

void answer_ask(Work& work, const identity::DeviceAddress& asker, const groups::GroupId& group,
                std::span<const groups::OperationHash> heads) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr) return;
  const bool member =
      asker.account == work.self.account_id() || history->state().roster.find(asker.account) != nullptr;
  if (member) tell_operations(work, {asker.account, asker.device}, group, history->missing_after(heads));
}

void tell_request(Work& work, const identity::AccountId& approver, const groups::GroupId& group,
                  ByteView tag) {
  v1::Content content;
  content.mutable_group()->set_group(wire::field(group));
  content.mutable_group()->set_request_tag(wire::field(tag));
  tell(work, {approver}, content);
}

}  // namespace sotto::client
