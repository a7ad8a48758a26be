#include "client/sync/registers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/conversations/entry.h"
#include "client/conversations/text_rules.h"
#include "client/conversations/timeline.h"
#include "client/requests/decisions.h"
#include "client/sync/own_words.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

/// One sync event and the longest text fit an envelope.
constexpr std::size_t kMaxShared = std::size_t{32} * 1024;

using Rank = std::pair<std::uint64_t, Bytes>;

Rank rank_of(const Write& write) { return {write.time_ms(), to_bytes(wire::octets(write.stamp()))}; }

std::optional<Rank> known_rank(store::Database& database, RegisterKind kind, ByteView subject) {
  store::Rows rows =
      database.query("SELECT time_ms, stamp FROM register WHERE kind = ?1 AND subject = ?2", kind, subject);
  if (!rows.next()) return std::nullopt;
  return Rank(rows.count(0), rows.octets(1));
}

bool is_sound(const Write& write) {
  const std::size_t subject = write.subject().size();
  return Write::Kind_IsValid(write.kind()) && write.kind() != Write::KIND_UNSPECIFIED &&
         (subject == identity::AccountId::kSize || subject == std::tuple_size_v<session::GroupId>) &&
         write.stamp().size() == std::tuple_size_v<session::MessageId> && write.text().size() <= kMaxText &&
         write.number() < kLatestTime && write.time_ms() < kLatestTime;
}

}  // namespace

std::uint64_t number_of(store::Database& database, RegisterKind kind, ByteView subject) {
  store::Rows rows =
      database.query("SELECT number FROM register WHERE kind = ?1 AND subject = ?2", kind, subject);
  return rows.next() ? rows.count(0) : 0;
}

std::string text_of(store::Database& database, RegisterKind kind, ByteView subject) {
  store::Rows rows =
      database.query("SELECT text FROM register WHERE kind = ?1 AND subject = ?2", kind, subject);
  return rows.next() ? rows.text(0) : std::string();
}

UnixMs written_at(store::Database& database, RegisterKind kind, ByteView subject) {
  const auto rank = known_rank(database, kind, subject);
  return rank ? UnixMs{rank->first} : UnixMs{};
}

bool apply_write(Work& work, const Write& write) {
  if (!is_sound(write)) return false;
  const ByteView subject = wire::octets(write.subject());
  const auto known = known_rank(work.db, write.kind(), subject);
  if (known && *known >= rank_of(write)) return false;
  work.db.run(
      "INSERT INTO register (kind, subject, number, text, time_ms, stamp) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
      " ON CONFLICT (kind, subject) DO UPDATE SET number = ?3, text = ?4, time_ms = ?5, stamp = ?6",
      write.kind(), subject, write.number(), std::string_view(write.text()), write.time_ms(),
      wire::octets(write.stamp()));
  return true;
}

void take_writes(Work& work, const v1::SyncEvent::Writes& writes) {
  int left = kMaxWrites;
  for (const Write& write : writes.writes()) {
    if (left-- == 0) break;
    if (apply_write(work, write)) announce_conversation(work, wire::octets(write.subject()));
  }
  // Another device may have accepted somebody.
  release_receipts(work);
}

void write_register(Work& work, RegisterKind kind, ByteView subject, std::uint64_t number,
                    std::string_view text, const std::optional<session::MessageId>& stamp) {
  v1::Content content;
  Write& write = *content.mutable_sync()->mutable_writes()->add_writes();
  write.set_kind(kind);
  write.set_subject(wire::field(subject));
  write.set_number(number);
  write.set_text(std::string(text));
  const auto known = known_rank(work.db, kind, subject);
  write.set_time_ms(std::max(work.now.value, known ? known->first + 1 : 0));
  write.set_stamp(wire::field(stamp ? *stamp : work.random.array<16>()));
  if (!apply_write(work, write)) return;
  announce_conversation(work, subject);
  tell_own_devices(work, content);
}

void share_registers(Work& work, const identity::DeviceId& device) {
  std::vector<v1::Content> contents;
  std::size_t octets = kMaxShared;
  {
    store::Rows rows = work.db.query(
        "SELECT kind, subject, number, text, time_ms, stamp FROM register ORDER BY kind, subject");
    while (rows.next()) {
      if (contents.empty() || octets >= kMaxShared ||
          contents.back().sync().writes().writes_size() == kMaxWrites) {
        contents.emplace_back();
        octets = 0;
      }
      Write& write = *contents.back().mutable_sync()->mutable_writes()->add_writes();
      write.set_kind(static_cast<RegisterKind>(rows.integer(0)));
      write.set_subject(wire::field(rows.octets(1)));
      write.set_number(rows.count(2));
      write.set_text(rows.text(3));
      write.set_time_ms(rows.count(4));
      write.set_stamp(wire::field(rows.octets(5)));
      octets += write.ByteSizeLong();
    }
  }
  for (v1::Content& content : contents) tell_own_devices(work, content, device);
}

}  // namespace sotto::client
