// The core's side of one connection: phase, requests in flight, and pauses after refusals. The only state
// that is not in the store: losing it repeats requests and nothing else.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/random.h"
#include "identity/authentication.h"
#include "identity/ids.h"
#include "identity/server_statement.h"
#include "identity/verify.h"
#include "session/session_id.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/tree_head.h"

namespace sotto::client {

struct Effects;

enum class Phase : std::uint8_t {
  offline,
  greeting,
  greeted,  ///< without an account to authenticate for
  registering,
  recovering,
  authenticating,
  ready,
};

enum class RequestKind : std::uint8_t {
  hello,
  registration,
  authenticate,
  look_up,
  manifests,
  publish,
  prekeys,
  bundles,
  submit,
  account_status,
  handle,
  recovery,  ///< RecoveryStep is the first octet of the subject
  linking,   ///< and signing in; LinkStep is the first octet of the subject
  tree_head,
  consistency,
  retirement,
  group_authors,
  blob,          ///< opened for a file
  blob_keep,     ///< of somebody else's, for a file that is passed on
  blob_release,  ///< the subject is the capability
  sms,           ///< the subject is the message's id
  report,        ///< the subject is its row
};

/// At most one request of a kind and subject is in flight; a subject is a handle, a label of the log or the
/// octets of an account.
struct RequestKey {
  RequestKind kind;
  Bytes subject;

  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

/// One envelope of a submission: which outbox item it carries, and the octets themselves by their hash. The
/// item may be encrypted anew before the answer comes, which then says nothing about it.
struct SubmittedEnvelope {
  std::int64_t item;
  session::WireHash wire{};
};

/// The envelopes of a submission for one account's devices, in the order of the request.
using SubmittedDevices = std::vector<std::pair<identity::DeviceId, std::vector<SubmittedEnvelope>>>;

/// What an answer is for.
struct Request {
  RequestKey key;
  identity::AccountId account;
  std::string handle;
  std::set<identity::DeviceId> bundles = {};  ///< whose were asked for
  SubmittedDevices submitted = {};
  /// Submit of a shared body: all its accounts; `account` and `submitted` are not used.
  std::vector<std::pair<identity::AccountId, SubmittedDevices>> shared = {};
  std::vector<RequestKey> also = {};  ///< in flight too
  ByteArray<16> manifest{};           ///< publish: H(m)[0:16]
  // Of the log: what was known when it was asked, and a head of somebody else's that the answer is about.
  std::uint64_t known_size = 0;
  std::uint64_t manifest_version = 0;
  std::optional<transparency::SignedTreeHead> head;
};

class Link {
 public:
  Phase phase = Phase::offline;
  identity::ConnectionNonce client_nonce{};
  identity::ConnectionNonce server_nonce{};
  identity::ChannelBinding channel{};
  std::optional<identity::SpkiHash> tls_key;
  std::string tls_group;
  std::string server_name;
  v1::Limits limits;
  std::uint64_t undelivered = 0;  ///< envelopes the server announced and has not pushed yet
  UnixMs delivered;               ///< last push of envelopes, or the authentication
  bool drained = false;
  /// How far the own account's chain was followed from version 1, until it is confirmed.
  std::optional<identity::VerifiedManifest> own_chain;
  /// Manifest versions that devices of the account itself spoke of and the server has still to show.
  std::map<identity::AccountId, std::uint64_t> announced;

  [[nodiscard]] bool ready() const { return phase == Phase::ready; }
  /// Nothing of this key is in flight and no pause after a refusal is running.
  [[nodiscard]] bool may(const RequestKey& key, UnixMs now) const;
  [[nodiscard]] bool busy(const RequestKey& key) const { return busy_.contains(key); }
  /// Refusals in a row.
  [[nodiscard]] std::uint32_t refusals(const RequestKey& key) const;
  /// Numbers the frame and adds it to the effects. Precondition: may(request.key).
  void send(Effects& effects, v1::ClientFrame& frame, Request request);
  /// A frame that has no answer.
  void notify(Effects& effects, v1::ClientFrame& frame);
  /// The request that an answer belongs to, once.
  std::optional<Request> answered(std::uint64_t request_id);
  [[nodiscard]] bool idle() const { return in_flight_.empty(); }

  /// Pauses a key: at least `minimum`, doubled with every refusal in a row up to an hour, with jitter so that
  /// clients that failed together do not return together.
  void pause(const RequestKey& key, DurationMs minimum, UnixMs now, crypto::RandomSource& random);
  void succeeded(const RequestKey& key) { pauses_.erase(key); }
  [[nodiscard]] std::optional<UnixMs> next_retry(UnixMs now) const;
  /// The clock was set back: when the pauses would end by it is nobody's intention.
  void clock_went_back() { pauses_.clear(); }

  /// After the connection went away. Pauses stay: they are about the server, not the connection.
  void reset();

 private:
  struct Pause {
    std::uint32_t refusals = 0;
    UnixMs until;
  };

  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, Request> in_flight_;
  std::set<RequestKey> busy_;
  std::map<RequestKey, Pause> pauses_;
};

}  // namespace sotto::client
