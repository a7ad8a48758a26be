#include "server/core.h"

#include <algorithm>

#include "result/check.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

/// A duration of 0..bound, from the core's randomness.
DurationMs spread(crypto::RandomSource& random, DurationMs bound) {
  const auto octets = random.array<4>();
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return {value % (bound.value + 1)};
}

// Whose a completion is.
constexpr std::uint8_t kRelaySpace = 1;
constexpr std::uint8_t kDirectorySpace = 2;
constexpr std::uint8_t kAccountsSpace = 3;
constexpr std::uint8_t kLogSpace = 4;
constexpr std::uint8_t kRecoverySpace = 5;
constexpr std::uint8_t kPasswordsSpace = 6;
constexpr std::uint8_t kNoticesSpace = 7;
constexpr std::uint8_t kBlobsSpace = 8;
constexpr std::uint8_t kReportsSpace = 9;
constexpr std::uint8_t kSmsSpace = 20;

}  // namespace

std::size_t Core::AddressHash::operator()(const DeviceAddress& address) const noexcept {
  return std::hash<AccountId>{}(address.account) * 31 + std::hash<DeviceId>{}(address.device);
}

transparency_log::LogResult<std::unique_ptr<Core>> Core::open(CoreOptions options, const ServerKeys& keys,
                                                              storage::Store& store,
                                                              crypto::RandomSource& random,
                                                              log::Logger& logger, Effects& effects,
                                                              UnixMs now) {
  OpenLog opened{std::make_unique<storage::TicketSpace>(store, kLogSpace), nullptr};
  SOTTO_TRY(opened.log,
            transparency_log::Log::open(*opened.store, keys.identity, keys.vrf, random, options.log, now));
  return std::unique_ptr<Core>(
      new Core(std::move(options), std::move(opened), store, random, logger, effects));
}

Core::Core(CoreOptions options, OpenLog log, storage::Store& store, crypto::RandomSource& random,
           log::Logger& logger, Effects& effects)
    : options_(std::move(options)),
      random_(random),
      logger_(logger),
      effects_(effects),
      relay_store_(store, kRelaySpace),
      directory_store_(store, kDirectorySpace),
      accounts_store_(store, kAccountsSpace),
      passwords_store_(store, kPasswordsSpace),
      notices_store_(store, kNoticesSpace),
      recovery_store_(store, kRecoverySpace),
      blobs_store_(store, kBlobsSpace),
      reports_store_(store, kReportsSpace),
      sms_store_(store, kSmsSpace),
      log_store_(std::move(log.store)),
      log_(std::move(log.log)),
      relay_(relay_store_, options_.mailboxes, *this),
      directory_(directory_store_, *log_, random, options_.lookups),
      registrar_(accounts_store_, random, options_.registration),
      handle_proofs_(random),
      passwords_(passwords_store_, random),
      notices_(notices_store_),
      recovery_slots_(recovery_store_),
      blobs_(blobs_store_, random, options_.blobs),
      reports_(reports_store_, random),
      text_messages_(sms_store_, random, options_.sms, *this),
      addresses_(options_.limits),
      devices_(kMaxDeviceAllowances, kAllowanceMemory) {}

Core::~Core() = default;

void Core::on_open(const ConnectionInfo& info, UnixMs now) {
  now_ = now;
  std::string group = address_group(info.remote_address);
  if (draining_ || !addresses_.connect(group, now)) {
    ++counts_.connections_refused;
    effects_.close(info.id, transport::CloseCode::try_again_later);
    return;
  }
  connections_.add(info, std::move(group));
  strangers_.push_back({info.id, now + kAuthenticationDeadline});
}

void Core::on_message(ConnectionId id, ByteView message, UnixMs now) {
  now_ = now;
  Connection* connection = connections_.find(id);
  if (connection == nullptr) return;
  ++counts_.frames_received;
  counts_.octets_received += message.size();
  auto* frame = google::protobuf::Arena::CreateMessage<v1::ClientFrame>(&arena_);
  const auto decoded = wire::decode(message, wire::kMaxFrameBytes, *frame);
  if (decoded && frame->request_id() != 0) {
    handle(*connection, *frame);
  } else {
    // Without a request id there is nothing that a client could match an answer to.
    refuse(*connection, 0, v1::Error::MALFORMED, "frame does not parse or has no request id");
    drop(*connection, transport::CloseCode::protocol_error);
  }
  arena_.Reset();
}

void Core::handle(Connection& connection, const v1::ClientFrame& frame) {
  const auto kind = static_cast<std::size_t>(frame.request_case());
  if (kind < counts_.requests.size()) ++counts_.requests[kind];
  if (frame.request_case() == v1::ClientFrame::REQUEST_NOT_SET) {
    return malformed(connection, frame.request_id(), "no request, or one of a newer protocol");
  }
  if (draining_ && frame.request_case() != v1::ClientFrame::kAcknowledge) {
    return refuse(connection, frame.request_id(), v1::Error::OVERLOADED, "the server is shutting down",
                  kReconnectSpread);
  }
  const bool before_ready = frame.request_case() == v1::ClientFrame::kHello ||
                            frame.request_case() == v1::ClientFrame::kAcknowledge;
  if (!log_->ready() && !before_ready) {
    return refuse(connection, frame.request_id(), transparency_log::LogError::not_ready);
  }
  if (connection.device) {
    handle_device(connection, frame);
  } else {
    handle_stranger(connection, frame);
  }
}

void Core::handle_stranger(Connection& connection, const v1::ClientFrame& frame) {
  switch (frame.request_case()) {
    case v1::ClientFrame::kHello: return hello(connection, frame);
    case v1::ClientFrame::kAuthenticate: return authenticate(connection, frame);
    case v1::ClientFrame::kRegister: return register_account(connection, frame);
    case v1::ClientFrame::kBeginSignIn: return begin_sign_in(connection, frame);
    case v1::ClientFrame::kSignIn: return sign_in(connection, frame);
    case v1::ClientFrame::kJoinLink: return join_link(connection, frame);
    case v1::ClientFrame::kFetchRecovery: return fetch_recovery(connection, frame);
    case v1::ClientFrame::kAcknowledge: return;
    default: return handle_visitor(connection, frame);
  }
}

void Core::handle_device(Connection& connection, const v1::ClientFrame& frame) {
  if (frame.request_case() == v1::ClientFrame::kAcknowledge) {
    relay_.acknowledge(*connection.device, {frame.acknowledge().sequence()});
    return;
  }
  if (!admit(connection, frame)) return;
  switch (frame.request_case()) {
    case v1::ClientFrame::kLookUp: return look_up(connection, frame, connection.device->account);
    case v1::ClientFrame::kFetchTreeHead: return fetch_tree_head(connection, frame);
    case v1::ClientFrame::kFetchConsistency: return fetch_consistency(connection, frame);
    case v1::ClientFrame::kFetchManifests:
      return fetch_manifests(connection, frame, connection.device->account);
    case v1::ClientFrame::kPublishManifest:
      return publish_manifest(connection, frame, connection.device->account);
    case v1::ClientFrame::kUploadPrekeys: return upload_prekeys(connection, frame);
    case v1::ClientFrame::kFetchBundles: return fetch_bundles(connection, frame);
    case v1::ClientFrame::kSubmit: return submit(connection, frame);
    case v1::ClientFrame::kGetAccountStatus: return account_status(connection, frame);
    case v1::ClientFrame::kManageHandle: return manage_handle(connection, frame);
    case v1::ClientFrame::kRetireAccount: return retire_account(connection, frame);
    case v1::ClientFrame::kSetPassword: return set_password(connection, frame);
    case v1::ClientFrame::kOpenLink: return open_link(connection, frame);
    case v1::ClientFrame::kSendLink: return send_link(connection, frame);
    case v1::ClientFrame::kCloseLink: return close_link(connection, frame);
    case v1::ClientFrame::kStoreRecovery: return store_recovery(connection, frame);
    case v1::ClientFrame::kFetchRecovery: return fetch_recovery(connection, frame);
    case v1::ClientFrame::kListRecovery: return list_recovery(connection, frame);
    case v1::ClientFrame::kCreateBlob: return create_blob(connection, frame);
    case v1::ClientFrame::kKeepBlob: return keep_blob(connection, frame);
    case v1::ClientFrame::kReleaseBlob: return release_blob(connection, frame);
    case v1::ClientFrame::kSendSms: return send_sms(connection, frame);
    case v1::ClientFrame::kReportAccount: return report_account(connection, frame);
    default: return malformed(connection, frame.request_id(), "not a request of an authenticated device");
  }
}

bool Core::admit(Connection& connection, const v1::ClientFrame& frame) {
  // Submissions are counted by envelope, once they are parsed.
  if (frame.request_case() != v1::ClientFrame::kSubmit) {
    auto& allowance = devices_.use(*connection.device, now_).value.requests;
    const DurationMs wait = allowance.take(options_.limits.requests_per_device, 1, now_);
    if (wait != DurationMs{}) {
      refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many requests", wait);
      return false;
    }
  }
  if (connection.requests_in_flight >= kMaxRequestsInFlight) {
    refuse(connection, frame.request_id(), v1::Error::OVERLOADED, "too many requests in flight",
           kRetryInFlight);
    return false;
  }
  return true;
}

void Core::on_close(ConnectionId id, UnixMs now) {
  now_ = now;
  if (Connection* connection = connections_.find(id)) forget(*connection);
}

void Core::on_completions(const std::vector<storage::Completion>& completions, UnixMs now) {
  now_ = now;
  for (const storage::Completion& completion : completions) {
    const storage::Completion own{own_ticket(completion.ticket), completion.result};
    switch (ticket_space(completion.ticket)) {
      case kRelaySpace: relay_.on_completion(own); break;
      case kDirectorySpace: directory_.on_completion(own); break;
      case kAccountsSpace: registrar_.on_completion(own); break;
      case kPasswordsSpace: passwords_.on_completion(own); break;
      case kNoticesSpace: notices_.on_completion(own); break;
      case kLogSpace: log_->on_completion(own, now); break;
      case kRecoverySpace: recovery_slots_.on_completion(own); break;
      case kBlobsSpace: blobs_.on_completion(own); break;
      case kReportsSpace: reports_.on_completion(own); break;
      case kSmsSpace: text_messages_.on_completion(own); break;
      default: SOTTO_CHECK(false);
    }
  }
}

bool Core::turn_end(UnixMs now) {
  now_ = now;
  if (const auto due = log_->due(); due && *due <= now) log_->tick(now);
  const bool sweeping = blobs_.turn_end(now);
  return relay_.turn_end() || sweeping;
}

void Core::tick(UnixMs now) {
  now_ = now;
  log_->tick(now);
  directory_.tick(now);
  registrar_.tick(now);
  handle_proofs_.tick(now);
  passwords_.tick(now);
  for (const LinkOffer& offer : link_offers_.expire(now)) link_ended(offer);
  recovery_slots_.tick(now);
  recovery_refusals_.tick(now);
  blobs_.tick(now);
  reports_.tick(now);
  if (log_->ready()) text_messages_.tick(now);
  relay_.tick(now);
  addresses_.tick(now);
  devices_.sweep(now, kMaxSweptPerTick);
  end_silent_strangers();
}

void Core::end_silent_strangers() {
  while (!strangers_.empty() && strangers_.front().at <= now_) {
    const ConnectionId id = strangers_.front().connection;
    strangers_.pop_front();
    Connection* connection = connections_.find(id);
    if (connection == nullptr || connection->device) continue;
    // Auditors never authenticate, and stay for as long as they ask; guests wait for what people do.
    if (now_ < connection->guest_until ||
        elapsed(connection->last_admitted, now_) < kAuthenticationDeadline) {
      strangers_.push_back({id, now_ + kAuthenticationDeadline});
      continue;
    }
    ++counts_.connections_expired;
    drop(*connection, transport::CloseCode::policy_violation);
  }
}

void Core::begin_drain(UnixMs now) {
  now_ = now;
  draining_ = true;
  for (const ConnectionId id : connections_.all()) {
    goodbye(*connections_.find(id), v1::Goodbye::SHUTTING_DOWN, spread(random_, kReconnectSpread));
  }
  relay_.flush();
  log_->hurry();
}

Core::Request Core::begin(Connection& connection, const v1::ClientFrame& frame) {
  ++connection.requests_in_flight;
  ++requests_in_flight_;
  return {connection.id, frame.request_id()};
}

Connection* Core::finish(const Request& request) {
  --requests_in_flight_;
  Connection* connection = connections_.find(request.connection);
  if (connection != nullptr) --connection->requests_in_flight;
  return connection;
}

void Core::send(const Connection& connection, const v1::ServerFrame& frame) {
  const Bytes octets = wire::encode(frame);
  ++counts_.frames_sent;
  counts_.octets_sent += octets.size();
  effects_.send(connection.id, octets);
}

void Core::refuse(const Connection& connection, std::uint64_t request_id, v1::Error::Code code,
                  std::string_view detail, DurationMs retry_after, bool first_contact) {
  ++counts_.errors[static_cast<std::size_t>(code)];
  v1::ServerFrame frame;
  frame.set_request_id(request_id);
  frame.mutable_error()->set_code(noted(code));
  frame.mutable_error()->set_detail(std::string(detail));
  frame.mutable_error()->set_retry_after_ms(retry_after.value);
  frame.mutable_error()->set_first_contact(first_contact);
  send(connection, frame);
}

void Core::refuse(const Connection& connection, std::uint64_t request_id, const directory::Failure& failure) {
  const std::string_view detail = failure.detail.empty() ? describe(failure.error) : failure.detail;
  const auto code = wire_code(failure.error);
  const bool first_contact = failure.error == directory::DirectoryError::first_contact_limited;
  refuse(connection, request_id, code, detail, failure.retry_after, first_contact);
}

void Core::refuse(const Connection& connection, std::uint64_t request_id, accounts::AccountsError error) {
  refuse(connection, request_id, accounts::wire_code(error), accounts::describe(error),
         accounts::retry_after(error));
}

void Core::malformed(Connection& connection, std::uint64_t request_id, std::string_view detail) {
  mistake(connection, request_id, v1::Error::MALFORMED, detail);
}

void Core::mistake(Connection& connection, std::uint64_t request_id, v1::Error::Code code,
                   std::string_view detail) {
  refuse(connection, request_id, code, detail);
  if (++connection.mistakes >= kMaxMistakes) drop(connection, transport::CloseCode::policy_violation);
}

void Core::goodbye(const Connection& connection, v1::Goodbye::Reason reason, DurationMs reconnect_after) {
  v1::ServerFrame frame;
  frame.mutable_goodbye()->set_reason(noted(reason));
  frame.mutable_goodbye()->set_reconnect_after_ms(reconnect_after.value);
  send(connection, frame);
}

void Core::drop(Connection& connection, transport::CloseCode code) {
  const ConnectionId id = connection.id;
  forget(connection);
  effects_.close(id, code);
}

void Core::forget(Connection& connection) {
  if (const auto ended = link_offers_.close(connection.id)) link_ended(*ended, connection.id);
  addresses_.disconnect(connection.address_group, now_);
  if (connection.device) {
    relay_.detach(*connection.device);
    devices_.disconnect(*connection.device, now_);
  }
  connections_.erase(connection.id);
}

Counts Core::counts() const {
  Counts counts = counts_;
  counts.connections = connections_.size();
  counts.authenticated = connections_.authenticated();
  counts.requests_in_flight = requests_in_flight_;
  counts.remembered_addresses = addresses_.size();
  counts.remembered_devices = devices_.size();
  counts.relay = relay_.counts();
  counts.blobs = blobs_.counts();
  counts.sms = text_messages_.counts();
  counts.first_contacts_refused = directory_.first_contacts_refused();
  counts.log.epochs = log_->size();
  counts.log.waiting = log_->waiting();
  counts.log.ready = log_->ready();
  counts.log.stalled = log_->stalled().has_value();
  if (const auto head = log_->head()) counts.log.head_age = elapsed(head->head.time, now_);
  if (const auto head = log_->cosigned_head()) counts.log.cosigned_epochs = head->head.size;
  return counts;
}

}  // namespace sotto::server
