#include "client/verification/run_record.h"

#include "clock/deadline.h"

namespace sotto::client {

std::optional<RunRecord> load_run(store::Database& database, const verification::Party& contact) {
  store::Rows rows = database.query(
      "SELECT fingerprint, stage, run, nonce, commitment, begun_ms, digits, failure FROM verification_run"
      " WHERE account = ?1",
      contact.account);
  if (!rows.next()) return std::nullopt;
  RunRecord run{.account = contact.account,
                .fingerprint = crypto::Fingerprint::from_octets(rows.array<32>(0)),
                .stage = static_cast<RunStage>(rows.integer(1)),
                .stored = {.run = rows.array<16>(2), .nonce = rows.array<32>(3), .begun = rows.time(5)},
                .digits = rows.text(6),
                .failure = rows.text(7)};
  if (!rows.is_null(4)) run.commitment = rows.array<48>(4);
  const bool theirs = run.stage == RunStage::offered || run.stage == RunStage::answered;
  if (theirs && !run.commitment) {
    database.report_damage();
    return std::nullopt;
  }
  return run.fingerprint == contact.key ? std::optional(run) : std::nullopt;
}

std::optional<RunRecord> live_run(store::Database& database, const verification::Party& contact, UnixMs now) {
  auto run = load_run(database, contact);
  return run && !is_over(*run, now) ? run : std::nullopt;
}

bool is_over(const RunRecord& run, UnixMs now) {
  return Deadline(run.stored.begun, verification::kRunLifetime).passed(now);
}

void save_run(store::Database& database, const RunRecord& run) {
  database.run(
      "INSERT OR REPLACE INTO verification_run (account, fingerprint, stage, run, nonce, commitment, "
      "begun_ms,"
      " digits, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      run.account, run.fingerprint.octets(), run.stage, run.stored.run, run.stored.nonce, run.commitment,
      run.stored.begun, std::string_view(run.digits), std::string_view(run.failure));
}

void delete_run(store::Database& database, const identity::AccountId& account) {
  database.run("DELETE FROM verification_run WHERE account = ?1", account);
}

}  // namespace sotto::client
