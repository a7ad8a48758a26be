#include "client/transparency/log_records.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/transparency/claims.h"
#include "client/transparency/known_log.h"
#include "client/transparency/label_pins.h"
#include "client/transparency/witnesses.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {

std::uint64_t proven_size(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query(
      "SELECT l.size FROM log_label l JOIN manifest m ON m.account = l.subject"
      " WHERE l.subject = ?1 AND m.logged = 1 AND l.refused = 0",
      account);
  return rows.next() ? rows.count(0) : 0;
}

v1::Contact::LogProof log_proof(store::Database& database, const ContactRecord& contact) {
  const auto view = load_log_view(database);
  if (view && view->forked()) return v1::Contact::FORKED;
  const auto pin = contact.account ? load_pin(database, *contact.account) : std::nullopt;
  if (!view || !pin) return v1::Contact::NOT_PROVEN;
  const auto& claims = view->open_claims();
  const bool claims_another =
      std::ranges::find(claims, *contact.account, &transparency::OpenClaim::account) != claims.end();
  if (claims_another && told_of_dispute(database, *contact.account)) return v1::Contact::DISPUTED;
  if (pin->refused) return v1::Contact::REFUSED;
  return proven_size(database, *contact.account) == 0 ? v1::Contact::NOT_PROVEN : v1::Contact::PROVEN;
}

v1::LogStatus log_status_record(store::Database& database) {
  v1::LogStatus status;
  const auto view = load_log_view(database);
  if (view) {
    status.set_log_id(to_hex(view->id()));
    status.set_open_claims(static_cast<std::uint32_t>(view->open_claims().size()));
    status.set_forked(view->forked().has_value());
  }
  if (view && view->head()) {
    status.set_size(view->head()->head.size);
    status.set_root(to_hex(view->head()->head.root));
    status.set_head_ms(view->head()->head.time.value);
  }
  store::Rows rows = database.query("SELECT audited_ms, witnesses_required, vouched_by FROM log_upkeep");
  if (!rows.next()) return status;
  status.set_self_audited_ms(rows.count(0));
  status.set_witnesses_required(static_cast<std::uint32_t>(rows.count(1)));
  status.set_witnesses(static_cast<std::uint32_t>(rows.count(2)));
  return status;
}

std::vector<v1::Witness> witness_records(store::Database& database) {
  std::vector<v1::Witness> out;
  for (const auto& witness : load_witnesses(database)) {
    auto& record = out.emplace_back();
    record.set_fingerprint(to_hex(witness.key.fingerprint().octets()));
    record.set_added_ms(witness.added.value);
  }
  return out;
}

std::optional<Bytes> fork_evidence(store::Database& database) {
  const auto view = load_log_view(database);
  if (!view || !view->forked()) return std::nullopt;
  v1::ForkEvidence evidence;
  transparency::to_wire(*view->forked(), evidence);
  return wire::encode(evidence);
}

}  // namespace sotto::client
