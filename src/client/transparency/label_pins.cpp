#include "client/transparency/label_pins.h"

namespace sotto::client {
namespace {

using transparency::LabelState;

/// The column holds both kinds: TEXT is a handle, BLOB an account, and they never meet.
template <typename Subject>
std::optional<LabelPin> load(store::Database& database, const Subject& subject) {
  store::Rows rows = database.query(
      "SELECT map_key, version, leaf, value, size, head_ms, proven_ms, refused FROM log_label"
      " WHERE subject = ?1",
      subject);
  if (!rows.next()) return std::nullopt;
  return LabelPin{.state = {rows.array<32>(0), rows.count(1), rows.array<32>(2), rows.octets(3)},
                  .size = rows.count(4),
                  .head = rows.time(5),
                  .proven = rows.time(6),
                  .refused = rows.flag(7)};
}

template <typename Subject>
std::optional<PinnedAnswer> answer(store::Database& database, const Subject& subject) {
  store::Rows rows = database.query("SELECT answer, place FROM log_label WHERE subject = ?1", subject);
  if (!rows.next()) return std::nullopt;
  return PinnedAnswer{rows.octets(0), static_cast<std::size_t>(rows.count(1))};
}

template <typename Subject>
void save(store::Database& database, const Subject& subject, const LabelPin& pin,
          const PinnedAnswer& answer) {
  const LabelState& state = pin.state;
  database.run(
      "INSERT INTO log_label (subject, map_key, version, leaf, value, size, head_ms, proven_ms, answer, "
      "place,"
      " refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (subject) DO UPDATE SET"
      " map_key = ?2, version = ?3, leaf = ?4, value = ?5, size = ?6, head_ms = ?7, proven_ms = ?8,"
      " answer = ?9, place = ?10, refused = ?11",
      subject, state.key, state.version, state.leaf, state.value, pin.size, pin.head, pin.proven,
      answer.octets, answer.place, pin.refused);
}

template <typename Subject>
void refuse(store::Database& database, const Subject& subject) {
  database.run("UPDATE log_label SET refused = 1 WHERE subject = ?1", subject);
}

constexpr std::size_t kPrefix = 2;  // "h:" or "a:"

}  // namespace

std::optional<LabelPin> load_pin(store::Database& database, std::string_view handle) {
  return load(database, handle);
}
std::optional<LabelPin> load_pin(store::Database& database, const identity::AccountId& account) {
  return load(database, account);
}

std::optional<PinnedAnswer> load_answer(store::Database& database, std::string_view handle) {
  return answer(database, handle);
}
std::optional<PinnedAnswer> load_answer(store::Database& database, const identity::AccountId& account) {
  return answer(database, account);
}

void save_pin(store::Database& database, std::string_view handle, const LabelPin& pin,
              const PinnedAnswer& answer) {
  save(database, handle, pin, answer);
}
void save_pin(store::Database& database, const identity::AccountId& account, const LabelPin& pin,
              const PinnedAnswer& answer) {
  save(database, account, pin, answer);
}

void refuse_pin(store::Database& database, std::string_view handle) { refuse(database, handle); }
void refuse_pin(store::Database& database, const identity::AccountId& account) { refuse(database, account); }

transparency::PinOf pins_of(store::Database& database) {
  return [&database](const transparency::Label& label) -> std::optional<LabelState> {
    const ByteView subject = label.octets().subspan(kPrefix);
    const auto pin =
        label.octets()[0] == 'h' ? load_pin(database, as_chars(subject)) : load(database, subject);
    return pin ? std::optional(pin->state) : std::nullopt;
  };
}

}  // namespace sotto::client
