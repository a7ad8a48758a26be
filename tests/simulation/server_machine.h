// The machine of the server: its core, its disk, its process that can be killed between any two effects.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "clock.h"
#include "crypto/hybrid_signature.h"
#include "dice.h"
#include "hostile_relay.h"
#include "log/log.h"
#include "network.h"
#include "plants.h"
#include "schedule.h"
#include "server/core.h"
#include "storage/memory_store.h"
#include "transcript.h"

namespace sotto::simulation {

inline constexpr std::string_view kServerName = "sotto.example";
inline constexpr std::string_view kServerActor = "server";

class ServerMachine final : public ServerEnd, private server::Effects {
 public:
  ServerMachine(Schedule& schedule, Network& network, Transcript& transcript, Dice dice);

  void boot();
  /// Loses what was not synced, or only the end of it; starts again by itself. Not to be called from inside
  /// the core.
  void kill(DurationMs down_for);
  /// Kills after so many more frames were sent, in the middle of whatever the core is doing then.
  void kill_after_sends(std::uint64_t sends, DurationMs down_for) {
    sends_left_ = sends;
    down_for_ = down_for;
  }
  [[nodiscard]] bool running() const { return core_ != nullptr; }
  /// Precondition: running().
  [[nodiscard]] server::Core& core() { return *core_; }

  void slow_disk_until(UnixMs end) { slow_until_ = end; }
  /// The next commits fail as those of a full or broken disk do.
  void fail_next_commits(std::size_t count, storage::StorageError error);
  void fail_next_reads(std::size_t count);
  /// What its clock shows; every input gets this time.
  [[nodiscard]] UnixMs now() const { return clock_.now(); }
  void set_clock_error(std::int64_t error_ms) { clock_.set_error(error_ms); }
  [[nodiscard]] std::int64_t clock_error() const { return clock_.error(); }
  /// From now on it does to envelopes what it should not.
  void turn_hostile() { hostile_.emplace(dice_.child("hostile")); }
  /// From now on it takes messages for any list of devices: a planted bug.
  void plant_stale_manifests(NewestManifest newest) { newest_manifest_ = std::move(newest); }
  /// From now on a kill takes back what was acknowledged last: a planted bug.
  void plant_lying_disk() { store_.set_disk_lies(true); }
  /// From now on it acknowledges the ends of some blobs that it does not keep: a planted bug.
  void plant_forgotten_pieces() { forgets_pieces_ = true; }
  /// Who gets what the gateway is given; it goes there at once.
  void serve_telephones(std::function<void(const gateway::OutgoingSms&)> telephones) {
    telephones_ = std::move(telephones);
  }
  /// A carrier brings a text, again and again until it is taken or is nobody's.
  void bring_text(const gateway::IncomingSms& text);
  /// How often it was killed.
  [[nodiscard]] std::uint64_t kills() const { return kills_; }
  /// Takes every fault back that has not struck yet.
  void calm();
  /// Nothing waits for the disk.
  [[nodiscard]] bool at_rest() const {
    return store_.queued() == 0 && completions_on_their_way_ == 0 && texts_on_their_way_ == 0 &&
           (!core_ || core_->idle());
  }

  // ServerEnd
  void on_open(const transport::ConnectionInfo& info) override;
  void on_frame(ConnectionId id, ByteView frame) override;
  void on_close(ConnectionId id) override;
  void on_http(const transport::HttpRequest& request, transport::HttpReply reply) override;

 private:
  // server::Effects
  void send(ConnectionId connection, ByteView message) override;
  void close(ConnectionId connection, transport::CloseCode code) override;
  void hand_over_sms(const gateway::OutgoingSms& text) override;

  // Behind the gateway (server_gateway.cpp).
  using KannelCall = std::function<void(server::Core& core, UnixMs now, gateway::SmsReply<void> reply)>;
  static gateway::SmsRules sms_rules();
  void call_back(const KannelCall& call);

  /// Runs `input` on the core, then what follows from it: pushes, the kill that struck meanwhile, the disk.
  template <typename Input>
  void run(Input&& input) {
    input();
    end_turn();
  }
  void end_turn();
  /// What is left of an answer: its body, which is read after it was given.
  void answer(transport::HttpResponse response, const transport::HttpReply& reply);
  void schedule_tick();
  void schedule_due();
  void schedule_sync();
  void synced(std::vector<storage::Completion> completions);

  Schedule& schedule_;
  MachineClock clock_;
  Network& network_;
  Transcript& transcript_;
  Dice dice_;
  std::optional<HostileRelay> hostile_;
  NewestManifest newest_manifest_;
  std::function<void(const gateway::OutgoingSms&)> telephones_;
  bool forgets_pieces_ = false;
  log::NullLogger logger_;
  crypto::DeterministicRandom random_;
  server::ServerKeys keys_;
  server::Presentation presentation_;
  storage::MemoryStore store_;
  std::unique_ptr<server::Core> core_;
  std::uint64_t kills_ = 0;  ///< also tells events of an earlier life from those of this one
  std::optional<std::uint64_t> sends_left_;
  DurationMs down_for_;
  bool dying_ = false;
  bool sync_scheduled_ = false;
  bool due_scheduled_ = false;
  std::size_t completions_on_their_way_ = 0;
  std::size_t texts_on_their_way_ = 0;
  UnixMs next_completion_;
  UnixMs slow_until_;
  UnixMs last_frame_;
};

}  // namespace sotto::simulation
