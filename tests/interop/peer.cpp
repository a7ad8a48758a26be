// One device of src/session behind lines of text: what the Python side of this test talks to. It does around
// PeerState what a client does, with a store in memory. Not its concern: transport, manifests, what content
// means.
//
// Usage: interop_peer SEED. Each line of standard input is a command with its arguments, octets in
// hexadecimal ("-" for none); each is answered by one line, "ok ..." or "error WHY". The commands stand at
// the end of this file.
#include <algorithm>
#include <charconv>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "bytes/hex.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "result/check.h"
#include "session/incoming.h"
#include "session/peer_state.h"
#include "session/prekey_ring.h"
#include "session/sequence_set.h"

namespace sotto::session {
namespace {

using Arguments = std::vector<std::string>;

constexpr UnixMs kStart{1'700'000'000'000};

Bytes octets(const std::string& argument) {
  auto out = from_hex(argument == "-" ? "" : argument);
  SOTTO_CHECK(out);
  return *std::move(out);
}

std::string text(ByteView octets) { return octets.empty() ? "-" : to_hex(octets); }

std::uint64_t number(const std::string& argument) {
  std::uint64_t out = 0;
  const auto parsed = std::from_chars(argument.data(), argument.data() + argument.size(), out);
  SOTTO_CHECK(parsed.ec == std::errc() && parsed.ptr == argument.data() + argument.size());
  return out;
}

std::string failure(std::string_view why) { return "error " + std::string(why); }

class Device {
 public:
  explicit Device(std::uint64_t seed)
      : random_(seed),
        account_(random_.array<16>()),
        device_(random_.array<16>()),
        account_key_(crypto::HybridPrivateKey::generate(random_).public_key().fingerprint()),
        key_(crypto::HybridPrivateKey::generate(random_)),
        last_seq_(first_of_run(0, now_)) {}

  /// ACCOUNT DEVICE FP_AIK DIK of this device.
  std::string identity(const Arguments&) const {
    return "ok " + text(account_.view()) + " " + text(device_.view()) + " " + text(account_key_.octets()) +
           " " + text(key_.public_key().encoded());
  }

  /// The same of the peer: what a verified manifest would say.
  std::string meet(const Arguments& arguments) {
    auto key = crypto::HybridPublicKey::decode(octets(arguments.at(3)));
    SOTTO_CHECK(key);
    peer_.emplace(
        PeerDevice{*AccountId::from(octets(arguments.at(0))), *DeviceId::from(octets(arguments.at(1))),
                   crypto::Fingerprint::from_octets(to_array<32>(octets(arguments.at(2)))), *std::move(key)});
    state_.emplace(peer_->identity());
    return "ok";
  }

  /// COUNT -> m SIGNATURE KPK_LAST of a new batch with so many pairs.
  std::string publish(const Arguments& arguments) {
    upload_ = ring_.generate(local(), now_, random_, static_cast<std::uint32_t>(number(arguments.at(0))));
    return "ok " + text(upload_.m) + " " + text(upload_.signature) + " " + text(upload_.last_resort_kem);
  }

  /// INDEX -> OPK KPK PATH of the newest batch, the path's nodes joined.
  std::string pair(const Arguments& arguments) const {
    const auto index = static_cast<std::uint32_t>(number(arguments.at(0)));
    crypto::MerklePath leaves;
    for (const auto& each : upload_.pairs) {
      leaves.push_back(pair_leaf(static_cast<std::uint32_t>(leaves.size()), {each.ec, each.kem}));
    }
    Bytes path;
    for (const crypto::MerkleHash& node : crypto::merkle_path(leaves, index))
      path.insert(path.end(), node.begin(), node.end());
    return "ok " + text(upload_.pairs[index].ec) + " " + text(upload_.pairs[index].kem) + " " + text(path);
  }

  /// m SIGNATURE KPK_LAST [INDEX OPK KPK PATH]: opens a session, which the next send() uses.
  std::string start(const Arguments& arguments) {
    const auto batch = verify_batch(octets(arguments.at(0)), octets(arguments.at(1)), octets(arguments.at(2)),
                                    *peer_, std::nullopt, now_);
    if (!batch) return failure(describe(batch.error()));
    auto bundle = arguments.size() == 3 ? batch->last_resort(now_) : one_time(*batch, arguments);
    if (!bundle) return failure(describe(bundle.error()));
    const auto session = state_->start_session(local(), *peer_, *std::move(bundle), view_, now_, random_);
    commit();
    return session ? "ok " + text(session->view()) : failure(describe(session.error()));
  }

  /// CONTENT -> WIRE. When a session must be opened first the content waits for flush().
  std::string send(const Arguments& arguments) {
    outbox_.push_back({sign(octets(arguments.at(0)), ++last_seq_), {}});
    auto answer = seal({.content = &outbox_.back().content, .gossip = view_}, &outbox_.back());
    if (!answer.starts_with("ok")) again_.push_back(outbox_.size() - 1);
    return answer;
  }

  /// -> WIRE of the next thing that waits: an error to report or a content to send again; "-" when nothing
  /// waits.
  std::string flush(const Arguments&) {
    if (!reports_.empty()) {
      auto answer = seal({.error = reports_.front()}, nullptr);
      if (answer.starts_with("ok")) reports_.pop_front();
      return answer;
    }
    if (again_.empty()) return "ok -";
    Sent& sent = outbox_.at(again_.front());
    auto answer = seal({.content = &sent.content}, &sent);
    if (answer.starts_with("ok")) again_.pop_front();
    return answer;
  }

  /// WIRE -> SID CONTENT EVENT...
  std::string receive(const Arguments& arguments) {
    const Bytes wire = octets(arguments.at(0));
    const auto peeked = peek(wire);
    if (!peeked) return failure(describe(peeked.error()));
    const auto known = state_->sessions();
    if (std::ranges::find(known, peeked->session) != known.end()) {
      return finish(state_->receive(local(), *peer_, wire, now_, random_));
    }
    if (peeked->type == WireType::message) return unreadable(SessionError::unknown_session, wire);
    const auto opened = open_init(local(), ring_, wire);
    if (!opened) return unreadable(opened.error(), wire);
    auto accepted = state_->accept_init(local(), *peer_, *opened, now_, random_);
    if (!accepted) return finish(err(std::move(accepted).error()));
    heard_view_ = opened->claim.gossip;
    ring_.consume(accepted->use);
    return finish(std::move(accepted->received));
  }

  /// OWN_VERSION OWN_HASH PEER_VERSION PEER_HASH LOG_ID SIZE ROOT: what claims and messages say from now on.
  std::string believe(const Arguments& arguments) {
    view_ = {.own_manifest = {number(arguments.at(0)), to_array<16>(octets(arguments.at(1)))},
             .peer_manifest = {number(arguments.at(2)), to_array<16>(octets(arguments.at(3)))},
             .head = {to_array<8>(octets(arguments.at(4))), number(arguments.at(5)),
                      to_array<32>(octets(arguments.at(6)))}};
    return "ok";
  }

  /// -> the same, as the peer said it last.
  std::string heard(const Arguments&) const {
    const Gossip& said = heard_view_;
    return "ok " + std::to_string(said.own_manifest.version) + " " + text(said.own_manifest.hash) + " " +
           std::to_string(said.peer_manifest.version) + " " + text(said.peer_manifest.hash) + " " +
           text(said.head.log_id) + " " + std::to_string(said.head.size) + " " + text(said.head.root);
  }

  /// MILLISECONDS: moves the clock.
  std::string advance(const Arguments& arguments) {
    now_ = now_ + DurationMs{number(arguments.at(0))};
    return "ok";
  }

  /// Asks for a post-quantum epoch now.
  std::string rekey(const Arguments&) {
    const bool any = state_->rekey();
    commit();
    return any ? "ok" : failure("no session that was heard");
  }

  /// -> whether the peer waits for a step that the next message will carry, as of the last message received.
  std::string owes(const Arguments&) const { return owes_step_ ? "ok 1" : "ok 0"; }

  /// -> PQ level, PQ epoch.
  std::string summary(const Arguments&) const {
    const SecurityState security = state_->security(now_);
    return "ok " + std::to_string(security.pq_level) + " " + std::to_string(security.pq_epoch);
  }

  /// Copies the store.
  std::string save(const Arguments&) {
    saved_.clear();
    for (const auto& [key, value] : store_) saved_.push_back({key, value.clone()});
    saved_ring_ = ring_.encode();
    return "ok";
  }

  /// all | sessions: goes on from the copy, as a restored backup of a whole machine would; or loses sessions
  /// alone.
  std::string restore(const Arguments& arguments) {
    store_.clear();
    for (const StoredRecord& record : saved_) store_.emplace(record.key, record.value.clone());
    if (saved_.empty()) {
      state_.emplace(peer_->identity());
    } else {
      auto loaded = PeerState::load(saved_);
      SOTTO_CHECK(loaded);
      state_ = *std::move(loaded);
    }
    if (arguments.at(0) == "all") {
      auto ring = PrekeyRing::decode(saved_ring_);
      SOTTO_CHECK(ring);
      ring_ = *std::move(ring);
    }
    last_seq_ = first_of_run(last_seq_, now_);
    return "ok";
  }

 private:
  struct Sent {
    SignedContent content;
    std::vector<WireHash> hashes;
  };

  [[nodiscard]] LocalDevice local() const { return {account_, device_, account_key_, key_}; }

  PrekeyResult<VerifiedBundle> one_time(const VerifiedBatch& batch, const Arguments& arguments) const {
    const Bytes ec = octets(arguments.at(4));
    const Bytes kem = octets(arguments.at(5));
    const Bytes path = octets(arguments.at(6));
    OneTimePart part{
        .index = static_cast<std::uint32_t>(number(arguments.at(3))), .ec = ec, .kem = kem, .path = {}};
    for (std::size_t at = 0; at < path.size(); at += 32) part.path.push_back(ByteView(path).subspan(at, 32));
    return batch.with_one_time(part, now_);
  }

  SignedContent sign(ByteView content, std::uint64_t seq) {
    const ContentFacts facts{
        .conversation = peer_->account, .message_id = random_.array<16>(), .sender_seq = seq, .sent = now_};
    return sign_content(local(), direct_conversation(account_, peer_->account), facts, content);
  }

  std::string seal(const Outgoing& outgoing, Sent* sent) {
    auto sealed = state_->seal(local(), *peer_, outgoing, now_, random_);
    commit();
    if (!sealed) return failure(describe(sealed.error()));
    if (sent != nullptr) sent->hashes.push_back(sealed->hash);
    if (outgoing.error) sent_reports_.emplace(sealed->hash, *outgoing.error);
    return "ok " + text(sealed->wire);
  }

  std::string finish(Result<Received, Refused> result) {
    if (!result) tell(result.error().report);
    commit();
    if (!result) {
      return failure(describe(result.error().error));
    }
    if (result->gossip) heard_view_ = *result->gossip;
    owes_step_ = result->owes_step;
    std::string content = "-";
    if (result->content) {
      auto verified = std::move(*result->content).verify_direct(account_);
      if (!verified) return failure(describe(verified.error()));
      if (seen_.insert(verified->facts.sender_seq)) content = text(verified->content);
    }
    std::string out = "ok " + text(result->session.view()) + " " + content;
    for (const Event& event : result->events) out += note(event);
    return out;
  }

  void tell(const std::optional<ErrorReport>& unread) {
    const auto report = unread ? state_->report(*unread, now_) : std::nullopt;
    if (report) reports_.push_back(*report);
  }

  std::string unreadable(SessionError error, ByteView wire) {
    tell(report_of(error, wire));
    return failure(describe(error));
  }

  std::string note(const Event& event) {
    switch (event.kind) {
      case Event::Kind::session_dead: return " session_dead:" + text(event.session.view());
      case Event::Kind::session_reset: return " session_reset:" + text(event.session.view());
      case Event::Kind::pq_stalled: return " pq_stalled";
      case Event::Kind::pq_step_ignored: return " pq_step_ignored";
      case Event::Kind::resend: return repeat(event);
      default: return "";
    }
  }

  std::string repeat(const Event& event) {
    if (const auto report = sent_reports_.extract(event.message)) {
      reports_.push_back(report.mapped());
      return " resend";
    }
    const auto sent = std::ranges::find_if(outbox_, [&](const Sent& each) {
      return std::ranges::find(each.hashes, event.message) != each.hashes.end();
    });
    SOTTO_CHECK(sent != outbox_.end());
    again_.push_back(static_cast<std::size_t>(sent - outbox_.begin()));
    return " resend";
  }

  void commit() {
    for (RecordChange& change : state_->take_changes()) {
      if (change.value) {
        store_.insert_or_assign(change.key, *std::move(change.value));
      } else {
        store_.erase(change.key);
      }
    }
  }

  UnixMs now_ = kStart;
  Gossip view_{.own_manifest = {1, {}}, .peer_manifest = {}, .head = {}};
  Gossip heard_view_;
  bool owes_step_ = false;
  crypto::DeterministicRandom random_;
  AccountId account_;
  DeviceId device_;
  crypto::Fingerprint account_key_;
  crypto::HybridPrivateKey key_;
  PrekeyRing ring_;
  PrekeyUpload upload_;
  std::optional<PeerDevice> peer_;
  std::optional<PeerState> state_;
  std::map<Bytes, crypto::SecretBytes> store_;
  std::vector<StoredRecord> saved_;
  crypto::SecretBytes saved_ring_;
  SequenceSet seen_;
  std::uint64_t last_seq_;
  std::deque<Sent> outbox_;
  std::deque<ErrorReport> reports_;
  std::map<WireHash, ErrorReport> sent_reports_;
  std::deque<std::size_t> again_;  ///< indices into outbox_
};

using Command = std::function<std::string(Device&, const Arguments&)>;

const std::map<std::string, Command, std::less<>> kCommands{
    {"identity", &Device::identity}, {"meet", &Device::meet},       {"publish", &Device::publish},
    {"pair", &Device::pair},         {"start", &Device::start},     {"send", &Device::send},
    {"flush", &Device::flush},       {"receive", &Device::receive}, {"advance", &Device::advance},
    {"believe", &Device::believe},   {"heard", &Device::heard},     {"summary", &Device::summary},
    {"rekey", &Device::rekey},       {"owes", &Device::owes},       {"save", &Device::save},
    {"restore", &Device::restore},
};

void serve(std::uint64_t seed) {
  Device device(seed);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    Arguments arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    std::cout << kCommands.at(name)(device, arguments) << std::endl;
  }
}

}  // namespace
}  // namespace sotto::session

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: interop_peer SEED\n";
    return 2;
  }
  sotto::session::serve(sotto::session::number(argv[1]));
}
