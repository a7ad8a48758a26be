#include "server_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "identity/server_statement.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::simulation {
namespace {

constexpr DurationMs kUsualSync{20};
constexpr DurationMs kSlowSync = seconds(5);
constexpr DurationMs kTick = seconds(1);
constexpr DurationMs kStartAgain = seconds(5);
/// Without anybody talking, seconds are as good as minutes, and simulated days pass faster.
constexpr DurationMs kIdleTick = seconds(60);
constexpr DurationMs kIdleAfter = seconds(30);
constexpr DurationMs kStatementLifetime = days(3650);
constexpr std::uint32_t kForgottenPerMille = 300;

server::ServerKeys make_keys(crypto::RandomSource& random) {
  auto identity = crypto::HybridPrivateKey::generate(random);
  return {std::move(identity), crypto::VrfPrivateKey::generate(random)};
}

server::Presentation make_presentation(const crypto::HybridPrivateKey& key, crypto::RandomSource& random,
                                       UnixMs now) {
  const auto signed_statement = identity::sign_server_statement(
      {.name = std::string(kServerName), .tls_key = {}, .created = now, .expires = now + kStatementLifetime},
      key, random);
  const auto public_key = key.public_key().encoded();
  return {.name = std::string(kServerName),
          .identity_key = to_bytes(public_key),
          .statement = signed_statement.statement,
          .statement_signature = to_bytes(signed_statement.signature)};
}

}  // namespace

ServerMachine::ServerMachine(Schedule& schedule, Network& network, Transcript& transcript, Dice dice)
    : schedule_(schedule),
      clock_(schedule),
      network_(network),
      transcript_(transcript),
      dice_(std::move(dice)),
      random_(dice_.child_seed("core")),
      keys_(make_keys(random_)),
      presentation_(make_presentation(keys_.identity, random_, schedule.now())),
      store_([this](std::vector<storage::Completion> completions) { synced(std::move(completions)); }) {}

void ServerMachine::boot() {
  if (running()) return;
  transcript_.line(kServerActor, "starts");
  server::CoreOptions options;
  options.presentation = presentation_;
  options.sms = sms_rules();
  server::Effects& effects = *this;
  auto opened = server::Core::open(std::move(options), keys_, store_, random_, logger_, effects, now());
  if (!opened) {
    // Its disk failed to read: the process ends, and whoever started it starts another.
    transcript_.line(kServerActor, fmt::format("ends: {}", describe(opened.error())));
    schedule_.after(kStartAgain, [this] { boot(); });
    return;
  }
  core_ = *std::move(opened);
  last_frame_ = schedule_.now();
  network_.serve(*this);
  schedule_tick();
  end_turn();
}

void ServerMachine::kill(DurationMs down_for) {
  if (!running()) return;
  // Of what is on its way to the disk the first part may be there, though nobody was told.
  const std::size_t written = dice_.below(store_.queued() + 1);
  transcript_.line(kServerActor, fmt::format("is killed, {} of {} batches not synced",
                                             store_.queued() - written, store_.queued()));
  ++kills_;
  sends_left_.reset();
  dying_ = false;
  sync_scheduled_ = false;
  due_scheduled_ = false;
  completions_on_their_way_ = 0;
  network_.server_died();
  core_.reset();
  store_.crash(written);
  schedule_.after(down_for, [this] { boot(); });
}

void ServerMachine::fail_next_commits(std::size_t count, storage::StorageError error) {
  transcript_.line(kServerActor, fmt::format("will fail to write {} batches", count));
  store_.fail_next_commits(count, error);
}

void ServerMachine::fail_next_reads(std::size_t count) {
  transcript_.line(kServerActor, fmt::format("will fail to read {} times", count));
  store_.fail_next_reads(count, storage::StorageError::io_error);
}

void ServerMachine::calm() {
  hostile_.reset();
  sends_left_.reset();
  slow_until_ = {};
  store_.fail_next_commits(0, storage::StorageError::io_error);
  store_.fail_next_reads(0, storage::StorageError::io_error);
}

void ServerMachine::on_open(const transport::ConnectionInfo& info) {
  run([&] { core_->on_open(info, now()); });
}

void ServerMachine::on_frame(ConnectionId id, ByteView frame) {
  last_frame_ = schedule_.now();
  if (newest_manifest_) {
    const Bytes altered = with_newest_manifest(frame, newest_manifest_);
    return run([&] { core_->on_message(id, altered, now()); });
  }
  run([&] { core_->on_message(id, frame, now()); });
}

void ServerMachine::on_close(ConnectionId id) {
  run([&] { core_->on_close(id, now()); });
}

void ServerMachine::on_http(const transport::HttpRequest& request, transport::HttpReply reply) {
  last_frame_ = schedule_.now();
  if (forgets_pieces_ && dice_.chance(kForgottenPerMille)) {
    if (auto lie = acknowledgement_of_end(request)) return reply(*std::move(lie));
  }
  run([&] {
    core_->on_blob_request(request, now(), [this, life = kills_, reply](transport::HttpResponse response) {
      if (life != kills_ || dying_) return;
      if (sends_left_ && (*sends_left_)-- == 0) dying_ = true;
      schedule_.after({1}, [this, life, reply, response = std::move(response)] {
        if (life == kills_) answer(response, reply);
      });
    });
  });
}

void ServerMachine::answer(transport::HttpResponse response, const transport::HttpReply& reply) {
  if (response.long_body) {
    while (response.body.size() < response.long_body->octets) {
      const Bytes part = response.long_body->next();
      if (part.empty()) return;  // the connection ends before the body is complete
      response.body += as_chars(part);
    }
    response.long_body.reset();
    if (hostile_) hostile_->alter_body(response.body);
  }
  reply(std::move(response));
}

void ServerMachine::end_turn() {
  const bool more = !dying_ && core_->turn_end(now());
  if (dying_) return kill(down_for_);
  if (store_.queued() > 0) schedule_sync();
  schedule_due();
  if (!more) return;
  schedule_.after({1}, [this, life = kills_] {
    if (life == kills_) end_turn();
  });
}

void ServerMachine::schedule_due() {
  const auto due = core_->due();
  if (!due || due_scheduled_ || elapsed(now(), *due) >= kTick) return;  // later than that a tick comes first
  due_scheduled_ = true;
  schedule_.after(elapsed(now(), *due), [this, life = kills_] {
    if (life != kills_) return;
    due_scheduled_ = false;
    end_turn();
  });
}

void ServerMachine::schedule_tick() {
  const bool idle = elapsed(last_frame_, schedule_.now()) > kIdleAfter;
  schedule_.after(idle ? kIdleTick : kTick, [this, life = kills_] {
    if (life != kills_) return;
    run([&] { core_->tick(now()); });
    if (life == kills_) schedule_tick();
  });
}

void ServerMachine::schedule_sync() {
  if (std::exchange(sync_scheduled_, true)) return;
  schedule_.after(dice_.spread(schedule_.now() < slow_until_ ? kSlowSync : kUsualSync),
                  [this, life = kills_] {
                    if (life != kills_) return;
                    sync_scheduled_ = false;
                    store_.sync();
                  });
}

void ServerMachine::synced(std::vector<storage::Completion> completions) {
  ++completions_on_their_way_;
  // A store reports its groups in order.
  next_completion_ = std::max(next_completion_, schedule_.now() + dice_.spread(kUsualSync));
  schedule_.at(next_completion_, [this, life = kills_, group = std::move(completions)] {
    if (life != kills_) return;
    --completions_on_their_way_;
    run([&] { core_->on_completions(group, now()); });
  });
}

void ServerMachine::send(ConnectionId connection, ByteView message) {
  if (dying_) return;
  network_.send_to_device(connection, hostile_ ? hostile_->pass(message) : to_bytes(message));
  if (sends_left_ && (*sends_left_)-- == 0) dying_ = true;
}

void ServerMachine::close(ConnectionId connection, transport::CloseCode) {
  if (!dying_) network_.close_from_server(connection);
}

}  // namespace sotto::simulation
