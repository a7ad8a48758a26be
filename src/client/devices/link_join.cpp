#include "client/devices/link_join.h"

#include "client/accounts/sign_in.h"
#include "client/contacts/manifests.h"
#include "client/devices/account_chain.h"
#include "client/devices/link_attempts.h"
#include "identity/handle.h"
#include "identity/manifest.h"
#include "linking/limits.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using linking::LinkingError;

constexpr std::string_view kGone = "the other device is gone; ask it for a new code";

RequestKey key_of(LinkStep step) { return {RequestKind::linking, {static_cast<std::uint8_t>(step)}}; }

/// The server looks at its place in the link by the connection.
constexpr LinkName kUnnamed{};

/// A connection signs in once, and this one may have been used by an attempt that failed.
void use_new_connection(Work& work) {
  if (work.link.phase == Phase::greeted) work.effects.disconnect = Disconnect::retry;
}

Result<void, LinkError> may_join(Work& work) {
  if (work.self.stage != v1::Status::WAITING_FOR_LINK) return err(LinkError::already_linked);
  const auto paused = load_attempts(work.db).paused_until(work.now);
  if (!paused) return {};
  announce_link(work, v1::LinkProgress::PAUSED).set_until_ms(paused->value);
  return err(LinkError::paused);
}

/// The run is over and its secrets are gone. Another one needs a person.
void fail(Work& work, std::string_view failure) {
  const JoinRun run = *std::exchange(work.run.linking.join, std::nullopt);
  if (run.begun()) abort_link(work, kUnnamed);
  announce_link_failure(work, failure);
}

void fail(Work& work, LinkingError error) { fail(work, linking::describe(noted(error))); }

void refuse_sign_in(Work& work, const v1::Error& error) {
  const bool locked = error.code() == v1::Error::SIGN_IN_LOCKED;
  const std::string_view detail = locked ? "too many wrong passwords; signing in to this account is closed "
                                           "for a while. Link with a QR code or "
                                           "files instead, or try again later"
                                  : error.code() == v1::Error::SIGN_IN_FAILED
                                      ? "the name or the password is wrong, or the account has no password "
                                        "(`sotto password set` on one of its "
                                        "devices)"
                                      : "the server does not let this device sign in";
  work.run.linking.join.reset();
  report_problem(work, v1::Problem::SIGN_IN_REFUSED, detail, error.detail());
  work.effects.disconnect = Disconnect::refused;
}

void send_challenge_request(Work& work, const std::string& handle) {
  v1::ClientFrame frame;
  frame.mutable_begin_sign_in()->set_handle(handle);
  work.link.send(work.effects, frame, {.key = key_of(LinkStep::challenge)});
}

void send_join(Work& work, const std::optional<LinkName>& name) {
  v1::ClientFrame frame;
  auto* join = frame.mutable_join_link();
  if (name) join->set_link(wire::field(*name));
  work.link.send(work.effects, frame, {.key = key_of(LinkStep::join)});
}

void on_challenge(Work& work, const v1::SignInChallenge& challenge) {
  JoinRun& run = *work.run.linking.join;
  const auto& stretching = challenge.stretching();
  const crypto::Argon2Parameters cost{
      .memory_kib = stretching.memory_kib(), .iterations = stretching.passes(), .lanes = stretching.lanes()};
  if (challenge.salt().size() != std::tuple_size_v<crypto::Argon2Salt> || !identity::acceptable(cost)) {
    return fail(work, identity::describe(noted(identity::PasswordError::cost_refused)));
  }
  run.challenge = PasswordChallenge{.salt = to_array<16>(wire::octets(challenge.salt())),
                                    .cost = cost,
                                    .server_name = work.link.server_name};
}

void on_signed_in(Work& work, const v1::SignedIn& answer) {
  const auto account = identity::AccountId::from(wire::octets(answer.account()));
  if (!account) return fail(work, LinkingError::malformed);
  work.run.linking.join->account = account;
  announce_link(work, v1::LinkProgress::SIGNED_IN);
  send_join(work, std::nullopt);
}

/// The hello leaves: from here on the code is used up if anything fails.
void on_joined(Work& work, const v1::LinkJoined& answer) {
  JoinRun& run = *work.run.linking.join;
  const auto account = identity::AccountId::from(wire::octets(answer.account()));
  const auto* qr = std::get_if<linking::LinkQr>(&run.secret);
  const auto& expected = qr != nullptr ? std::optional(qr->account) : run.account;
  if (!account || account != expected) return fail(work, LinkingError::wrong_account);
  run.account = account;
  const auto attempts = load_attempts(work.db);
  auto started = qr != nullptr ? linking::NewDeviceStarted::with_qr(work.self.device, *qr, attempts, work.now,
                                                                    work.random)
                               : linking::NewDeviceStarted::with_code(work.self.device, *account,
                                                                      std::get<TypedCode>(run.secret).code,
                                                                      attempts, work.now, work.random);
  if (!started) return fail(work, started.error());
  send_link_message(work, kUnnamed, started->hello());
  run.deadline = Deadline(work.now, linking::kCodeLifetime);
  run.state = *std::move(started);
  announce_link(work, v1::LinkProgress::JOINED);
}

void fetch_chain(Work& work) {
  const JoinRun& run = *work.run.linking.join;
  v1::ClientFrame frame;
  frame.mutable_fetch_manifests()->set_account(wire::field(run.account->view()));
  frame.mutable_fetch_manifests()->set_from_version(run.chain ? run.chain->version() + 1 : 1);
  work.link.send(work.effects, frame, {.key = key_of(LinkStep::manifests)});
}

void on_reply(Work& work, const linking::LinkReply& reply) {
  JoinRun& run = *work.run.linking.join;
  auto replied = std::get<linking::NewDeviceStarted>(std::move(run.state)).reply(reply, work.now);
  if (!replied) return fail(work, replied.error());
  run.state = *std::move(replied);
  fetch_chain(work);
}

void ask_log(Work& work) {
  const JoinRun& run = *work.run.linking.join;
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_account(wire::field(run.account->view()));
  frame.mutable_look_up()->set_known_size(work.log.view() != nullptr ? work.log.view()->known_size() : 0);
  work.link.send(work.effects, frame, {.key = key_of(LinkStep::look_up)});
}

void on_chain(Work& work, const v1::Manifests& page) {
  JoinRun& run = *work.run.linking.join;
  if (!std::holds_alternative<linking::NewDeviceReplied>(run.state)) return;
  if (run.chain && page.manifests().empty()) return fail(work, describe(NewestManifest::behind));
  auto newest = follow_chain(*run.account, run.chain, page);
  if (!newest) {
    const std::string detail = "the server's list of the account's devices does not hold: " +
                               std::string(identity::describe(newest.error()));
    return fail(work, detail);
  }
  run.chain = *std::move(newest);
  if (page.more()) return fetch_chain(work);
  ask_log(work);
}

void on_log_answer(Work& work, const v1::LookupAnswer& answer) {
  JoinRun& run = *work.run.linking.join;
  if (!std::holds_alternative<linking::NewDeviceReplied>(run.state) || !run.chain) return;
  const auto verdict = verified_newest_manifest(work, *run.chain, answer);
  // Published since the chain was fetched; a server that has nothing newer to show fails there.
  if (verdict == NewestManifest::behind) return fetch_chain(work);
  if (verdict != NewestManifest::proven) return fail(work, describe(verdict));
  auto confirming =
      std::get<linking::NewDeviceReplied>(std::move(run.state))
          .confirm(*run.chain, work.self.device_name, load_attempts(work.db), work.now, work.random);
  if (!confirming) return fail(work, confirming.error());
  // Stored with this input, and only then does the confirmation leave (linking/new_device.h).
  save_attempts(work, confirming->attempts());
  send_link_message(work, kUnnamed, confirming->confirm());
  run.state = *std::move(confirming);
}

void on_accept(Work& work, const linking::LinkAccept& accept) {
  JoinRun& run = *work.run.linking.join;
  auto accepted = std::get<linking::NewDeviceConfirming>(std::move(run.state)).accept(accept, work.now);
  if (!accepted) return fail(work, accepted.error());
  save_attempts(work, accepted->attempts());
  run.deadline = Deadline(work.now, linking::kGrantWait);
  run.state = *std::move(accepted);
  announce_link(work, v1::LinkProgress::CONFIRMED).set_name(work.self.device_name);
}

void on_grant(Work& work, const linking::LinkSealedGrant& sealed) {
  JoinRun& run = *work.run.linking.join;
  auto grant = std::get<linking::NewDeviceAccepted>(std::move(run.state)).open(sealed, work.now);
  if (!grant) return fail(work, grant.error());
  // The chain that was verified before the confirmation must lead here; it is followed once more from its
  // beginning, as after a link file, before anything is used (docs/specs/identity.md 5).
  const bool adopted = adopt_account(work, *std::move(grant)).has_value();
  if (!adopted) return fail(work, LinkingError::bad_grant);
  work.run.linking.join.reset();
  announce_link(work, v1::LinkProgress::LINKED).set_name(work.self.device_name);
  send_authentication(work);
}

void on_message(Work& work, ByteView octets) {
  const JoinRun& run = *work.run.linking.join;
  const auto message = linking::decode_link_message(octets);
  if (!message) return fail(work, message.error());
  const auto* reply = std::get_if<linking::LinkReply>(&*message);
  const auto* accept = std::get_if<linking::LinkAccept>(&*message);
  const auto* grant = std::get_if<linking::LinkSealedGrant>(&*message);
  if (reply != nullptr && std::holds_alternative<linking::NewDeviceStarted>(run.state)) {
    return on_reply(work, *reply);
  }
  if (accept != nullptr && std::holds_alternative<linking::NewDeviceConfirming>(run.state)) {
    return on_accept(work, *accept);
  }
  if (grant != nullptr && std::holds_alternative<linking::NewDeviceAccepted>(run.state)) {
    return on_grant(work, *grant);
  }
  const bool aborted = std::holds_alternative<linking::LinkAbort>(*message);
  fail(work, aborted ? LinkingError::not_confirmed : LinkingError::malformed);
}

void refused(Work& work, LinkStep step, const v1::Error& error) {
  if (step == LinkStep::challenge || step == LinkStep::sign_in) return refuse_sign_in(work, error);
  if (error.code() == v1::Error::NO_SUCH_LINK && step == LinkStep::join) {
    return fail(
        work,
        "no device of the account shows a code now, or somebody else answered to it; ask it for a new "
        "one");
  }
  fail(work, error.detail().empty() ? std::string(kGone) : error.detail());
}

}  // namespace

Result<void, LinkError> join_by_code(Work& work, std::string_view handle, std::string_view typed_code) {
  SOTTO_CHECK_OK(may_join(work));
  const auto normal = identity::Handle::parse(handle);
  if (!normal) return err(LinkError::bad_handle);
  auto code = linking::LinkCode::parse(typed_code);
  if (!code) return err(LinkError::bad_code);
  work.run.linking.join.emplace(JoinRun{.secret = TypedCode{normal->text(), *std::move(code)},
                                        .challenge = {},
                                        .account = {},
                                        .chain = {},
                                        .state = {},
                                        .deadline = {}});
  use_new_connection(work);
  return {};
}

Result<void, LinkError> join_by_qr(Work& work, std::string_view text) {
  SOTTO_CHECK_OK(may_join(work));
  auto qr = linking::parse_link_qr(text);
  if (!qr) return err(LinkError::bad_qr);
  work.run.linking.join.emplace(JoinRun{
      .secret = *std::move(qr), .challenge = {}, .account = {}, .chain = {}, .state = {}, .deadline = {}});
  use_new_connection(work);
  return {};
}

Result<void, LinkError> sign_in_with_password(Work& work, const identity::Authenticator& authenticator) {
  if (!work.run.linking.join || !work.run.linking.join->challenge) return err(LinkError::no_challenge);
  JoinRun& run = *work.run.linking.join;
  run.challenge.reset();
  v1::ClientFrame frame;
  frame.mutable_sign_in()->set_handle(std::get<TypedCode>(run.secret).handle);
  frame.mutable_sign_in()->set_authenticator(wire::field(authenticator));
  work.link.send(work.effects, frame, {.key = key_of(LinkStep::sign_in)});
  return {};
}

void begin_to_join(Work& work) {
  if (!work.run.linking.join || work.link.phase != Phase::greeted) return;
  JoinRun& run = *work.run.linking.join;
  if (const auto* typed = std::get_if<TypedCode>(&run.secret))
    return send_challenge_request(work, typed->handle);
  send_join(work, linking::offer_name(std::get<linking::LinkQr>(run.secret)));
}

void on_join_answer(Work& work, LinkStep step, const v1::ServerFrame& frame) {
  if (!work.run.linking.join) return;
  if (frame.has_error()) return refused(work, step, frame.error());
  switch (step) {
    case LinkStep::challenge:
      if (frame.has_sign_in_challenge()) return on_challenge(work, frame.sign_in_challenge());
      break;
    case LinkStep::sign_in:
      if (frame.has_signed_in()) return on_signed_in(work, frame.signed_in());
      break;
    case LinkStep::join:
      if (frame.has_link_joined()) return on_joined(work, frame.link_joined());
      break;
    case LinkStep::manifests:
      if (frame.has_manifests()) return on_chain(work, frame.manifests());
      break;
    case LinkStep::look_up:
      if (frame.has_lookup_answer()) return on_log_answer(work, frame.lookup_answer());
      break;
    case LinkStep::message:
      if (frame.has_done()) return;
      break;
    case LinkStep::set_password:
    case LinkStep::open: return;
  }
  work.effects.disconnect = Disconnect::retry;
}

void on_join_event(Work& work, const v1::LinkEvent& event) {
  if (!work.run.linking.join || !work.run.linking.join->begun()) return;
  if (event.has_message()) return on_message(work, wire::octets(event.message()));
  if (event.has_closed()) fail(work, kGone);
}

void expire_join(Work& work) {
  const auto& run = work.run.linking.join;
  if (run && run->deadline && run->deadline->passed(work.now)) fail(work, LinkingError::expired);
}

void join_disconnected(Work& work) {
  if (!work.run.linking.join) return;
  JoinRun& run = *work.run.linking.join;
  run.challenge.reset();
  // Before the hello nothing is used up: the next connection begins again.
  if (run.begun()) fail(work, "the connection was lost; ask the other device for a new code");
}

}  // namespace sotto::client
