#include "client/prekeys/upkeep.h"

#include <utility>

#include "session/limits.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

const RequestKey kUploadKey{RequestKind::prekeys, {}};

std::optional<v1::UploadPrekeys> unconfirmed_upload(store::Database& database) {
  store::Rows rows = database.query("SELECT request FROM prekey_upload");
  if (!rows.next()) return std::nullopt;
  v1::UploadPrekeys upload;
  if (!wire::decode(rows.octets(0), wire::kMaxFrameBytes, upload)) {
    database.report_damage();
    return std::nullopt;
  }
  return upload;
}

/// Private halves and upload are stored together: what the server hands out can be opened here.
void make_batch(Work& work, session::PrekeyRing& ring) {
  const session::PrekeyUpload upload = ring.generate(work.self.local(), work.now, work.random);
  v1::UploadPrekeys request;
  request.set_batch(wire::field(upload.m));
  request.set_signature(wire::field(upload.signature));
  request.set_last_resort_kem(wire::field(upload.last_resort_kem));
  for (const auto& pair : upload.pairs) {
    auto* out = request.add_pairs();
    out->set_ec(wire::field(pair.ec));
    out->set_kem(wire::field(pair.kem));
  }
  work.db.run("INSERT OR REPLACE INTO prekey_upload (id, request) VALUES (1, ?1)", wire::encode(request));
  save_ring(work.db, ring);
}

}  // namespace

session::PrekeyRing load_ring(store::Database& database) {
  store::Rows rows = database.query("SELECT state FROM prekey_ring");
  if (!rows.next()) return {};
  auto ring = session::PrekeyRing::decode(rows.secret(0));
  if (ring) return *std::move(ring);
  database.report_damage();
  return {};
}

void save_ring(store::Database& database, const session::PrekeyRing& ring) {
  database.run("INSERT INTO prekey_ring (id, state) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET state = ?1",
               ring.encode());
}

void keep_prekeys(Work& work) {
  if (!work.link.may(kUploadKey, work.now)) return;
  auto upload = unconfirmed_upload(work.db);
  if (!upload) {
    session::PrekeyRing ring = load_ring(work.db);
    const bool expired = ring.expire(work.now);
    if (ring.rotation_due(work.now)) {
      make_batch(work, ring);
      upload = unconfirmed_upload(work.db);
    } else if (expired) {
      save_ring(work.db, ring);
    }
  }
  if (!upload) return;
  v1::ClientFrame frame;
  *frame.mutable_upload_prekeys() = *std::move(upload);
  work.link.send(work.effects, frame, {.key = kUploadKey});
}

void on_prekeys_remaining(Work& work, std::uint32_t remaining) {
  if (remaining >= session::kRefillBelow || unconfirmed_upload(work.db)) return;
  session::PrekeyRing ring = load_ring(work.db);
  if (ring.refill_due(remaining, work.now)) make_batch(work, ring);
}

void renew_prekeys(Work& work) {
  if (std::exchange(work.run.prekeys_renewed, true) || unconfirmed_upload(work.db)) return;
  session::PrekeyRing ring = load_ring(work.db);
  make_batch(work, ring);
}

void on_prekeys_uploaded(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  work.db.run("DELETE FROM prekey_upload");
}

void on_prekeys_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.code() == v1::Error::PREKEYS_REJECTED) {
    // This batch can never be taken, for one because it was made when the clock was wrong; the next attempt
    // makes another one.
    if (const auto upload = unconfirmed_upload(work.db)) {
      session::PrekeyRing ring = load_ring(work.db);
      ring.withdraw(session::bundle_hash(wire::octets(upload->batch())));
      save_ring(work.db, ring);
    }
    work.db.run("DELETE FROM prekey_upload");
    report_problem(work, v1::Problem::PREKEYS_REFUSED, error.detail());
  }
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

}  // namespace sotto::client
