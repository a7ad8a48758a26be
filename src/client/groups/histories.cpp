#include "client/groups/histories.h"

namespace sotto::client {
namespace {

/// Kept in memory at once. The largest history takes some 20 MB, an ordinary one a few KB.
constexpr std::size_t kMaxLoaded = 32;

struct Stored {
  std::int64_t last = 0;
  std::vector<groups::VerifiedOperation> operations;
};

/// What came after row `after`.
Stored load(store::Database& database, const groups::GroupId& group, std::int64_t after) {
  Stored out{.last = after, .operations = {}};
  store::Rows rows = database.query(
      "SELECT id, octets FROM group_operation WHERE group_id = ?1 AND id > ?2 ORDER BY id", group, after);
  while (rows.next()) {
    const auto parsed = groups::parse_signed_operation(rows.octets(1));
    auto operation = parsed ? groups::VerifiedOperation::from_own_store(parsed->o) : err(parsed.error());
    if (!operation) {
      database.report_damage();
      return {};
    }
    out.last = rows.integer(0);
    out.operations.push_back(*std::move(operation));
  }
  return out;
}

}  // namespace

groups::History* Histories::find(store::Database& database, const groups::GroupId& group) {
  const auto known = entries_.find(group);
  Stored stored = load(database, group, known == entries_.end() ? 0 : known->second.last);
  if (known != entries_.end()) {
    for (auto& operation : stored.operations) {
      if (!known->second.history.admit(std::move(operation))) database.report_damage();
    }
    known->second.last = stored.last;
    return &known->second.history;
  }
  if (stored.operations.empty()) return nullptr;
  auto history = groups::History::restore(std::move(stored.operations));
  if (!history) {
    database.report_damage();
    return nullptr;
  }
  if (entries_.size() >= kMaxLoaded) entries_.clear();
  return &entries_.emplace(group, Entry{stored.last, *std::move(history)}).first->second.history;
}

groups::GroupResult<bool> Histories::admit(store::Database& database,
                                           const groups::SignedOperation& signed_operation,
                                           groups::VerifiedOperation operation) {
  const auto group = operation.group();
  const auto hash = operation.hash();
  groups::History* history = find(database, group);
  if (history == nullptr) {
    SOTTO_TRY(groups::History begun, groups::History::begin(std::move(operation)));
    if (entries_.size() >= kMaxLoaded) entries_.clear();
    entries_.emplace(group, Entry{0, std::move(begun)});
  } else {
    SOTTO_TRY(const bool fresh, history->admit(std::move(operation)));
    if (!fresh) return false;
  }
  database.run("INSERT INTO group_operation (group_id, hash, octets) VALUES (?1, ?2, ?3)", group, hash,
               groups::encode(signed_operation));
  entries_.at(group).last = database.last_insert_id();
  return true;
}

std::vector<groups::GroupId> known_groups(store::Database& database) {
  std::vector<groups::GroupId> out;
  store::Rows rows = database.query("SELECT DISTINCT group_id FROM group_operation");
  while (rows.next()) out.push_back(rows.array<32>(0));
  return out;
}

Bytes operation_octets(store::Database& database, const groups::GroupId& group,
                       const groups::OperationHash& hash) {
  store::Rows rows =
      database.query("SELECT octets FROM group_operation WHERE group_id = ?1 AND hash = ?2", group, hash);
  return rows.next() ? rows.octets(0) : Bytes();
}

}  // namespace sotto::client
