#include "client/groups/messages.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/conversations/timeline.h"
#include "client/groups/changes.h"
#include "client/groups/clear_copies.h"
#include "client/groups/conversations.h"
#include "client/groups/delivery.h"
#include "client/groups/telling.h"
#include "client/inbox/content.h"
#include "client/outbox/queue.h"
#include "client/sms/guest_texts.h"
#include "session/shared_body.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// What a message carries itself: less than what opens a shared body would take.
constexpr std::size_t kMaxInline = 200;
/// Messages of one group that wait for its operations.
constexpr std::uint64_t kMaxHeld = 512;
constexpr std::uint64_t kMaxHeldAltogether = 4096;

/// What every message of a group is bound to.
struct Binding {
  std::vector<session::GroupHead> heads;
  session::ConversationId conversation{};
};

Binding binding_of(const groups::History& history) {
  return {history.heads(),
          session::group_conversation(history.id(), groups::hash_of(history.state().roster))};
}

/// The row of the octets that all get, or none where the message carries them.
std::optional<std::int64_t> share_body(Work& work, v1::Content& content) {
  const Bytes octets = wire::encode(content);
  if (octets.size() <= kMaxInline) return std::nullopt;
  const auto sealed = session::seal_body(octets, work.random);
  content.Clear();
  session::to_wire(sealed.ref, *content.mutable_shared());
  work.db.run("INSERT INTO outbox_body (octets) VALUES (?1)", sealed.octets);
  return work.db.last_insert_id();
}

/// Why nothing can be sent to a member now; empty: it can.
std::string_view hindrance(Work& work, const groups::Member& member) {
  const auto contact = find_contact(work.db, member.name.account);
  if (!contact) return {};
  if (contact->account_retired) return "the account was turned off";
  if (contact->changed || (contact->pinned && *contact->pinned != member.name.key)) {
    return "the account's identity key is not the one that is in the group";
  }
  return {};
}

bool is_in(const groups::Roster& roster, const session::DeviceIdentity& author) {
  const auto* member = roster.find(author.account);
  return member != nullptr && member->name.key == author.account_key;
}

void hold(Work& work, const groups::GroupId& group, const session::UnverifiedContent& content,
          ByteView shared_body) {
  store::Rows rows = work.db.query(
      "SELECT (SELECT count(*) FROM group_held WHERE group_id = ?1), (SELECT count(*) FROM group_held)",
      group);
  if (!rows.next() || rows.count(0) >= kMaxHeld || rows.count(1) >= kMaxHeldAltogether) {
    return report_problem(work, v1::Problem::CONTENT_REFUSED,
                          "too many messages wait for changes of their group; one was dropped",
                          to_hex(group));
  }
  work.db.run(
      "INSERT INTO group_held (group_id, account, device, content, shared_body, received_ms) VALUES (?1, ?2, "
      "?3,"
      " ?4, ?5, ?6)",
      group, content.author().account, content.author().device, content.encode(), shared_body, work.now);
}

}  // namespace

bool may_speak(Work& work, const groups::GroupId& group) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr || !is_member(work, *history)) return false;
  while (history->heads().size() > groups::kMaxParents) {
    if (!change_group(work, group, groups::Merge{})) return false;
    history = work.run.histories.find(work.db, group);
  }
  return true;
}

void send_to_group(Work& work, const groups::GroupId& group, GroupMessage message) {
  const auto* history = work.run.histories.find(work.db, group);
  const Binding binding = binding_of(*history);
  const UnixMs expires{message.content.expires_ms()};
  message.content.set_sender_handle(work.self.handle);
  // Guests who came since it was written are not named; who went since is named no more.
  keep_named_guests(history->state(), message.content);
  if (message.row) {
    note_clear_copies(work, *message.row, history->state(), message.content);
    queue_guest_texts(work, {*message.row, group, work.self.account_id(), message.id, message.sent});
  }
  const auto body = share_body(work, message.content);
  const auto numbered = number_content(work, group, message.content);
  const auto authored = session::sign_content(work.self.local(), binding.conversation,
                                              {.conversation = group,
                                               .message_id = message.id,
                                               .sender_seq = numbered.sequence,
                                               .sent = message.sent,
                                               .group_heads = binding.heads},
                                              numbered.octets);
  if (message.row) mark_signed(work, *message.row, authored);
  const auto queue = [&](const identity::AccountId& account) {
    queue_content(
        work, {.account = account, .device = {}, .message = message.row, .body = body, .expires = expires},
        authored);
  };
  queue(work.self.account_id());
  const auto roster = history->state().roster;
  for (const auto& member : roster.members) {
    if (member.name.account == work.self.account_id()) continue;
    const auto why_not = hindrance(work, member);
    if (message.row) expect_delivery(work, *message.row, member.name.account, why_not);
    if (why_not.empty()) queue(member.name.account);
  }
  if (message.row) settle_delivery(work, *message.row);
}

std::optional<session::VerifiedContent> verify_in_group(Work& work, session::UnverifiedContent unverified,
                                                        ByteView shared_body) {
  const auto group = std::get<session::GroupId>(unverified.claimed().conversation);
  const auto author = unverified.author();
  const auto* history = work.run.histories.find(work.db, group);
  const auto named = history == nullptr ? err(groups::GroupError::unknown_parent)
                                        : history->state_at(unverified.claimed().group_heads);
  if (!named) {
    hold(work, group, unverified, shared_body);
    ask_for_operations(work, {author.account, author.device}, group);
    return std::nullopt;
  }
  const bool counts = is_member(work, *history) && is_in(history->state().roster, author.identity());
  auto verified =
      std::move(unverified).verify(session::group_conversation(group, groups::hash_of(named->roster)));
  if (!verified || !is_in(named->roster, author.identity())) {
    report_problem(
        work, v1::Problem::CONTENT_REFUSED,
        "a message of somebody who is not in the group, or whose signature does not hold, was dropped",
        to_hex(author.device.view()));
    return std::nullopt;
  }
  // Whoever is out by now may not have known it: nothing wrong, and nothing to show.
  if (!counts) return std::nullopt;
  verified->conversation = group;  // numbers count for the group, whatever its roster
  return *std::move(verified);
}

void process_held_in_group(Work& work, const groups::GroupId& group) {
  struct Held {
    identity::DeviceAddress author;
    Bytes content;
    Bytes shared_body;
  };
  std::vector<Held> held;
  {
    store::Rows rows = work.db.query(
        "SELECT account, device, content, shared_body FROM group_held WHERE group_id = ?1 ORDER BY id",
        group);
    while (rows.next()) {
      held.push_back({{rows.id<identity::AccountId>(0), rows.id<identity::DeviceId>(1)},
                      rows.octets(2),
                      rows.octets(3)});
    }
  }
  work.db.run("DELETE FROM group_held WHERE group_id = ?1", group);
  for (const Held& each : held) {
    const auto peer = peer_device(work.db, each.author);
    if (!peer) continue;  // it left its account meanwhile
    auto content = session::UnverifiedContent::decode(each.content, *peer);
    if (!content) continue;  // of another key under the same name
    take_content(work, *std::move(content), work.peers.get(peer->identity()).security(work.now),
                 each.shared_body);
  }
}

}  // namespace sotto::client
