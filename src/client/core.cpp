#include "client/core.h"

#include <algorithm>
#include <utility>

#include "client/accounts/own_handles.h"
#include "client/accounts/retire.h"
#include "client/apps/exchange.h"
#include "client/attachments/transfers.h"
#include "client/contacts/manifests.h"
#include "client/contacts/resolve.h"
#include "client/conversations/actions.h"
#include "client/conversations/receipts.h"
#include "client/conversations/schedule.h"
#include "client/conversations/timeline.h"
#include "client/devices/device_name.h"
#include "client/devices/link_requests.h"
#include "client/devices/own_devices.h"
#include "client/events/event_log.h"
#include "client/families/enforcement.h"
#include "client/families/messages.h"
#include "client/groups/authors.h"
#include "client/groups/intake.h"
#include "client/inbox/held.h"
#include "client/inbox/receive.h"
#include "client/notices/account_notices.h"
#include "client/outbox/encrypt.h"
#include "client/outbox/fanout.h"
#include "client/outbox/queue.h"
#include "client/outbox/submit.h"
#include "client/outbox/submit_shared.h"
#include "client/prekeys/upkeep.h"
#include "client/recovery/attempt.h"
#include "client/recovery/requests.h"
#include "client/recovery/upkeep.h"
#include "client/requests/decisions.h"
#include "client/requests/reports.h"
#include "client/sessions/upkeep.h"
#include "client/sms/guest_texts.h"
#include "client/sms/texts.h"
#include "client/transparency/claims.h"
#include "client/transparency/lookups.h"
#include "client/transparency/self_audit.h"
#include "client/transparency/witnesses.h"
#include "client/verification/state.h"
#include "identity/author.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr DurationMs kHousekeepingInterval = hours(1);
/// How often to look whether a drain has fallen silent.
constexpr DurationMs kDrainPoll = seconds(1);

/// An answer to a request, or to one that failed.
void on_answer(Work& work, const Request& request, const v1::ServerFrame& frame) {
  using Body = v1::ServerFrame::BodyCase;
  switch (frame.body_case()) {
    case Body::kWelcome: return on_welcome(work, request, frame.welcome());
    case Body::kRegistered: return on_registered(work, request, frame.registered());
    case Body::kSmsSent: return on_sms_sent(work, request, frame.sms_sent());
    case Body::kAuthenticated: return on_authenticated(work, request, frame.authenticated());
    case Body::kLookupAnswer: return on_lookup(work, request, frame.lookup_answer());
    case Body::kTreeHead: return on_tree_head(work, request, frame.tree_head());
    case Body::kConsistency: return on_consistency(work, request, frame.consistency());
    case Body::kManifests:
      if (request.key.kind == RequestKind::group_authors) {
        return on_author_manifests(work, request, frame.manifests());
      }
      return on_manifests(work, request, frame.manifests());
    case Body::kManifestPublished: return on_manifest_published(work, request);
    case Body::kPrekeysUploaded: return on_prekeys_uploaded(work, request);
    case Body::kBundles: return on_bundles(work, request, frame.bundles());
    case Body::kSubmitted: return on_submitted(work, request, frame.submitted());
    case Body::kAccountStatus: return on_account_status(work, request, frame.account_status());
    case Body::kHandleManaged: return on_handle_managed(work, request, frame.handle_managed());
    case Body::kBlobCreated: return on_blob_created(work, request, frame.blob_created());
    case Body::kBlobKept: return on_blob_kept(work, request);
    case Body::kDone:
      if (request.key.kind == RequestKind::blob_release) return on_blob_released(work, request);
      if (request.key.kind == RequestKind::report) return on_report_taken(work, request);
      return on_account_retired(work, request);
    default: work.effects.disconnect = Disconnect::retry; return;
  }
}

/// What each kind of request is answered with; anything else is a server that lost count.
v1::ServerFrame::BodyCase expected_answer(RequestKind kind) {
  using Body = v1::ServerFrame::BodyCase;
  switch (kind) {
    case RequestKind::hello: return Body::kWelcome;
    case RequestKind::registration: return Body::kRegistered;
    case RequestKind::authenticate: return Body::kAuthenticated;
    case RequestKind::look_up: return Body::kLookupAnswer;
    case RequestKind::tree_head: return Body::kTreeHead;
    case RequestKind::consistency: return Body::kConsistency;
    case RequestKind::group_authors:
    case RequestKind::manifests: return Body::kManifests;
    case RequestKind::publish: return Body::kManifestPublished;
    case RequestKind::prekeys: return Body::kPrekeysUploaded;
    case RequestKind::bundles: return Body::kBundles;
    case RequestKind::submit: return Body::kSubmitted;
    case RequestKind::account_status: return Body::kAccountStatus;
    case RequestKind::handle: return Body::kHandleManaged;
    case RequestKind::retirement:
    case RequestKind::report:
    case RequestKind::blob_release: return Body::kDone;
    case RequestKind::blob: return Body::kBlobCreated;
    case RequestKind::blob_keep: return Body::kBlobKept;
    case RequestKind::sms: return Body::kSmsSent;
    case RequestKind::recovery: break;  // several; recovery/requests.h
    case RequestKind::linking: break;   // several; link_requests.h
  }
  return Body::BODY_NOT_SET;
}

void on_error(Work& work, const Request& request, const v1::Error& error) {
  switch (request.key.kind) {
    case RequestKind::hello:
    case RequestKind::registration:
    case RequestKind::authenticate: return on_sign_in_refused(work, request, error);
    case RequestKind::look_up: return on_lookup_refused(work, request, error);
    case RequestKind::tree_head:
    case RequestKind::consistency: return on_log_question_refused(work, request, error);
    case RequestKind::manifests: return on_manifests_refused(work, request, error);
    case RequestKind::group_authors: return on_author_manifests_refused(work, request, error);
    case RequestKind::publish: return on_publish_refused(work, request, error);
    case RequestKind::prekeys: return on_prekeys_refused(work, request, error);
    case RequestKind::bundles: return on_bundles_refused(work, request, error);
    case RequestKind::submit: return on_submit_refused(work, request, error);
    case RequestKind::account_status:
    case RequestKind::handle: return on_handle_change_refused(work, request, error);
    case RequestKind::retirement: return on_retirement_refused(work, request, error);
    case RequestKind::blob:
    case RequestKind::blob_keep:
    case RequestKind::blob_release: return on_blob_refused(work, request, error);
    case RequestKind::sms: return on_sms_refused(work, request, error);
    case RequestKind::report: return on_report_refused(work, request, error);
    case RequestKind::recovery: return;
    case RequestKind::linking: return;
  }
}

std::optional<UnixMs> sooner(std::optional<UnixMs> one, std::optional<UnixMs> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

void on_push(Work& work, const v1::ServerFrame& frame) {
  using Body = v1::ServerFrame::BodyCase;
  switch (frame.body_case()) {
    case Body::kDeliver: return on_deliver(work, frame.deliver());
    case Body::kManifestChanged:
      if (const auto account = identity::AccountId::from(wire::octets(frame.manifest_changed().account()))) {
        const auto known = load_manifest(work.db, *account);
        if (known && frame.manifest_changed().version() > known->version()) mark_stale(work.db, *account);
      }
      return;
    case Body::kPrekeysLow: return on_prekeys_remaining(work, frame.prekeys_low().remaining());
    case Body::kGoodbye:
      if (frame.goodbye().reason() == v1::Goodbye::REVOKED) {
        work.effects.disconnect = Disconnect::refused;
        if (is_leaving(work)) return leave(work);
        if (!work.self.ready()) return;  // it left, and the list without it was here before this
        report_problem(
            work, v1::Problem::DEVICE_REVOKED,
            "this device was removed from the account by another one; it can neither send nor receive");
        return;
      }
      if (frame.goodbye().reason() == v1::Goodbye::REPLACED) {
        // One process at a time connects a profile, over one connection (ConnectionLock).
        report_problem(
            work, v1::Problem::DEVICE_COPIED,
            "another program connected with the key of this device: unless a copy of this profile of "
            "yours is running, the key is stolen; remove this device from the account");
      }
      work.effects.disconnect = Disconnect::retry;
      return;
    case Body::kAccountNotice: return on_account_notice(work, frame.account_notice());
    case Body::kError: work.effects.disconnect = Disconnect::retry; return;
    default: return;  // a push of a later version
  }
}

}  // namespace

void report_problem(Work& work, v1::Problem::Code code, std::string_view detail, std::string_view subject) {
  auto* problem = work.effects.events.emplace_back().mutable_problem();
  problem->set_code(noted(code));
  problem->set_detail(std::string(detail));
  problem->set_subject(std::string(subject));
}

std::string_view describe(AccountError error) {
  switch (error) {
    case AccountError::already_registered:
      return "this profile already has an account; use another --profile";
    case AccountError::bad_handle:
      return "this is not a user name; names have 2 to 32 letters, digits, dots, - and _, and start with a "
             "letter "
             "or digit";
    case AccountError::bad_name: return "the device name is longer than 64 octets";
  }
  return "unknown error";
}

StoreResult<std::unique_ptr<Core>> Core::create(store::Database& database, crypto::RandomSource& random) {
  std::unique_ptr<Core> core(new Core(database, random));
  SOTTO_TRY(core->self_, load_self(database));
  return core;
}

Core::~Core() = default;

StoreResult<Effects> Core::transact(UnixMs now, const std::function<void(Work&)>& body) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) {
    forget();
    return err(transaction.error());
  }
  Effects effects;
  std::optional<UnixMs> expiry;
  if (!run_.opened) run_.opened = now;
  if (now < std::exchange(last_input_, now)) {
    link_.clock_went_back();
    next_housekeeping_ = now;
  }
  if (self_) {
    Peers peers(database_);
    Work work{database_, random_, now, *self_, link_, run_, effects, peers, log_};
    expire_messages(work);  // before anything speaks of them
    body(work);
    expire_links(work);
    pump(work);
    peers.flush(now);
    log_.flush();
    log_events(work);
    expiry = sooner(next_expiry(database_), next_due(database_));
  }
  SOTTO_CHECK_OK(commit(*transaction));
  effects.next_tick = link_.next_retry(now);
  if (expiry) effects.next_tick = std::min(*expiry, effects.next_tick.value_or(*expiry));
  if (const auto tick = next_link_tick(run_, now))
    effects.next_tick = std::min(*tick, effects.next_tick.value_or(*tick));
  const UnixMs due = link_.ready() && !link_.drained ? now + kDrainPoll : next_housekeeping_;
  if (!effects.next_tick || due < *effects.next_tick) effects.next_tick = due;
  return effects;
}

void Core::forget() {
  link_.reset();
  run_.numbered.clear();
  run_.histories.forget();
  run_.recovery = {};
  run_.prekeys_renewed = false;
  run_.asked_guardian = {};
  run_.linking = {};
  log_.forget();
  auto reloaded = load_self(database_);
  if (reloaded) self_ = *std::move(reloaded);
  database_.take_failure();
}

void Core::pump(Work& work) {
  if (work.now >= next_housekeeping_) {
    next_housekeeping_ = work.now + kHousekeepingInterval;
    expire_outbox(work);
    expire_held(work);
    expire_group_waiting(work);
    expire_held_from_child(work);
    expire_pending(work);
    expire_app_messages(work);
    expire_held_receipts(work);
    report_again(work);
    clear_old_sessions(work);
  }
  send_due(work);
  if (!link_.ready() || work.effects.disconnect != Disconnect::none) return;
  note_drained(work);
  keep_prekeys(work);
  keep_recovery(work);
  keep_offer(work);
  keep_manifest(work);
  keep_retirement(work);
  keep_family(work);
  keep_audit(work);
  fail_messages_to_the_gone(work);
  pursue_claims(work);
  keep_witnessed(work);
  look_up_handles(work);
  keep_blobs(work);
  sign_composed(work);
  send_receipts(work);
  look_up_accounts(work);
  fetch_wanted_manifests(work);
  fetch_author_manifests(work);
  fan_out(work);
  encrypt_waiting(work);
  submit_shared(work);
  submit_encrypted(work);
  submit_sms(work);
  submit_guest_texts(work);
  send_reports(work);
}

StoreResult<Result<void, AccountError>> Core::set_up_account(std::string_view handle, std::string_view invite,
                                                             std::string_view device_name,
                                                             const ServerRecord& server, UnixMs now) {
  if (self_ && self_->stage != v1::Status::UNREGISTERED)
    return Result<void, AccountError>(err(AccountError::already_registered));
  const auto normal = identity::Handle::username(handle);
  if (!normal) return Result<void, AccountError>(err(AccountError::bad_handle));
  if (device_name.size() > identity::kMaxDeviceName)
    return Result<void, AccountError>(err(AccountError::bad_name));

  SOTTO_TRY(auto transaction, store::Transaction::begin(database_));
  if (!self_) {
    auto account = identity::AccountIdentity::generate(random_);
    auto sync_key = crypto::random_secret<identity::SyncKey>(random_);
    self_ = Self{.stage = v1::Status::UNREGISTERED,
                 .handle = {},
                 .invite = {},
                 .device_name = std::string(device_name),
                 .device = identity::DeviceIdentity::generate(random_),
                 .account = std::move(account),
                 .sync_key = std::move(sync_key)};
    const auto draft =
        identity::draft_first(*self_->account,
                              {.id = self_->device.id,
                               .key = self_->device.key.public_key(),
                               .sealed_name = seal_device_name(device_name, *self_->sync_key, random_)},
                              now);
    const auto manifest =
        identity::verify_first(identity::sign_manifest(draft, *self_->account, self_->device, random_));
    SOTTO_CHECK(manifest.has_value());
    Effects effects;
    Peers peers(database_);
    Work work{database_, random_, now, *self_, link_, run_, effects, peers, log_};
    save_manifest(work, *manifest);
  }
  self_->handle = normal->text();
  self_->invite = invite;
  return finish_set_up(transaction, server);
}

StoreResult<Result<void, AccountError>> Core::set_up_device(std::string_view device_name,
                                                            const ServerRecord& server, UnixMs) {
  if (self_) {
    if (self_->stage == v1::Status::WAITING_FOR_LINK) return Result<void, AccountError>();
    return Result<void, AccountError>(err(AccountError::already_registered));
  }
  if (device_name.size() > identity::kMaxDeviceName)
    return Result<void, AccountError>(err(AccountError::bad_name));
  SOTTO_TRY(auto transaction, store::Transaction::begin(database_));
  self_ = Self{.stage = v1::Status::WAITING_FOR_LINK,
               .handle = {},
               .invite = {},
               .device_name = std::string(device_name),
               .device = identity::DeviceIdentity::generate(random_),
               .account = std::nullopt,
               .sync_key = std::nullopt};
  return finish_set_up(transaction, server);
}

StoreResult<Result<void, AccountError>> Core::finish_set_up(store::Transaction& transaction,
                                                            const ServerRecord& server) {
  save_self(database_, *self_);
  save_server(database_, server);
  SOTTO_CHECK_OK(commit(transaction));
  return Result<void, AccountError>();
}

StoreResult<void> Core::commit(store::Transaction& transaction) {
  auto committed = transaction.commit();
  if (!committed) forget();
  return committed;
}

StoreResult<Effects> Core::connected(const ConnectionInfo& info, UnixMs now) {
  return transact(now, [&](Work& work) { greet(work, info); });
}

StoreResult<Effects> Core::disconnected(std::string_view detail, UnixMs now) {
  link_.reset();
  return transact(now, [&](Work& work) {
    auto* connection = work.effects.events.emplace_back().mutable_connection();
    connection->set_state(v1::ConnectionState::OFFLINE);
    connection->set_detail(std::string(detail));
    links_disconnected(work);
  });
}

void Core::dispatch(Work& work, const v1::ServerFrame& frame) {
  if (frame.request_id() == 0) {
    if (frame.has_link_event()) return on_link_event(work, frame.link_event());
    if (link_.ready() || frame.body_case() == v1::ServerFrame::kGoodbye) on_push(work, frame);
    return;
  }
  const auto request = link_.answered(frame.request_id());
  if (!request) return;  // an answer after its request was given up
  if (request->key.kind == RequestKind::recovery) return on_recovery_answer(work, *request, frame);
  if (request->key.kind == RequestKind::linking) return on_linking_answer(work, *request, frame);
  if (frame.has_error()) {
    on_error(work, *request, frame.error());
  } else if (frame.body_case() == expected_answer(request->key.kind)) {
    on_answer(work, *request, frame);
  } else {
    work.effects.disconnect = Disconnect::retry;
  }
}

StoreResult<Effects> Core::receive(const v1::ServerFrame& frame, UnixMs now) {
  return transact(now, [&](Work& work) { dispatch(work, frame); });
}

StoreResult<Effects> Core::tick(UnixMs now) {
  return transact(now, [](Work&) {});
}

}  // namespace sotto::client
