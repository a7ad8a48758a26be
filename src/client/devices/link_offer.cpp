#include "client/devices/link_offer.h"

#include "client/contacts/manifests.h"
#include "client/devices/device_name.h"
#include "client/devices/link_attempts.h"
#include "client/devices/own_devices.h"
#include "identity/author.h"
#include "linking/limits.h"
#include "linking/link_qr.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Attempt = v1::SyncEvent::LinkAttempt;
using linking::LinkingError;

constexpr std::string_view kNobody = "nobody answered to the code in time; ask for a new one";
constexpr std::string_view kGone = "the other device is gone; ask for a new code";
constexpr std::string_view kFull = "the account has as many devices as it may; remove one first";

RequestKey open_key() { return {RequestKind::linking, {static_cast<std::uint8_t>(LinkStep::open)}}; }

linking::LinkingResult<OfferRun> make_offer(Work& work, OfferKind kind) {
  const linking::TrustedParty party{work.self.account_id(), work.self.account->key.public_key().fingerprint(),
                                    work.self.device.key.public_key().fingerprint()};
  const auto attempts = load_attempts(work.db);
  const auto run = [&](linking::TrustedOffer offer) {
    return OfferRun{.state = std::move(offer),
                    .name = work.random.array<16>(),
                    .by_password = kind == OfferKind::code,
                    .code = {},
                    .qr = {},
                    .shown = work.now,
                    .deadline = Deadline(work.now, linking::kCodeLifetime),
                    .attempt = work.random.array<16>(),
                    .begun = work.now,
                    .address = {},
                    .device_name = {},
                    .device = {}};
  };
  if (kind == OfferKind::code) {
    const auto code = linking::LinkCode::generate(work.random);
    SOTTO_TRY(auto offer, linking::TrustedOffer::with_code(party, code, attempts, work.now));
    OfferRun made = run(std::move(offer));
    made.code = code.text();
    return made;
  }
  const linking::LinkQr qr{party.account, party.account_key, party.device_key,
                           crypto::random_secret<linking::QrSecret>(work.random)};
  SOTTO_TRY(auto offer, linking::TrustedOffer::with_qr(qr, attempts, work.now));
  OfferRun made = run(std::move(offer));
  made.name = linking::offer_name(qr);
  made.qr = linking::qr_text(qr);
  return made;
}

/// The run is over and its secrets are gone.
void fail(Work& work, std::string_view failure) {
  const OfferRun run = *std::exchange(work.run.linking.offer, std::nullopt);
  if (run.opened) abort_link(work, run.name);
  // Before its hello nobody has tried anything.
  if (!std::holds_alternative<linking::TrustedOffer>(run.state)) tell_devices(work, run, Attempt::FAILED);
  announce_link_failure(work, failure);
}

void on_hello(Work& work, const linking::LinkHello& hello) {
  OfferRun& run = *work.run.linking.offer;
  auto answered = std::get<linking::TrustedOffer>(std::move(run.state)).answer(hello, work.now, work.random);
  if (!answered) return fail(work, linking::describe(answered.error()));
  // Stored with this input, and only then does the reply leave (linking/trusted_device.h).
  save_attempts(work, answered->attempts());
  run.begun = work.now;
  send_link_message(work, run.name, answered->reply());
  run.state = *std::move(answered);
  tell_devices(work, run, Attempt::BEGUN);
}

void on_confirm(Work& work, const linking::LinkConfirm& confirm) {
  OfferRun& run = *work.run.linking.offer;
  auto confirmed = std::get<linking::TrustedAnswered>(std::move(run.state)).confirm(confirm, work.now);
  if (!confirmed) {
    return fail(work, linking::describe(confirmed.error()));
  }
  save_attempts(work, confirmed->attempts());
  send_link_message(work, run.name, confirmed->accept());
  run.device_name = confirmed->device().name;
  run.device = confirmed->device().id;
  run.deadline = Deadline(work.now, linking::kGrantWait);
  run.state = *std::move(confirmed);
  auto& progress = announce_link(work, v1::LinkProgress::CONFIRMED);
  progress.set_name(run.device_name);
  progress.set_address(run.address);
  tell_devices(work, run, Attempt::CONFIRMED);
}

void on_message(Work& work, ByteView octets) {
  const OfferRun& run = *work.run.linking.offer;
  const auto message = linking::decode_link_message(octets);
  if (!message) return fail(work, linking::describe(message.error()));
  const auto* hello = std::get_if<linking::LinkHello>(&*message);
  const auto* confirm = std::get_if<linking::LinkConfirm>(&*message);
  if (hello != nullptr && std::holds_alternative<linking::TrustedOffer>(run.state)) {
    return on_hello(work, *hello);
  }
  if (confirm != nullptr && std::holds_alternative<linking::TrustedAnswered>(run.state)) {
    return on_confirm(work, *confirm);
  }
  const bool aborted = std::holds_alternative<linking::LinkAbort>(*message);
  fail(work, linking::describe(aborted ? LinkingError::not_confirmed : LinkingError::malformed));
}

bool newest_known(Work& work) {
  store::Rows rows = work.db.query("SELECT stale FROM manifest WHERE account = ?1", work.self.account_id());
  return rows.next() && !rows.flag(0);
}

/// The list with the new device is published, and this device is its author.
void grant(Work& work, const identity::VerifiedManifest& own) {
  OfferRun run = *std::exchange(work.run.linking.offer, std::nullopt);
  auto& confirmed = std::get<linking::TrustedConfirmed>(run.state);
  const auto sealed = std::move(confirmed).grant(
      {*work.self.account, work.self.device, *work.self.sync_key, work.self.handle, own.signed_manifest()},
      work.now, work.random);
  if (!sealed) {
    work.run.linking.offer = std::move(run);
    return fail(work, linking::describe(sealed.error()));
  }
  send_link_message(work, run.name, *sealed);
  v1::ClientFrame close;
  close.mutable_close_link()->set_link(wire::field(run.name));
  work.link.notify(work.effects, close);
  auto& progress = announce_link(work, v1::LinkProgress::LINKED);
  progress.set_name(run.device_name);
  progress.set_address(run.address);
  tell_devices(work, run, Attempt::LINKED);
}

/// Lists the confirmed device, under a manifest of this device's own: the grant's author has to be the
/// list's.
void list_device(Work& work, const identity::VerifiedManifest& own, const linking::LinkedDevice& device) {
  auto draft = identity::draft_successor(own, work.self.device.id, work.now);
  if (own.find(device.id) == nullptr) {
    const auto added = identity::add_device(
        draft, {.id = device.id,
                .key = device.key,
                .sealed_name = seal_device_name(device.name, *work.self.sync_key, work.random)});
    if (!added) {
      const bool full = added.error() == identity::IdentityError::too_many_devices;
      return fail(work, full ? kFull : describe(LinkError::device_listed));
    }
  }
  publish(work, draft);
}

void continue_confirmed(Work& work, const linking::LinkedDevice& device) {
  if (pending_manifest(work.db) || !newest_known(work)) return;
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->find(work.self.device.id) == nullptr) return;
  const auto* listed = own->find(device.id);
  if (listed != nullptr && listed->key != device.key) return fail(work, describe(LinkError::device_listed));
  if (listed != nullptr && own->manifest().author == work.self.device.id) return grant(work, *own);
  list_device(work, *own, device);
}

}  // namespace

Result<void, LinkError> offer_link(Work& work, OfferKind kind) {
  if (!work.self.ready()) return err(LinkError::not_registered);
  if (!work.link.ready() || !work.self.manifest_confirmed) return err(LinkError::not_connected);
  if (work.run.linking.offer && work.run.linking.offer->joined) return err(LinkError::running);
  auto made = make_offer(work, kind);
  if (!made) {
    announce_link(work, v1::LinkProgress::PAUSED)
        .set_until_ms(load_attempts(work.db).paused_until(work.now).value_or(work.now).value);
    return err(LinkError::paused);
  }
  work.run.linking.offer = *std::move(made);
  return {};
}

void withdraw_offer(Work& work) {
  if (work.run.linking.offer) fail(work, "the offer was withdrawn here");
}

void keep_offer(Work& work) {
  if (!work.run.linking.offer) return;
  OfferRun& run = *work.run.linking.offer;
  if (!run.opened && work.link.may(open_key(), work.now)) {
    v1::ClientFrame frame;
    frame.mutable_open_link()->set_link(wire::field(run.name));
    frame.mutable_open_link()->set_by_password(run.by_password);
    work.link.send(work.effects, frame, {.key = open_key()});
  }
  if (const auto* confirmed = std::get_if<linking::TrustedConfirmed>(&run.state)) {
    const linking::LinkedDevice device = confirmed->device();
    continue_confirmed(work, device);
  }
}

void on_offer_answer(Work& work, LinkStep step, const v1::ServerFrame& frame) {
  if (!work.run.linking.offer) return;
  OfferRun& run = *work.run.linking.offer;
  if (!frame.has_done()) {
    const std::string detail = frame.error().detail();
    return fail(work, detail.empty() ? "the server does not carry the link" : detail);
  }
  if (step != LinkStep::open) return;
  run.opened = true;
  if (std::exchange(run.announced, true)) return;  // after a reconnection
  auto& progress = announce_link(work, v1::LinkProgress::OFFERED);
  progress.set_code(run.code);
  progress.set_qr(run.qr);
  progress.set_until_ms((run.shown + linking::kCodeLifetime).value);
}

void on_offer_event(Work& work, const v1::LinkEvent& event) {
  if (!work.run.linking.offer || !equal(wire::octets(event.link()), work.run.linking.offer->name)) return;
  OfferRun& run = *work.run.linking.offer;
  switch (event.event_case()) {
    case v1::LinkEvent::kJoined:
      if (std::exchange(run.joined, true)) return;
      run.address = event.joined().address();
      announce_link(work, v1::LinkProgress::JOINED).set_address(run.address);
      return;
    case v1::LinkEvent::kMessage: return on_message(work, wire::octets(event.message()));
    case v1::LinkEvent::kClosed:
      run.opened = false;  // there is nothing left to close
      return fail(work, run.joined ? kGone : kNobody);
    default: return;
  }
}

void expire_offer(Work& work) {
  if (!work.run.linking.offer || !work.run.linking.offer->deadline.passed(work.now)) return;
  fail(work, work.run.linking.offer->joined ? linking::describe(LinkingError::expired) : kNobody);
}

void offer_disconnected(Work& work) {
  if (!work.run.linking.offer) return;
  OfferRun& run = *work.run.linking.offer;
  run.opened = false;
  if (run.joined) fail(work, "the connection was lost; ask for a new code");
}

}  // namespace sotto::client
