#include "client/groups/authors.h"

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/groups/intake.h"
#include "identity/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using identity::VerifiedManifest;

RequestKey authors_key(const identity::AccountId& account) {
  return {RequestKind::group_authors, to_bytes(account.view())};
}

std::optional<VerifiedManifest> from_store(store::Database& database, store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  auto manifest = VerifiedManifest::from_own_store(rows.octets(0));
  if (manifest) return *std::move(manifest);
  database.report_damage();
  return std::nullopt;
}

/// The end of the chain from version 1 that is here.
std::optional<VerifiedManifest> chain_end(store::Database& database, const identity::AccountId& account) {
  return from_store(
      database,
      database.query("SELECT octets FROM group_author WHERE account = ?1 ORDER BY version DESC LIMIT 1",
                     account));
}

void refuse(Work& work, const Request& request, std::string_view detail) {
  work.link.pause(request.key, minutes(1), work.now, work.random);
  report_problem(work, v1::Problem::MANIFEST_REFUSED, detail, to_hex(request.account.view()));
}

/// Versions that are not here and that an operation names.
std::map<identity::AccountId, std::uint64_t> wanted(store::Database& database) {
  std::map<identity::AccountId, std::uint64_t> named;
  {
    store::Rows rows = database.query(
        "SELECT author, max(manifest_version) FROM group_waiting WHERE verified = 0 GROUP BY author");
    while (rows.next()) named.emplace(rows.id<identity::AccountId>(0), rows.count(1));
  }
  return named;
}

}  // namespace

std::optional<VerifiedManifest> author_manifest(store::Database& database, const identity::AccountId& account,
                                                std::uint64_t version) {
  auto newest = load_manifest(database, account);
  if (newest && newest->version() == version) return newest;
  return from_store(
      database, database.query("SELECT octets FROM group_author WHERE account = ?1 AND version = ?2", account,
                               version));
}

void fetch_author_manifests(Work& work) {
  for (const auto& [account, version] : wanted(work.db)) {
    const auto key = authors_key(account);
    if (!work.link.may(key, work.now)) continue;
    const auto end = chain_end(work.db, account);
    v1::ClientFrame frame;
    frame.mutable_fetch_manifests()->set_account(wire::field(account.view()));
    frame.mutable_fetch_manifests()->set_from_version(end ? end->version() + 1 : 1);
    work.link.send(work.effects, frame, {.key = key, .account = account});
  }
}

void on_author_manifests(Work& work, const Request& request, const v1::Manifests& answer) {
  auto end = chain_end(work.db, request.account);
  const std::uint64_t known = end ? end->version() : 0;
  for (const auto& link : answer.manifests()) {
    auto parsed = identity::from_wire(link);
    auto verified = !parsed ? err(parsed.error())
                    : end   ? identity::verify_successor(*end, *std::move(parsed))
                            : identity::verify_first(*std::move(parsed));
    if (!verified) return refuse(work, request, identity::describe(verified.error()));
    if (verified->account() != request.account) {
      return refuse(work, request, "the server sent the device list of another account");
    }
    work.db.run("INSERT INTO group_author (account, version, octets) VALUES (?1, ?2, ?3)", request.account,
                verified->version(), verified->store_form());
    end = *std::move(verified);
  }
  // A version that nobody has: the server holds it back, or it was made up. Asked for less and less often.
  if (!end || end->version() == known) {
    work.link.pause(request.key, {}, work.now, work.random);
  } else {
    work.link.succeeded(request.key);
  }
  settle_waiting_of(work, request.account);
}

void on_author_manifests_refused(Work& work, const Request& request, const v1::Error& error) {
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

}  // namespace sotto::client
