// The server without sockets, disks, clocks and threads: relay, directory, accounts and the transparency log
// behind one protocol (docs/specs/stream.md). Deterministic: the same events with the same times and random
// octets have the same effects, so that a simulator runs it as the real shell does.
//
// The owner hands in every event of connections and store, calls turn_end() after each batch of events and
// when due() says so, and tick() about once a second. All from one thread.
#pragma once

#include <google/protobuf/arena.h>

#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "accounts/daily_counts.h"
#include "accounts/handle_proofs.h"
#include "accounts/notices.h"
#include "accounts/passwords.h"
#include "accounts/recovery_slots.h"
#include "accounts/registrar.h"
#include "accounts/reports.h"
#include "blobs/blobs.h"
#include "crypto/random.h"
#include "directory/directory.h"
#include "gateway/text_messages.h"
#include "log/log.h"
#include "relay/relay.h"
#include "server/addresses.h"
#include "server/connections.h"
#include "server/counts.h"
#include "server/effects.h"
#include "server/limits.h"
#include "server/link_offers.h"
#include "server/recent.h"
#include "sotto/v1/stream.pb.h"
#include "storage/ticket_space.h"
#include "transparency_log/log.h"

namespace sotto::server {

/// How the server presents itself.
struct Presentation {
  std::string name;
  Bytes identity_key;  ///< the hybrid public key
  Bytes statement;     ///< exact signed octets
  Bytes statement_signature;
};

/// Who the server is, and what hides the labels of its log.
struct ServerKeys {
  crypto::HybridPrivateKey identity;
  crypto::VrfPrivateKey vrf;
};

struct CoreOptions {
  Presentation presentation;
  accounts::RegistrationPolicy registration = accounts::RegistrationPolicy::open;
  Limits limits;
  relay::Limits mailboxes;
  directory::RateLimits lookups;
  transparency_log::Options log;
  blobs::Limits blobs;
  gateway::SmsRules sms;
};

/// What an operator could hand over about an account. The rest of what is kept are public keys and their
/// signatures: manifests and prekeys.
struct AccountHoldings {
  AccountId account;
  std::optional<UnixMs> handle_given_up;  ///< the handle asked about is held for what was its account
  std::optional<UnixMs> retired;          ///< the account was turned off
  v1::AccountStatus status;
  std::uint64_t manifest_version = 0;
  std::vector<std::uint32_t> prekeys;  ///< one-time pairs left, in the order of status.mailboxes()
  accounts::Passwords::Holdings password;
  std::vector<v1::AccountNotice> notices;
  v1::RecoverySlots recovery;  ///< sealed, without what is sealed
  blobs::Sum blobs;
  std::size_t first_contacts = 0;  ///< accounts that it began to write to in the last day, by number
};

class Core final : private relay::Output, private gateway::SmsOutput {
 public:
  /// Reads the state of the log. Everything referred to must outlive the core. Until the log is ready, which
  /// needs completions, requests are refused with LOG_NOT_READY. Errors: those of Log::open.
  static transparency_log::LogResult<std::unique_ptr<Core>> open(CoreOptions options, const ServerKeys& keys,
                                                                 storage::Store& store,
                                                                 crypto::RandomSource& random,
                                                                 log::Logger& logger, Effects& effects,
                                                                 UnixMs now);
  ~Core() override;
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void on_open(const ConnectionInfo& info, UnixMs now);
  void on_message(ConnectionId connection, ByteView message, UnixMs now);
  void on_close(ConnectionId connection, UnixMs now);
  /// A plain HTTP request for something under kBlobPath; the answer may come with completions.
  void on_blob_request(const transport::HttpRequest& request, UnixMs now, transport::HttpReply reply);
  /// Completions of commits made through the core's store, in the order the store gave them.
  void on_completions(const std::vector<storage::Completion>& completions, UnixMs now);
  /// Pushes what is due. True: call again soon, there is more than one turn may do.
  bool turn_end(UnixMs now);
  /// When turn_end() has something to do though nothing happened.
  [[nodiscard]] std::optional<UnixMs> due() const { return log_->due(); }
  void tick(UnixMs now);
  /// What became of a text that Effects was given, and what the gateway says and brings. The replies are
  /// given when what was said is durable.
  void sms_handed_over(const gateway::SmsRef& ref, gateway::HandOver result, UnixMs now);
  void sms_report(const gateway::SmsRef& ref, gateway::SmsState state, UnixMs now,
                  gateway::SmsReply<void> reply);
  void sms_received(const gateway::IncomingSms& text, UnixMs now, gateway::SmsReply<void> reply);

  /// Says goodbye to everyone and takes no further requests; acknowledgements still count. What waits for an
  /// epoch gets one at once.
  void begin_drain(UnixMs now);
  /// No answer is owed, and the log is not writing.
  [[nodiscard]] bool idle() const {
    return requests_in_flight_ == 0 && !log_->busy() && blobs_.in_flight() == 0;
  }

  /// The log is: requests are answered.
  [[nodiscard]] bool ready() const { return log_->ready(); }
  void set_presentation(Presentation presentation) { options_.presentation = std::move(presentation); }
  [[nodiscard]] Counts counts() const;
  /// For the operator: everything that is kept about an account.
  directory::DirectoryResult<AccountHoldings> holdings(const std::string& handle, UnixMs now);
  /// Gives the token of a new invite once it is durable. Pushes may follow: call turn_end().
  void create_invite(const accounts::NewInvite& invite, UnixMs now, accounts::Reply<std::string> reply);
  void revoke_invite(const std::string& token, accounts::Reply<void> reply);
  /// What users told about others, for the operator; handles of an account, empty where it has none.
  accounts::Reports& reports() { return reports_; }
  std::vector<std::string> handles_of(const AccountId& account);
  /// Looks at every blob and takes away those that nobody keeps, unless it is only to say which. Goes on in
  /// turn_end().
  void sweep_blobs(bool dry_run, blobs::Reply<blobs::SweepReport> reply) {
    blobs_.sweep(dry_run, std::move(reply));
  }

 private:
  /// The log and its view of the shared store.
  struct OpenLog {
    std::unique_ptr<storage::TicketSpace> store;
    std::unique_ptr<transparency_log::Log> log;
  };
  /// A request whose answer is owed.
  struct Request {
    ConnectionId connection;
    std::uint64_t id;
  };
  struct DeviceAllowance {
    TokenBucket envelopes;
    TokenBucket requests;
  };
  struct AddressHash {
    std::size_t operator()(const DeviceAddress& address) const noexcept;
  };
  struct Deadline {
    ConnectionId connection;
    UnixMs at;
  };

  Core(CoreOptions options, OpenLog log, storage::Store& store, crypto::RandomSource& random,
       log::Logger& logger, Effects& effects);

  // Dispatch.
  void handle(Connection& connection, const v1::ClientFrame& frame);
  void handle_stranger(Connection& connection, const v1::ClientFrame& frame);
  void handle_device(Connection& connection, const v1::ClientFrame& frame);
  bool admit(Connection& connection, const v1::ClientFrame& frame);
  void handle_visitor(Connection& connection, const v1::ClientFrame& frame);
  bool admit_visitor(Connection& connection, const v1::ClientFrame& frame);
  void end_silent_strangers();

  // Handshake.
  void hello(Connection& connection, const v1::ClientFrame& frame);
  void authenticate(Connection& connection, const v1::ClientFrame& frame);
  /// The account's manifest version. A wrong proof is no_such_device, as an unknown device is; that the
  /// account was turned off is told to its devices alone.
  directory::DirectoryResult<std::uint64_t> verify(const Connection& connection, const DeviceAddress& device,
                                                   ByteView signature);
  void welcome_device(Connection& connection, std::uint64_t request_id, const DeviceAddress& device,
                      std::uint64_t manifest_version);

  // Sign-in by password, and notices (sign_in_requests.cpp).
  void set_password(Connection& connection, const v1::ClientFrame& frame);
  void begin_sign_in(Connection& connection, const v1::ClientFrame& frame);
  void sign_in(Connection& connection, const v1::ClientFrame& frame);
  /// The handle in its normal form and whose it is. Empty: refused.
  struct SignInParty {
    std::string handle;
    std::optional<AccountId> account;
  };
  std::optional<SignInParty> sign_in_party(Connection& connection, const v1::ClientFrame& frame,
                                           const std::string& handle);
  void sign_in_refused(Connection& connection, const v1::ClientFrame& frame,
                       const std::optional<AccountId>& account, const accounts::SignInRefusal& refusal);
  void become_guest(Connection& connection, const AccountId& account);
  void push_notice(const AccountId& account, const v1::AccountNotice& notice);
  void push_notices(const Connection& connection);
  accounts::AccountsResult<void> add_sign_in(AccountHoldings& holdings);

  // Linking through the server (linking_requests.cpp).
  void open_link(Connection& connection, const v1::ClientFrame& frame);
  void join_link(Connection& connection, const v1::ClientFrame& frame);
  void send_link(Connection& connection, const v1::ClientFrame& frame);
  void close_link(Connection& connection, const v1::ClientFrame& frame);
  /// Tells both sides of a link that is over, except the one that ended it.
  void link_ended(const LinkOffer& offer, std::optional<ConnectionId> by = std::nullopt);
  void done(const Connection& connection, std::uint64_t request_id);

  // Messages.
  void submit(Connection& connection, const v1::ClientFrame& frame);
  void submitted(relay::SubmissionId id, std::vector<relay::TargetResult> results) override;
  void deliver(const DeviceAddress& device, std::span<const relay::Envelope> envelopes) override;

  // Accounts.
  void register_account(Connection& connection, const v1::ClientFrame& frame);
  void create_account(const Request& owed, const v1::Register& request);
  void fetch_manifests(Connection& connection, const v1::ClientFrame& frame, const AccountId& asker);
  void publish_manifest(Connection& connection, const v1::ClientFrame& frame, const AccountId& account);
  void upload_prekeys(Connection& connection, const v1::ClientFrame& frame);
  void fetch_bundles(Connection& connection, const v1::ClientFrame& frame);
  void manage_handle(Connection& connection, const v1::ClientFrame& frame);
  accounts::AccountsResult<void> send_code(const AccountId& account, const identity::Handle& handle);
  void change_handle(Connection& connection, const v1::ClientFrame& frame, const v1::ManageHandle& change);
  void account_status(Connection& connection, const v1::ClientFrame& frame);
  void report_account(Connection& connection, const v1::ClientFrame& frame);
  directory::DirectoryResult<v1::AccountStatus> status_of(const AccountId& account);
  void manifest_changed(const AccountId& account, const directory::Published& published);
  void retire_account(Connection& connection, const v1::ClientFrame& frame);
  void account_gone(const AccountId& account, std::span<const DeviceId> devices);
  void revoke(const DeviceAddress& device);
  void prekeys_taken(const DeviceAddress& device, std::uint32_t remaining);

  // The log.
  void look_up(Connection& connection, const v1::ClientFrame& frame, const AccountId& asker);
  void fetch_tree_head(const Connection& connection, const v1::ClientFrame& frame);
  void fetch_consistency(Connection& connection, const v1::ClientFrame& frame);
  void fetch_entries(const Connection& connection, const v1::ClientFrame& frame);
  void fetch_mutations(Connection& connection, const v1::ClientFrame& frame);
  void submit_cosignature(Connection& connection, const v1::ClientFrame& frame);

  // The way back without devices (recovery_requests.cpp).
  void store_recovery(Connection& connection, const v1::ClientFrame& frame);
  void list_recovery(Connection& connection, const v1::ClientFrame& frame);
  void fetch_recovery(Connection& connection, const v1::ClientFrame& frame);
  /// Whose slot is asked for; nullopt: nobody's.
  directory::DirectoryResult<std::optional<AccountId>> recovery_account(const v1::FetchRecovery& request);
  void answer_drill(Connection& connection, const v1::ClientFrame& frame,
                    const std::optional<AccountId>& account, accounts::AccountsResult<v1::RecoverySlot> slot);
  void refuse_recovery(Connection& connection, const v1::ClientFrame& frame,
                       const std::optional<AccountId>& account, accounts::AccountsError error);
  /// For every device of the account; `then` follows when it is durable.
  void record_notice(const AccountId& account, v1::AccountNotice::Kind kind, const std::string& address,
                     accounts::Reply<void> then);

  // Blobs (blob_requests.cpp).
  void create_blob(Connection& connection, const v1::ClientFrame& frame);
  void keep_blob(Connection& connection, const v1::ClientFrame& frame);
  void release_blob(Connection& connection, const v1::ClientFrame& frame);
  void refuse(const Connection& connection, std::uint64_t request_id, blobs::BlobError error);
  // Text messages (sms_requests.cpp).
  void send_sms(Connection& connection, const v1::ClientFrame& frame);
  void refuse(const Connection& connection, std::uint64_t request_id, gateway::SmsError error);
  void hand_over(const gateway::OutgoingSms& text) override { effects_.hand_over_sms(text); }
  void tell(const AccountId& account, const v1::GatewayEvent& event,
            std::move_only_function<void(bool stored)> done) override;

  // Answers and pushes.
  Request begin(Connection& connection, const v1::ClientFrame& frame);
  /// The connection that still waits for the answer; null when it is gone.
  Connection* finish(const Request& request);
  /// A reply that answers the request with what `fill` makes of the value, or with the failure.
  template <typename T, typename Fill>
  directory::Reply<T> reply_to(const Request& request, Fill fill);
  void send(const Connection& connection, const v1::ServerFrame& frame);
  void refuse(const Connection& connection, std::uint64_t request_id, v1::Error::Code code,
              std::string_view detail, DurationMs retry_after = {}, bool first_contact = false);
  void refuse(const Connection& connection, std::uint64_t request_id, const directory::Failure& failure);
  void refuse(const Connection& connection, std::uint64_t request_id, accounts::AccountsError error);
  void refuse(const Connection& connection, std::uint64_t request_id, transparency_log::LogError error);
  void malformed(Connection& connection, std::uint64_t request_id, std::string_view detail);
  /// Refuses; the last of too many mistakes ends the connection.
  void mistake(Connection& connection, std::uint64_t request_id, v1::Error::Code code,
               std::string_view detail);
  void goodbye(const Connection& connection, v1::Goodbye::Reason reason, DurationMs reconnect_after);
  void drop(Connection& connection, transport::CloseCode code);
  /// Ends connections that had until now to become a device's.
  void forget(Connection& connection);

  CoreOptions options_;
  crypto::RandomSource& random_;
  log::Logger& logger_;
  Effects& effects_;
  storage::TicketSpace relay_store_;
  storage::TicketSpace directory_store_;
  storage::TicketSpace accounts_store_;
  storage::TicketSpace passwords_store_;
  storage::TicketSpace notices_store_;
  storage::TicketSpace recovery_store_;
  storage::TicketSpace blobs_store_;
  storage::TicketSpace reports_store_;
  storage::TicketSpace sms_store_;
  std::unique_ptr<storage::TicketSpace> log_store_;
  std::unique_ptr<transparency_log::Log> log_;
  relay::Relay relay_;
  directory::Directory directory_;
  accounts::Registrar registrar_;
  accounts::HandleProofs handle_proofs_;
  accounts::Passwords passwords_;
  accounts::Notices notices_;
  LinkOffers link_offers_;
  accounts::RecoverySlots recovery_slots_;
  blobs::Blobs blobs_;
  accounts::Reports reports_;
  accounts::DailyCounts recovery_refusals_{kRecoveryRefusalsTold};
  gateway::TextMessages text_messages_;
  /// Submissions of this server itself to mailboxes.
  std::unordered_map<std::uint64_t, std::move_only_function<void(bool)>> tellings_;
  Connections connections_;
  Addresses addresses_;
  Recent<DeviceAddress, DeviceAllowance, AddressHash> devices_;
  std::deque<Deadline> strangers_;  ///< in order of time
  std::unordered_map<std::uint64_t, Request> submissions_;
  std::uint64_t last_submission_ = 0;
  std::size_t requests_in_flight_ = 0;
  google::protobuf::Arena arena_;  ///< of the frame being handled
  UnixMs now_;                     ///< of the event being handled
  bool draining_ = false;
  Counts counts_;
};

}  // namespace sotto::server
