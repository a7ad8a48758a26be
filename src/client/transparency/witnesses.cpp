#include "client/transparency/witnesses.h"

#include <algorithm>

#include "client/transparency/lookups.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using transparency::TransparencyError;

const RequestKey kHeadKey{RequestKind::tree_head, {'w'}};
const RequestKey kPathKey{RequestKind::consistency, {'w'}};

struct Vouched {
  std::uint32_t by = 0;
  UnixMs head;      ///< time of the head
  UnixMs examined;  ///< by this device's clock
};

Vouched load_vouched(store::Database& database) {
  store::Rows rows = database.query("SELECT vouched_by, vouched_ms, vouched_seen_ms FROM log_upkeep");
  if (!rows.next()) return {};
  return {static_cast<std::uint32_t>(rows.count(0)), rows.time(1), rows.time(2)};
}

void forget_vouched(store::Database& database) {
  database.run("UPDATE log_upkeep SET vouched_by = 0, vouched_ms = 0, vouched_seen_ms = 0");
}

std::uint32_t count(store::Database& database) {
  store::Rows rows = database.query("SELECT count(*) FROM witness");
  return rows.next() ? static_cast<std::uint32_t>(rows.count(0)) : 0;
}

bool young(const transparency::TreeHead& head, UnixMs now) {
  return elapsed(head.time, now) <= transparency::kMaxHeadAge &&
         elapsed(now, head.time) <= transparency::kMaxHeadAge;
}

void miss(Work& work, std::string_view detail) {
  work.link.pause(kHeadKey, minutes(1), work.now, work.random);
  if (witnessed(work)) return;  // the one before still serves
  report_problem(work, v1::Problem::WITNESSES_MISSING,
                 std::string(detail) + "; messages wait. `sotto log witness list` shows whom you rely on");
}

void vouch(Work& work, const Request& request, const transparency::SignedTreeHead& head,
           const crypto::MerklePath& path) {
  const auto examined = work.log.change().examine(head, path);
  if (!examined) {
    if (refuse_head(work, request, examined.error())) return;
    work.link.pause(kHeadKey, minutes(1), work.now, work.random);
    report_problem(work, v1::Problem::LOG_PROOF_REFUSED,
                   "the head that witnesses signed does not belong to the log shown here: " +
                       std::string(transparency::describe(examined.error())));
    return;
  }
  std::vector<crypto::HybridPublicKey> keys;
  for (auto& witness : load_witnesses(work.db)) keys.push_back(std::move(witness.key));
  const auto by = transparency::count_cosignatures(head, keys);
  work.db.run("UPDATE log_upkeep SET vouched_by = ?1, vouched_ms = ?2, vouched_seen_ms = ?3", by ? *by : 0,
              head.head.time, work.now);
  work.link.succeeded(kHeadKey);
}

/// Enough of the witnesses signed it, not long ago.
bool acceptable(Work& work, const transparency::SignedTreeHead& head) {
  std::vector<crypto::HybridPublicKey> keys;
  for (auto& witness : load_witnesses(work.db)) keys.push_back(std::move(witness.key));
  const auto by = transparency::count_cosignatures(head, keys);
  if (!by) {
    miss(work, "a witness's signature does not hold");
  } else if (*by < witnesses_required(work.db)) {
    miss(work, "fewer witnesses vouch for the server's log than this device requires");
  } else if (!young(head.head, work.now)) {
    miss(work, "the newest head that witnesses signed is more than a day old");
  } else {
    return true;
  }
  return false;
}

}  // namespace

std::string_view describe(WitnessError error) {
  switch (error) {
    case WitnessError::bad_key: return "this is not the public key of a witness";
    case WitnessError::known: return "this witness is on the list already";
    case WitnessError::unknown: return "there is no such witness; see `sotto log witness list`";
    case WitnessError::too_many: return "the list is full: 16 witnesses; remove one first";
    case WitnessError::too_few:
      return "more witnesses would be required than are on the list; lower the number with `sotto log "
             "witness "
             "require`";
  }
  return "unknown error";
}

std::vector<Witness> load_witnesses(store::Database& database) {
  std::vector<Witness> out;
  store::Rows rows = database.query("SELECT key, added_ms FROM witness ORDER BY added_ms, fingerprint");
  while (rows.next()) {
    auto key = crypto::HybridPublicKey::decode(rows.octets(0));
    if (!key) {
      database.report_damage();
      return {};
    }
    out.push_back({*std::move(key), rows.time(1)});
  }
  return out;
}

std::uint32_t witnesses_required(store::Database& database) {
  store::Rows rows = database.query("SELECT witnesses_required FROM log_upkeep");
  return rows.next() ? static_cast<std::uint32_t>(rows.count(0)) : 0;
}

Result<crypto::Fingerprint, WitnessError> add_witness(store::Database& database, ByteView key, UnixMs now) {
  const auto decoded = crypto::HybridPublicKey::decode(key);
  if (!decoded) return err(WitnessError::bad_key);
  if (count(database) >= transparency::kMaxCosignatures) return err(WitnessError::too_many);
  const auto fingerprint = decoded->fingerprint();
  database.run("INSERT OR IGNORE INTO witness (fingerprint, key, added_ms) VALUES (?1, ?2, ?3)",
               fingerprint.octets(), key, now);
  if (database.changes() == 0) return err(WitnessError::known);
  forget_vouched(database);
  return fingerprint;
}

Result<void, WitnessError> remove_witness(store::Database& database, const crypto::Fingerprint& witness) {
  if (!database.query("SELECT 1 FROM witness WHERE fingerprint = ?1", witness.octets()).next()) {
    return err(WitnessError::unknown);
  }
  if (count(database) <= witnesses_required(database)) return err(WitnessError::too_few);
  database.run("DELETE FROM witness WHERE fingerprint = ?1", witness.octets());
  forget_vouched(database);
  return {};
}

Result<void, WitnessError> require_witnesses(store::Database& database, std::uint32_t required) {
  if (required > count(database)) return err(WitnessError::too_few);
  database.run("UPDATE log_upkeep SET witnesses_required = ?1", required);
  forget_vouched(database);
  return {};
}

bool witnessed(Work& work) {
  const std::uint32_t required = witnesses_required(work.db);
  if (required == 0) return true;
  const Vouched vouched = load_vouched(work.db);
  return vouched.by >= required && elapsed(vouched.head, work.now) <= transparency::kMaxHeadAge;
}

void keep_witnessed(Work& work) {
  const auto* view = work.log.view();
  if (witnesses_required(work.db) == 0 || view == nullptr || !view->head() || view->forked()) return;
  if (witnessed(work) && !has_passed(kProofLife, load_vouched(work.db).examined, work.now)) return;
  if (!work.link.may(kHeadKey, work.now) || work.link.busy(kPathKey)) return;
  v1::ClientFrame frame;
  frame.mutable_fetch_tree_head()->set_known_size(view->known_size());
  frame.mutable_fetch_tree_head()->set_cosigned(true);
  work.link.send(work.effects, frame, {.key = kHeadKey, .known_size = view->known_size()});
}

void on_cosigned_head(Work& work, const Request& request, const v1::TreeHeadAnswer& answer) {
  auto head = transparency::from_wire(answer.head());
  const auto path =
      transparency::path_from(wire::octets(answer.consistency()), transparency::kMaxConsistencyPath);
  if (!head || !path) return miss(work, "the server's answer about witnesses does not parse");
  if (!acceptable(work, *head)) return;
  const std::uint64_t known = work.log.view()->known_size();
  if (head->head.size >= known) {
    if (known == request.known_size) vouch(work, request, *head, *path);
    return;  // the own head moved meanwhile: asked again with this input
  }
  v1::ClientFrame frame;
  frame.mutable_fetch_consistency()->set_first_size(head->head.size);
  frame.mutable_fetch_consistency()->set_second_size(known);
  work.link.send(work.effects, frame, {.key = kPathKey, .known_size = known, .head = *std::move(head)});
}

void on_cosigned_refused(Work& work, const v1::Error& error) {
  if (error.code() == v1::Error::LOG_NOT_READY) {
    return miss(work, "the server has no head of its log that a witness signed");
  }
  work.link.pause(kHeadKey, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

void on_cosigned_path(Work& work, const Request& request, const v1::ConsistencyAnswer& answer) {
  const auto path = transparency::path_from(wire::octets(answer.path()), transparency::kMaxConsistencyPath);
  if (!path || !request.head) return miss(work, "the server's answer about witnesses does not parse");
  if (work.log.view()->known_size() == request.known_size) vouch(work, request, *request.head, *path);
}

}  // namespace sotto::client
