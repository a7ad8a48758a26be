#include "client/devices/linking.h"

#include "client/contacts/manifests.h"
#include "client/devices/device_name.h"
#include "client/devices/own_devices.h"
#include "client/transparency/self_audit.h"
#include "identity/armor.h"
#include "identity/author.h"

namespace sotto::client {
namespace {

using identity::kLinkGrantArmor;
using identity::kLinkRequestArmor;

struct StoredRequest {
  Bytes octets;
  identity::LinkRequestKeys keys;
};

std::optional<StoredRequest> load_request(store::Database& database) {
  store::Rows rows = database.query("SELECT request, ec_key, kem_key FROM link_request");
  if (!rows.next()) return std::nullopt;
  auto scalar = rows.secret_array<crypto::P256Scalar>(1);
  auto seed = rows.secret_array<crypto::MlKemSeed<crypto::MlKem1024>>(2);
  if (!scalar || !seed) return std::nullopt;
  auto ec = crypto::P256PrivateKey::from_scalar(*std::move(scalar));
  if (!ec) {
    database.report_damage();
    return std::nullopt;
  }
  return StoredRequest{rows.octets(0),
                       {*std::move(ec), crypto::MlKem1024DecapsulationKey::from_seed(*std::move(seed))}};
}

Result<identity::LinkRequest, LinkError> parse(std::string_view armored, Bytes& octets) {
  auto dearmored = identity::dearmor(kLinkRequestArmor, armored);
  if (!dearmored) return err(LinkError::bad_request);
  auto request = identity::parse_link_request(*dearmored);
  if (!request) return err(LinkError::bad_request);
  octets = *std::move(dearmored);
  return *std::move(request);
}

}  // namespace

std::string_view describe(LinkError error) {
  switch (error) {
    case LinkError::not_registered:
      return "this device has no account that it could share; run `sotto register`";
    case LinkError::already_linked: return "this profile already has an account; use another --profile";
    case LinkError::no_request: return "run `sotto devices request` here first, and approve that file";
    case LinkError::bad_request:
      return "the file is not a link request, or was altered on its way; make a new one";
    case LinkError::bad_grant:
      return "the file is not a link grant for this device, or was altered on its way; approve the request "
             "again";
    case LinkError::too_many_devices: return "the account has as many devices as it may; remove one first";
    case LinkError::device_listed: return "the request names a device that the account already has";
    case LinkError::publishing:
      return "another change of the device list is on its way to the server; try again";
    case LinkError::not_published: return "the server has not published the new device list yet; try again";
    case LinkError::not_author:
      return "another device changed the list in between; approve the request there";
    case LinkError::not_connected: return "this device is not connected to its server; try again";
    case LinkError::paused:
      return "three attempts failed: linking by code or QR code is paused on this device for a day; link "
             "with files "
             "(`sotto devices request`), or from another device";
    case LinkError::running: return "a device is being linked right now; wait until that has ended";
    case LinkError::bad_code: return "the code is six digits, as the other device shows them";
    case LinkError::bad_qr: return "this is not the text of a linking QR code; copy all of it";
    case LinkError::bad_handle: return "this is not a user name, an e-mail address or a telephone number";
    case LinkError::no_challenge: return "the server did not ask for a password";
  }
  return "unknown error";
}

Result<std::string, LinkError> make_request(Work& work) {
  if (work.self.stage != v1::Status::WAITING_FOR_LINK) return err(LinkError::already_linked);
  if (const auto stored = load_request(work.db)) return identity::armor(kLinkRequestArmor, stored->octets);
  const auto made =
      identity::make_link_request(work.self.device, work.self.device_name, work.now, work.random);
  work.db.run("INSERT INTO link_request (id, request, ec_key, kem_key) VALUES (1, ?1, ?2, ?3)", made.octets,
              made.keys.ec.scalar(), made.keys.kem.seed());
  return identity::armor(kLinkRequestArmor, made.octets);
}

Result<RequestSummary, LinkError> summarize_request(std::string_view armored_request) {
  Bytes octets;
  SOTTO_TRY(const auto request, parse(armored_request, octets));
  return RequestSummary{request.name, identity::link_request_fingerprint(octets)};
}

Result<void, LinkError> approve_request(Work& work, std::string_view armored_request) {
  if (!work.self.ready()) return err(LinkError::not_registered);
  Bytes octets;
  SOTTO_TRY(auto request, parse(armored_request, octets));
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own) return err(LinkError::not_registered);
  if (const auto* listed = own->find(request.device); listed != nullptr) {
    if (listed->key != request.device_key) return err(LinkError::device_listed);
    // Only the author of the newest list can grant: whoever changed it since, or left, made this one be
    // somebody else.
    if (own->manifest().author != work.self.device.id && !pending_manifest(work.db)) {
      publish(work, identity::draft_successor(*own, work.self.device.id, work.now));
    }
    return {};
  }
  if (pending_manifest(work.db)) return err(LinkError::publishing);
  auto draft = identity::draft_successor(*own, work.self.device.id, work.now);
  const auto added = identity::add_device(
      draft, {.id = request.device,
              .key = request.device_key,
              .sealed_name = seal_device_name(request.name, *work.self.sync_key, work.random)});
  if (!added) {
    return err(added.error() == identity::IdentityError::too_many_devices ? LinkError::too_many_devices
                                                                          : LinkError::device_listed);
  }
  publish(work, draft);
  return {};
}

Result<std::string, LinkError> make_grant(Work& work, std::string_view armored_request) {
  if (!work.self.ready()) return err(LinkError::not_registered);
  Bytes octets;
  SOTTO_TRY(const auto request, parse(armored_request, octets));
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->find(request.device) == nullptr) return err(LinkError::not_published);
  const auto grant =
      identity::make_link_grant(octets, *work.self.account, work.self.device, *work.self.sync_key,
                                work.self.handle, own->signed_manifest(), work.random);
  if (!grant) return err(LinkError::not_author);
  return identity::armor(kLinkGrantArmor, *grant);
}

Result<void, LinkError> adopt_account(Work& work, identity::LinkGrant grant) {
  const auto manifest = identity::VerifiedManifest::from_own_store(identity::encode(grant.manifest));
  if (!manifest) return err(LinkError::bad_grant);
  work.self.account = std::move(grant.account);
  work.self.sync_key = std::move(grant.sync_key);
  work.self.handle = grant.handle;
  work.self.stage = v1::Status::READY;
  work.self.manifest_confirmed = false;
  save_self(work.db, work.self);
  watch_own_handle(work.db, work.self.handle);
  save_manifest(work, *manifest);
  mark_stale(work.db, work.self.account_id());
  work.db.run("DELETE FROM link_request");
  return {};
}

Result<void, LinkError> join(Work& work, std::string_view armored_grant) {
  if (work.self.stage != v1::Status::WAITING_FOR_LINK) return err(LinkError::already_linked);
  const auto request = load_request(work.db);
  if (!request) return err(LinkError::no_request);
  const auto octets = identity::dearmor(kLinkGrantArmor, armored_grant);
  if (!octets) return err(LinkError::bad_grant);
  auto grant = identity::open_link_grant(*octets, request->octets, work.self.device, request->keys);
  if (!grant) return err(LinkError::bad_grant);
  return adopt_account(work, *std::move(grant));
}

}  // namespace sotto::client
