// A log's server as an auditor sees it, a disk that can be cut off in the middle of things, and an auditor
// between them. The log is transparency/test_log.h's: honest, or lying on demand.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "audit/follower.h"
#include "audit/history_record.h"
#include "audit/restore.h"
#include "crypto/random.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/test_log.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit::testing {

using transparency::Label;
using transparency::testing::account;
using transparency::testing::kNow;
using transparency::testing::TestKeys;
using transparency::testing::TestLog;

inline constexpr identity::SpkiHash kTlsKey = {1, 2, 3};

/// Answers what an auditor asks, from a test log.
class LogServer {
 public:
  LogServer(const TestKeys& keys, crypto::RandomSource& random, UnixMs first = kNow,
            const identity::SpkiHash& tls_key = kTlsKey)
      : log(keys, random, first),
        name("chat.example.org"),
        statement(identity::sign_server_statement(
            {name, tls_key, identity::TlsEnd::server, first, first + days(300)}, keys.identity, random)),
        time(first) {}

  /// A few changes and their epoch, a second later than the one before.
  void grow(std::size_t epochs = 1) {
    for (; epochs > 0; --epochs) {
      const auto number = static_cast<std::uint8_t>(log.entries.size());
      for (std::uint8_t i = 0; i < number % 4; ++i) {
        log.set(Label::account(account(static_cast<std::uint8_t>((number * 3 + i) % 16))), {number});
      }
      time = time + seconds(1);
      log.close(time);
    }
  }

  v1::ServerFrame answer(const v1::ClientFrame& asked) {
    v1::ServerFrame out;
    out.set_request_id(asked.request_id());
    switch (asked.request_case()) {
      case v1::ClientFrame::kHello: welcome(*out.mutable_welcome()); break;
      case v1::ClientFrame::kFetchTreeHead: head(asked.fetch_tree_head().known_size(), out); break;
      case v1::ClientFrame::kFetchEntries: entries(asked.fetch_entries().first_epoch(), out); break;
      case v1::ClientFrame::kFetchMutations:
        mutations(asked.fetch_mutations().epoch(), asked.fetch_mutations().page(), out);
        break;
      case v1::ClientFrame::kFetchConsistency: consistency(asked.fetch_consistency(), out); break;
      case v1::ClientFrame::kSubmitCosignature:
        cosigned.push_back(asked.submit_cosignature());
        out.mutable_done();
        break;
      default: out.mutable_error()->set_code(v1::Error::MALFORMED); break;
    }
    if (tamper) tamper(out);
    return out;
  }

  TestLog log;
  std::string name;
  identity::SignedServerStatement statement;
  UnixMs time;  ///< of the last entry, and of heads
  std::size_t entries_page = 3;
  std::size_t mutations_page = 2;
  std::optional<std::uint64_t> withheld;  ///< the epoch of a list that is kept back
  std::vector<v1::SubmitCosignature> cosigned;
  std::function<void(v1::ServerFrame&)> tamper;

 private:
  void welcome(v1::Welcome& out) const {
    out.set_server_nonce(std::string(32, 'n'));
    out.set_server_name(name);
    out.set_server_identity(wire::field(log.keys().identity.public_key().encoded()));
    out.set_log_vrf_key(wire::field(log.keys().vrf.public_key().encoded()));
    out.set_statement(wire::field(statement.statement));
    out.set_statement_signature(wire::field(statement.signature));
  }
  void head(std::uint64_t known, v1::ServerFrame& out) const {
    transparency::to_wire(log.head(time), *out.mutable_tree_head()->mutable_head());
    if (known == 0 || known >= log.tree.size()) return;
    const auto path = log.tree.consistency(known, log.tree.size());
    out.mutable_tree_head()->set_consistency(wire::field(transparency::to_field(path)));
  }
  void consistency(const v1::FetchConsistency& asked, v1::ServerFrame& out) const {
    const auto path = log.tree.consistency(asked.first_size(), asked.second_size());
    out.mutable_consistency()->set_path(wire::field(transparency::to_field(path)));
  }
  void entries(std::uint64_t first, v1::ServerFrame& out) const {
    out.mutable_entries();
    for (std::size_t i = first; i < log.entries.size() && i < first + entries_page; ++i) {
      out.mutable_entries()->add_entries(wire::field(log.entries[i].encoded()));
    }
  }
  void mutations(std::uint64_t epoch, std::uint32_t page, v1::ServerFrame& out) const {
    if (epoch >= log.lists.size() || epoch == withheld)
      return out.mutable_error()->set_code(v1::Error::LOG_NOT_READY);
    const std::span<const transparency::Mutation> list(log.lists[epoch]);
    const std::size_t begin = std::min(page * mutations_page, list.size());
    const std::size_t count = std::min(mutations_page, list.size() - begin);
    out.mutable_mutations()->set_mutations(wire::field(transparency::encode(list.subspan(begin, count))));
    out.mutable_mutations()->set_more(begin + count < list.size());
  }
};

/// What an auditor's owner keeps. Can lose power after any number of writes, and in the middle of one.
struct Disk {
  std::optional<Bytes> pin;
  Bytes history;
  std::optional<Bytes> snapshot;
  std::optional<transparency::SignedTreeHead> head;
  std::optional<Finding> finding;

  std::optional<std::size_t> writes_left;  ///< until the power goes

  /// False: the power is gone; what comes after is not done.
  bool keep(const Effects& effects) {
    if (effects.pin && !write([&] { pin = effects.pin->encoded(); })) return false;
    if (!effects.history.empty() && !append(effects.history)) return false;
    if (effects.snapshot && !write([&] { snapshot = effects.snapshot; })) return false;
    if (effects.head && !write([&] { head = effects.head; })) return false;
    return !effects.finding || write([&] { finding = effects.finding; });
  }

  [[nodiscard]] LeafReader leaves() const {
    return [this](std::uint64_t count, const std::function<void(const transparency::Hash&)>& take) {
      HistoryDecoder decoder;
      decoder.feed(history);
      for (; count > 0; --count) {
        const auto record = decoder.next();
        if (!record || !*record) return false;
        take((*record)->entry.leaf());
      }
      return true;
    };
  }

 private:
  bool write(const std::function<void()>& writing) {
    if (writes_left && *writes_left == 0) return false;
    if (writes_left) --*writes_left;
    writing();
    return true;
  }
  bool append(const Bytes& octets) {
    const bool whole = !writes_left || *writes_left > 0;
    // The last thing a dying disk does is half of an append.
    const std::size_t size = whole ? octets.size() : octets.size() / 2;
    history.insert(history.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    if (writes_left && whole) --*writes_left;
    return whole;
  }
};

/// What a start finds on the disk. As the program does it: without the snapshot where that is of no use, and
/// the history cut where it is damaged.
inline Result<FollowerStart, RestoreError> restored(Disk& disk) {
  if (!disk.pin) return FollowerStart{};
  const PinnedLog pinned = PinnedLog::parse(*disk.pin).value();
  for (bool with_snapshot : {true, false}) {
    Restorer restorer(pinned, with_snapshot ? disk.snapshot : std::nullopt, disk.head);
    HistoryDecoder decoder;
    decoder.feed(disk.history);
    std::uint64_t good = 0;
    for (auto record = decoder.next(); record && *record; record = decoder.next()) {
      if (!restorer.take(**record)) break;
      good = decoder.taken();
    }
    auto start = std::move(restorer).finish();
    if (!start && start.error() == RestoreError::snapshot_unusable && with_snapshot) continue;
    disk.history.resize(good);
    return start;
  }
  return err(RestoreError::snapshot_unusable);
}

/// One run of an auditor against a server, until nothing is left to do, it stops or the power goes.
class Watch {
 public:
  Watch(LogServer& server, Disk& disk, const crypto::HybridPrivateKey* witness, crypto::RandomSource& random)
      : server_(&server),
        disk_(&disk),
        follower(restored(disk).value(), {.witness = witness}, disk.leaves(), random) {}

  /// Connects and works until caught up. `now` is the auditor's clock.
  void catch_up(UnixMs now) {
    perform(follower.connected(kTlsKey, now));
    for (int ticks = 0; ticks < kPatience && working(); ++ticks, now = now + seconds(6)) {
      while (!waiting_.empty() && working()) {
        const Bytes answer = std::move(waiting_.front());
        waiting_.pop_front();
        perform(follower.receive(answer, now));
      }
      if (follower.status().caught_up || !working()) break;
      perform(follower.tick(now));
    }
  }

  [[nodiscard]] bool working() const { return powered && !follower.finished() && !ended; }

 private:
  /// Ticks; a server that refuses every second request needs this many.
  static constexpr int kPatience = 100;

  void perform(const Effects& effects) {
    notices.insert(notices.end(), effects.notices.begin(), effects.notices.end());
    if (!disk_->keep(effects)) {
      powered = false;
      return;
    }
    if (effects.disconnect) ended = effects.disconnect;
    for (const Bytes& octets : effects.frames) {
      v1::ClientFrame frame;
      SOTTO_CHECK(wire::decode(octets, wire::kMaxFrameBytes, frame));
      most_in_flight = std::max(most_in_flight, waiting_.size() + 1);
      waiting_.push_back(wire::encode(server_->answer(frame)));
    }
  }

  LogServer* server_;
  Disk* disk_;
  std::deque<Bytes> waiting_;

 public:
  Follower follower;
  bool powered = true;
  std::optional<AuditError> ended;
  std::vector<std::string> notices;
  std::size_t most_in_flight = 0;
};

}  // namespace sotto::audit::testing
