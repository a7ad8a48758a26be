#include "client/verification/digits.h"

#include <variant>

#include "client/contacts/contact_records.h"
#include "client/conversations/author.h"
#include "client/outbox/queue.h"
#include "client/verification/run_record.h"
#include "client/verification/state.h"
#include "sotto/v1/content.pb.h"
#include "verification/short_code.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using verification::InitiatorCommitted;
using verification::Party;
using verification::ResponderAnswered;

constexpr std::string_view kInterference =
    "what the contact revealed does not fit what it had committed to: you do not hold the same keys, or "
    "somebody "
    "interferes. Do not trust this conversation; compare fingerprints in person";
constexpr std::string_view kDiffers =
    "the digits differ: you do not hold the same keys, or somebody interferes. Do not trust this "
    "conversation; "
    "compare fingerprints in person";

Party own_party(const Work& work) {
  return {work.self.account_id(), work.self.account->key.public_key().fingerprint()};
}

/// To every device of the contact: content that only one had would look withheld to the others.
void send(Work& work, const identity::AccountId& account, const verification::VerificationMessage& message) {
  v1::Content content;
  const auto contact = find_contact(work.db, account);
  if (contact && !contact->heard) content.set_sender_handle(work.self.handle);
  const Bytes octets = verification::encode(message);
  SOTTO_CHECK(wire::decode(octets, octets.size(), *content.mutable_verification()).has_value());
  const auto authored = author_content(work, account, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = account}, authored);
}

void announce(Work& work, const ContactRecord& contact, const v1::VerificationProgress& progress) {
  auto& event = *work.effects.events.emplace_back().mutable_verification();
  event = progress;
  event.set_contact(display_name(contact));
}

void announce_stage(Work& work, const ContactRecord& contact, v1::VerificationProgress::Stage stage,
                    std::string_view digits = {}, std::string_view failure = {}) {
  v1::VerificationProgress progress;
  progress.set_stage(stage);
  progress.set_digits(std::string(digits));
  progress.set_failure(std::string(failure));
  announce(work, contact, progress);
}

void fail(Work& work, const ContactRecord& contact, RunRecord run, std::string_view why) {
  run.stage = RunStage::failed;
  run.failure = why;
  save_run(work.db, run);
  announce_stage(work, contact, v1::VerificationProgress::FAILED, {}, why);
  report_problem(work, v1::Problem::VERIFICATION_FAILED, why, display_name(contact));
}

void show(Work& work, const ContactRecord& contact, RunRecord run, const verification::DigitsShown& digits) {
  run.stage = RunStage::compare;
  run.digits = digits.text();
  save_run(work.db, run);
  announce_stage(work, contact, v1::VerificationProgress::COMPARE, run.digits);
}

/// Draws r_B, once for each wish of the user.
void answer(Work& work, const Party& party, const verification::Commit& commit) {
  const auto answered = ResponderAnswered::start(commit, own_party(work), party, work.now, work.random);
  save_run(work.db, {.account = party.account,
                     .fingerprint = party.key,
                     .stage = RunStage::answered,
                     .stored = answered.stored(),
                     .commitment = commit.commitment});
  send(work, party.account, answered.nonce());
}

void begin(Work& work, const Party& party) {
  const auto committed = InitiatorCommitted::start(own_party(work), party, work.now, work.random);
  save_run(work.db, {.account = party.account,
                     .fingerprint = party.key,
                     .stage = RunStage::committed,
                     .stored = committed.stored()});
  send(work, party.account, committed.commit());
}

void on_commit(Work& work, const ContactRecord& contact, const Party& party,
               const verification::Commit& commit) {
  const auto run = live_run(work.db, party, work.now);
  if (run && run->stage == RunStage::committed) {
    // Both began at once: who has the smaller account id goes on.
    if (party.account < work.self.account_id()) answer(work, party, commit);
    return;
  }
  if (run && run->stage != RunStage::offered) return;
  save_run(work.db, {.account = party.account,
                     .fingerprint = party.key,
                     .stage = RunStage::offered,
                     .stored = {.run = commit.run, .nonce = {}, .begun = work.now},
                     .commitment = commit.commitment});
  announce_stage(work, contact, v1::VerificationProgress::STARTED);
}

void on_nonce(Work& work, const ContactRecord& contact, const Party& party,
              const verification::ResponderNonce& nonce) {
  const auto run = load_run(work.db, party);
  if (!run || run->stage != RunStage::committed) return;
  auto committed = InitiatorCommitted::restore(run->stored, own_party(work), party);
  if (!committed.is_for(nonce)) return;
  const auto revealing = std::move(committed).receive(nonce, work.now);
  if (!revealing) return fail(work, contact, *run, describe(verify_error(revealing.error())));
  send(work, party.account, revealing->reveal);
  show(work, contact, *run, revealing->digits);
}

void on_reveal(Work& work, const ContactRecord& contact, const Party& party,
               const verification::Reveal& reveal) {
  const auto run = load_run(work.db, party);
  if (!run || run->stage != RunStage::answered || run->stored.run != reveal.run) return;
  auto answered = ResponderAnswered::restore(run->stored, *run->commitment, own_party(work), party);
  if (!answered.is_for(reveal)) {
    return fail(work, contact, *run, "another device of yours answered first; compare the digits there");
  }
  const auto digits = std::move(answered).receive(reveal, work.now);
  if (!digits) {
    const bool late = digits.error() == verification::VerificationError::expired;
    return fail(work, contact, *run, late ? describe(VerifyError::expired) : kInterference);
  }
  show(work, contact, *run, *digits);
}

}  // namespace

Result<void, VerifyError> start_comparing(Work& work, std::string_view handle) {
  SOTTO_TRY(const Known known, known_contact(work.db, work.self, handle));
  if (known.contact.changed) return err(VerifyError::key_changed);
  const auto run = live_run(work.db, known.party, work.now);
  if (run && run->stage == RunStage::offered) {
    answer(work, known.party, {run->stored.run, *run->commitment});
  } else if (!run || run->stage == RunStage::failed) {
    begin(work, known.party);
  }
  return {};
}

void take_verification(Work& work, const session::VerifiedContent& content,
                       const v1::VerificationMessage& message) {
  const auto contact = find_contact(work.db, content.author.account);
  if (!contact || !contact->pinned || contact->changed) return;
  const auto decoded = verification::decode_verification_message(wire::encode(message));
  if (!decoded) return;
  const Party party{content.author.account, *contact->pinned};
  if (const auto* commit = std::get_if<verification::Commit>(&*decoded)) {
    on_commit(work, *contact, party, *commit);
  } else if (const auto* nonce = std::get_if<verification::ResponderNonce>(&*decoded)) {
    on_nonce(work, *contact, party, *nonce);
  } else {
    on_reveal(work, *contact, party, std::get<verification::Reveal>(*decoded));
  }
}

Result<void, VerifyError> finish_comparing(Work& work, std::string_view handle, Answer answer) {
  SOTTO_TRY(const Known known, known_contact(work.db, work.self, handle));
  const auto run = load_run(work.db, known.party);
  if (!run) return err(VerifyError::no_run);
  if (run->stage != RunStage::compare) return err(VerifyError::not_shown);
  delete_run(work.db, known.party.account);
  if (is_over(*run, work.now)) return err(VerifyError::expired);
  if (answer == Answer::differs) {
    announce_stage(work, known.contact, v1::VerificationProgress::FAILED, {}, kDiffers);
    report_problem(work, v1::Problem::VERIFICATION_FAILED, kDiffers, display_name(known.contact));
    return {};
  }
  decide(work, known.contact, known.party.key, SyncEvent::ContactVerified::DIGITS);
  announce_stage(work, known.contact, v1::VerificationProgress::VERIFIED);
  return {};
}

Result<void, VerifyError> stop_comparing(Work& work, std::string_view handle) {
  SOTTO_TRY(const Known known, known_contact(work.db, work.self, handle));
  if (!load_run(work.db, known.party)) return err(VerifyError::no_run);
  delete_run(work.db, known.party.account);
  return {};
}

Result<v1::VerificationProgress, VerifyError> comparison(store::Database& database, const Self& self,
                                                         std::string_view handle, UnixMs now) {
  SOTTO_TRY(const Known known, known_contact(database, self, handle));
  const auto run = load_run(database, known.party);
  if (!run) return err(VerifyError::no_run);
  v1::VerificationProgress progress;
  progress.set_contact(display_name(known.contact));
  progress.set_stage(v1::VerificationProgress::STARTED);
  if (run->stage == RunStage::failed) {
    progress.set_stage(v1::VerificationProgress::FAILED);
    progress.set_failure(run->failure);
  } else if (is_over(*run, now)) {
    progress.set_stage(v1::VerificationProgress::FAILED);
    progress.set_failure(std::string(describe(VerifyError::expired)));
  } else if (run->stage == RunStage::compare) {
    progress.set_stage(v1::VerificationProgress::COMPARE);
    progress.set_digits(run->digits);
  }
  return progress;
}

}  // namespace sotto::client
