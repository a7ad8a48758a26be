#include "person.h"

#include <gtest/gtest.h>

#include "client/contacts/contact_records.h"
#include "client/conversations/records.h"
#include "client/store/schema.h"
#include "crypto/hash.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::hostile {
namespace {

constexpr std::uint32_t kWholeHistory = 10'000;

std::unique_ptr<client::store::Database> new_database() {
  auto database = client::store::Database::in_memory();
  EXPECT_TRUE(client::store::migrate(*database));
  return database;
}

/// The first `columns` columns of all rows, each with its length.
void append(Bytes& octets, client::store::Rows rows, int columns) {
  while (rows.next()) {
    for (int i = 0; i < columns; ++i) {
      const Bytes value = rows.octets(i);
      for (int shift = 24; shift >= 0; shift -= 8) {
        octets.push_back(static_cast<std::uint8_t>(value.size() >> static_cast<unsigned>(shift)));
      }
      octets.insert(octets.end(), value.begin(), value.end());
    }
  }
}

}  // namespace

Person::Person(std::string name, std::uint64_t seed, std::unique_ptr<client::store::Database> database)
    : name_(std::move(name)),
      random_(seed),
      database_(database ? std::move(database) : new_database()),
      core_(client::Core::create(*database_, random_).value()) {}

void Person::restart() {
  core_.reset();
  core_ = client::Core::create(*database_, random_).value();
}

void Person::restart_from(ByteView snapshot) {
  core_.reset();
  database_ = client::store::Database::restore(snapshot);
  core_ = client::Core::create(*database_, random_).value();
}

std::vector<std::string> Person::texts(std::string_view with) const {
  std::vector<std::string> out;
  const auto conversation = client::find_conversation(*database_, self(), with);
  if (!conversation) return out;
  for (const auto& each : client::history(*database_, self(), conversation->id, kWholeHistory, {})) {
    if (!each.has_system()) out.push_back(each.body());
  }
  return out;
}

std::optional<v1::Message> Person::message(std::string_view with, std::string_view body) const {
  const auto conversation = client::find_conversation(*database_, self(), with);
  if (!conversation) return std::nullopt;
  for (const auto& each : client::history(*database_, self(), conversation->id, kWholeHistory, {})) {
    if (!each.has_system() && each.body() == body) return each;
  }
  return std::nullopt;
}

v1::Message::State Person::state_of(std::string_view with, std::string_view body) const {
  const auto found = message(with, body);
  return found ? found->state() : v1::Message::STATE_UNSPECIFIED;
}

bool Person::told(v1::Problem::Code code, std::string_view detail) const {
  return std::ranges::any_of(events, [&](const v1::Event& event) {
    return event.has_problem() && event.problem().code() == code &&
           (detail.empty() || event.problem().detail() == detail);
  });
}

std::vector<std::string> Person::take_problems() {
  std::vector<std::string> out;
  for (const v1::Event& event : events) {
    if (event.has_problem()) {
      out.push_back(v1::Problem::Code_Name(event.problem().code()) + " " + event.problem().detail());
    }
  }
  std::erase_if(events, [](const v1::Event& event) { return event.has_problem(); });
  return out;
}

Bytes Person::record_digest() const {
  Bytes octets;
  append(octets, database_->query("SELECT account, version, octets, stale FROM manifest"), 4);
  append(octets,
         database_->query("SELECT handle, account, claimed_handle, identity_fingerprint, changed_fingerprint"
                          " FROM contact ORDER BY id"),
         5);
  append(octets,
         database_->query("SELECT conversation_id, sender, seen, last_content_hash FROM sender_progress"), 4);
  append(octets, database_->query("SELECT msg_id, sender_device, body, state FROM message ORDER BY id"), 4);
  append(octets, database_->query("SELECT message, account, device FROM delivery"), 3);
  append(octets, database_->query("SELECT account, payload FROM held_envelope ORDER BY id"), 2);
  return to_bytes(crypto::sha256(octets));
}

Bytes Person::session_digest() const {
  Bytes octets;
  // Key 'p' of a peer is its summary: counters of reported errors move in it.
  append(octets, database_->query("SELECT account, device, key, value FROM peer_record WHERE key <> x'70'"),
         4);
  append(octets, database_->query("SELECT session, account, device FROM peer_session ORDER BY session"), 3);
  return to_bytes(crypto::sha256(octets));
}

Bytes Person::prekey_digest() const {
  Bytes octets;
  append(octets, database_->query("SELECT state FROM prekey_ring"), 1);
  return to_bytes(crypto::sha256(octets));
}

}  // namespace sotto::hostile
