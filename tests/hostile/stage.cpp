#include "stage.h"

#include <gtest/gtest.h>

#include "identity/server_statement.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

constexpr DurationMs kStatementLifetime = days(3650);
/// Requests past a core have numbers that no core reaches.
constexpr std::uint64_t kOwnRequests = std::uint64_t{1} << 40;
constexpr int kMostFrames = 20'000;
constexpr identity::SpkiHash kTlsKey{0x71};

server::ServerKeys make_keys(crypto::RandomSource& random) {
  auto identity = crypto::HybridPrivateKey::generate(random);
  return {std::move(identity), crypto::VrfPrivateKey::generate(random)};
}

server::Presentation make_presentation(const crypto::HybridPrivateKey& key, crypto::RandomSource& random) {
  const auto statement = identity::sign_server_statement({.name = std::string(kServerName),
                                                          .tls_key = kTlsKey,
                                                          .created = kStart,
                                                          .expires = kStart + kStatementLifetime},
                                                         key, random);
  return {.name = std::string(kServerName),
          .identity_key = to_bytes(key.public_key().encoded()),
          .statement = statement.statement,
          .statement_signature = to_bytes(statement.signature)};
}

client::ServerRecord server_record() {
  return {.host = std::string(kServerName),
          .port = 443,
          .tls_pin = std::nullopt,
          .name = {},
          .identity = {},
          .statement = {},
          .statement_signature = {},
          .tls_group = {}};
}

/// Receipts and answers are part of what is tested; strangers would get none.
void take_everybody_in(Person& person) {
  person.database().run(
      "INSERT INTO register (kind, subject, number, text, time_ms, stamp) VALUES (?1, ?2, ?3, '', 1, ?4)",
      v1::SyncEvent::Write::CONTACT_RULE, person.self().account_id(), v1::ContactRules::OPEN,
      session::MessageId{});
}

}  // namespace

std::vector<Bytes> envelopes_of(const v1::ServerFrame& frame) {
  std::vector<Bytes> out;
  for (const auto& each : frame.deliver().envelopes()) out.push_back(to_bytes(wire::octets(each.payload())));
  return out;
}

std::vector<Bytes> envelopes_of(const v1::ClientFrame& frame) {
  std::vector<Bytes> out;
  for (const auto& target : frame.submit().targets()) {
    for (const auto& device : target.devices()) {
      for (const auto& each : device.envelopes()) out.push_back(to_bytes(wire::octets(each)));
    }
  }
  return out;
}

Stage::Stage(std::uint64_t seed) : Stage(seed, nullptr) {}
Stage::Stage(const std::filesystem::path& disk) : Stage(1, &disk) {}

Stage::Stage(std::uint64_t seed, const std::filesystem::path* disk)
    : random_(seed),
      keys_(make_keys(random_)),
      presentation_(make_presentation(keys_.identity, random_)),
      seed_(seed),
      last_own_request_(kOwnRequests) {
  if (disk != nullptr) {
    disk_ = std::make_unique<Disk>(*disk, logger_);
  } else {
    memory_ = std::make_unique<storage::MemoryStore>(
        [this](const std::vector<storage::Completion>& completions) { complete(completions); });
  }
  start_server();
}

storage::Store& Stage::store() { return disk_ ? static_cast<storage::Store&>(*disk_) : *memory_; }

void Stage::complete(const std::vector<storage::Completion>& completions) {
  completed_ = true;
  server_->on_completions(completions, now);
}

void Stage::shut_down() {
  for (const auto& person : people_) disconnect(*person);
  settle_server();
  server_.reset();
  if (disk_) disk_->close();
}

Stage::~Stage() = default;

void Stage::start_server() {
  server::CoreOptions options;
  options.presentation = presentation_;
  options.lookups = rates;
  options.log.epoch_interval = {};  // time passes in pass() only
  server::Effects& effects = *this;
  server_ = server::Core::open(std::move(options), keys_, store(), random_, logger_, effects, now).value();
  settle_server();
}

void Stage::restart_server() {
  server_.reset();
  memory_->crash();
  to_devices_.clear();
  start_server();
  for (const auto& person : people_) {
    if (person->connection) lose_connection(*person);
  }
}

Person& Stage::add(const std::string& name, std::unique_ptr<client::store::Database> database) {
  people_.push_back(std::make_unique<Person>(name, seed_ * 100 + people_.size(), std::move(database)));
  return *people_.back();
}

Person& Stage::join(const std::string& handle, std::unique_ptr<client::store::Database> database) {
  Person& person = add(handle, std::move(database));
  const auto made = person.core().set_up_account(handle, "", "laptop", server_record(), now);
  EXPECT_TRUE(made && *made);
  take_everybody_in(person);
  connect(person);
  settle();
  EXPECT_TRUE(person.core().signed_in()) << handle;
  return person;
}

Person& Stage::link(Person& of, const std::string& name) {
  Person& person = add(name);
  link_into(person, of);
  pass(seconds(5));  // for what waited until the new device had prekeys
  return person;
}

Person& Stage::add_waiting(const std::string& name) {
  Person& person = add(name);
  EXPECT_TRUE(person.core().set_up_device(person.name(), server_record(), now).value());
  return person;
}

void Stage::link_into(Person& person, Person& of) {
  EXPECT_TRUE(person.core().set_up_device(person.name(), server_record(), now).value());
  const auto request = command(person, [&](client::Core& core) { return core.request_link(now); });
  EXPECT_TRUE(command(of, [&](client::Core& core) { return core.approve_link(*request, now); }));
  settle();
  const auto grant = command(of, [&](client::Core& core) { return core.grant_link(*request, now); });
  EXPECT_TRUE(grant);
  if (grant) {
    EXPECT_TRUE(command(person, [&](client::Core& core) { return core.join_link(*grant, now); }));
  }
  connect(person);
  settle();
}

Person& Stage::clone(Person& of, const std::string& name) {
  return add(name, client::store::Database::restore(of.database().snapshot()));
}

void Stage::connect(Person& person) {
  person.online = true;
  person.refused = false;
  if (person.connection) return;
  const server::ConnectionId id(++last_connection_);
  server::ConnectionInfo info{
      .id = id, .exporter = {}, .tls_group = "X25519MLKEM768", .remote_address = "192.0.2.1"};
  info.exporter.fill(static_cast<std::uint8_t>(last_connection_));
  person.connection = id;
  server_->on_open(info, now);
  perform(person, person.core().connected(
                      {.channel = info.exporter, .tls_key = kTlsKey, .tls_group = info.tls_group}, now));
}

void Stage::disconnect(Person& person) {
  person.online = false;
  if (person.connection) lose_connection(person);
}

void Stage::lose_connection(Person& person) {
  const server::ConnectionId id = *std::exchange(person.connection, std::nullopt);
  to_devices_.erase(id);
  server_->on_close(id, now);
  perform(person, person.core().disconnected("", now));
}

void Stage::write(Person& from, std::string_view to, std::string_view text) {
  const auto written = command(from, [&](client::Core& core) { return core.send_text(to, text, now); });
  EXPECT_TRUE(written) << from.name() << " cannot write";
}

void Stage::perform(Person& person, client::StoreResult<client::Effects> effects) {
  EXPECT_TRUE(effects) << person.name() << ": " << (effects ? "" : client::store::describe(effects.error()));
  if (effects) perform(person, *std::move(effects));
}

void Stage::perform(Person& person, client::Effects effects) {
  for (auto& event : effects.events) person.events.push_back(std::move(event));
  for (const Bytes& octets : effects.frames) {
    v1::ClientFrame frame;
    EXPECT_TRUE(wire::decode(octets, wire::kMaxFrameBytes, frame));
    if (!person.connection) return;
    const auto forwarded = op.to_server ? op.to_server(person, std::move(frame)) : ClientFrames{frame};
    for (const auto& each : forwarded) {
      if (person.connection) server_->on_message(*person.connection, wire::encode(each), now);
    }
  }
  if (effects.disconnect == client::Disconnect::none || !person.connection) return;
  if (effects.disconnect == client::Disconnect::refused) person.refused = true;
  lose_connection(person);
}

Person* Stage::owner(server::ConnectionId connection) {
  for (const auto& person : people_) {
    if (person->connection == connection) return person.get();
  }
  return nullptr;
}

void Stage::send(server::ConnectionId connection, ByteView message) {
  v1::ServerFrame frame;
  EXPECT_TRUE(wire::decode(message, wire::kMaxFrameBytes, frame));
  Person* person = owner(connection);
  if (person == nullptr) return;
  if (frame.request_id() > kOwnRequests) {
    own_answers_[frame.request_id()] = std::move(frame);
    return;
  }
  auto& queue = to_devices_[connection];
  if (!op.to_device) {
    queue.push_back(std::move(frame));
    return;
  }
  for (auto& each : op.to_device(*person, std::move(frame))) queue.push_back(std::move(each));
}

void Stage::close(server::ConnectionId connection, transport::CloseCode) {
  // Reported to the device behind the frames that are on their way to it.
  v1::ServerFrame end;
  end.mutable_goodbye();
  to_devices_[connection].push_back(std::move(end));
}

void Stage::settle_server() {
  for (bool more = true; more;) {
    completed_ = false;
    if (disk_) {
      for (const auto& group : disk_->wait()) complete(group);
    } else {
      memory_->sync();
    }
    more = server_->turn_end(now) || completed_ || (disk_ ? disk_->busy() : memory_->queued() > 0);
  }
}

bool Stage::step() {
  settle_server();
  bool moved = false;
  for (std::size_t i = 0; i < people_.size(); ++i) {
    Person& person = *people_[i];
    if (!person.connection) continue;
    auto& queue = to_devices_[*person.connection];
    if (queue.empty()) continue;
    const v1::ServerFrame frame = std::move(queue.front());
    queue.pop_front();
    moved = true;
    perform(person, person.core().receive(frame, now));
  }
  return moved;
}

void Stage::settle() {
  for (int i = 0; i < kMostFrames; ++i) {
    if (!step()) return;
  }
  ADD_FAILURE() << "frames never stop";
}

void Stage::pass(DurationMs time) {
  now = now + time;
  server_->tick(now);
  for (const auto& person : people_) {
    if (person->core().self() != nullptr) perform(*person, person->core().tick(now));
    if (person->online && !person->refused && !person->connection) connect(*person);
  }
  settle();
}

void Stage::pass_in_steps(DurationMs total, DurationMs step) {
  for (DurationMs gone{0}; gone.value < total.value; gone.value += step.value) pass(step);
}

void Stage::chat(Person& one, Person& other, int count) {
  for (int i = 0; i < count; ++i) {
    write(one, other.self().handle, "from " + one.name());
    settle();
    write(other, one.self().handle, "from " + other.name());
    settle();
  }
}

void Stage::inject(Person& to, v1::ServerFrame frame) {
  ASSERT_TRUE(to.connection);
  perform(to, to.core().receive(frame, now));
}

void Stage::deliver(Person& to, ByteView envelope) {
  v1::ServerFrame frame;
  frame.mutable_deliver()->add_envelopes()->set_payload(wire::field(envelope));
  inject(to, std::move(frame));
  settle();
}

std::vector<Bytes> Stage::withhold(Person& to, const std::function<void()>& during) {
  std::vector<Bytes> kept;
  const auto before = std::exchange(op.to_device, [&](Person& person, v1::ServerFrame frame) -> ServerFrames {
    if (&person != &to || !frame.has_deliver()) return {std::move(frame)};
    for (Bytes& each : envelopes_of(frame)) kept.push_back(std::move(each));
    return {};
  });
  during();
  op.to_device = before;
  // As if they had been delivered: the mailbox must not bring them again.
  v1::ClientFrame acknowledge;
  acknowledge.mutable_acknowledge()->set_sequence(~std::uint64_t{0});
  if (to.connection) {
    acknowledge.set_request_id(++last_own_request_);
    server_->on_message(*to.connection, wire::encode(acknowledge), now);
    settle_server();
  }
  return kept;
}

v1::ServerFrame Stage::ask(Person& as, v1::ClientFrame frame) {
  EXPECT_TRUE(as.connection);
  const std::uint64_t id = ++last_own_request_;
  frame.set_request_id(id);
  server_->on_message(*as.connection, wire::encode(frame), now);
  settle_server();
  return std::move(own_answers_[id]);
}

void Stage::submit(Person& as, Person& to, ByteView envelope) {
  v1::ClientFrame frame;
  auto* target = frame.mutable_submit()->add_targets();
  target->set_account(wire::field(to.self().account_id().view()));
  target->set_manifest_version(server_->holdings(to.self().handle, now)->manifest_version);
  auto* device = target->add_devices();
  device->set_device(wire::field(to.self().device.id.view()));
  device->add_envelopes(wire::field(envelope));
  const auto answer = ask(as, frame);
  EXPECT_EQ(answer.submitted().results(0).devices(0).accepted(), 1U) << answer.ShortDebugString();
  settle();
}

}  // namespace sotto::hostile
