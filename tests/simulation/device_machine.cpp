#include "device_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "client/store/schema.h"
#include "plants.h"
#include "wire/decode.h"

namespace sotto::simulation {
namespace {

constexpr DurationMs kFirstBackOff = seconds(1);
constexpr DurationMs kLongestBackOff = seconds(60);
/// A person looks again at what the server refused, or starts a program again that stopped.
constexpr DurationMs kAfterRefusal = minutes(10);
constexpr DurationMs kAfterStop = minutes(1);
constexpr std::uint32_t kLostAcknowledgementsPerMille = 100;
/// The least that a server takes, so that files need several requests though they are small.
constexpr std::size_t kPartOctets = std::size_t{256} << 10;

/// "submit" of a ClientFrame, "deliver" of a ServerFrame.
template <typename Frame>
std::string kind_of(int field) {
  const auto* descriptor = Frame::descriptor()->FindFieldByNumber(field);
  return descriptor == nullptr ? "nothing" : descriptor->name();
}

std::string describe(const v1::ServerFrame& frame, std::size_t octets) {
  std::string line = fmt::format("< {} {}", kind_of<v1::ServerFrame>(frame.body_case()), octets);
  for (const auto& envelope : frame.deliver().envelopes()) line += fmt::format(" #{}", envelope.sequence());
  return line;
}

std::string describe(const v1::ClientFrame& frame, std::size_t octets) {
  std::string line = fmt::format("> {} {}", kind_of<v1::ClientFrame>(frame.request_case()), octets);
  if (frame.has_acknowledge()) line += fmt::format(" #{}", frame.acknowledge().sequence());
  return line;
}

/// A field of an answer, 0 if it is not there.
std::uint64_t number_in(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::unique_ptr<client::store::Database> empty_store() {
  static const Bytes kMigrated = [] {
    const auto database = client::store::Database::in_memory();
    SOTTO_CHECK(client::store::migrate(*database).has_value());
    return database->snapshot();
  }();
  return client::store::Database::restore(kMigrated);
}

}  // namespace

DeviceMachine::DeviceMachine(Schedule& schedule, Network& network, Transcript& transcript, Dice dice,
                             DeviceObserver& observer, std::string name, std::size_t number, Plant plant)
    : schedule_(schedule),
      network_(network),
      transcript_(transcript),
      dice_(std::move(dice)),
      observer_(observer),
      name_(std::move(name)),
      number_(number),
      plant_(plant),
      clock_(schedule),
      random_(dice_.child_seed("core")),
      database_(empty_store()),
      back_off_(kFirstBackOff) {}

void DeviceMachine::boot() {
  if (!running()) start(false);
}

void DeviceMachine::start(bool restored) {
  if (plant_ == Plant::forget_replay_set) forget_accepted_messages(*database_);
  auto core = client::Core::create(*database_, random_);
  if (!core) return observer_.on_failure(*this, "the store cannot be read");
  core_ = std::move(*core);
  mover_.emplace(*database_, files_, kPartOctets);
  transcript_.line(name_, "starts");
  if (restored) {
    observer_.on_restored(*this);
  } else {
    observer_.on_boot(*this);
  }
  apply([this] { return core_->tick(now()); });
  if (running() && wants_connection_) connect();
}

void DeviceMachine::kill(DurationMs down_for) {
  if (!running()) return;
  transcript_.line(name_, "is killed");
  stop();
  if (plant_ == Plant::skip_persist) database_ = client::store::Database::restore(before_input_);
  schedule_.after(down_for, [this] { boot(); });
}

void DeviceMachine::stop() {
  if (connection_) network_.device_died(*connection_);
  connection_.reset();
  connected_ = false;
  inputs_left_.reset();
  if (tick_) schedule_.cancel(*tick_);
  if (reconnect_) schedule_.cancel(*reconnect_);
  if (files_again_) schedule_.cancel(*files_again_);
  back_off_ = kFirstBackOff;
  ++lives_;
  mover_.reset();
  core_.reset();
}

void DeviceMachine::calm() {
  inputs_left_.reset();
  set_disk_fault(DiskFault::none);
}

void DeviceMachine::roll_back() {
  transcript_.line(name_, "is restored from a backup of its disk");
  stop();
  database_ = client::store::Database::restore(snapshot_->database);
  files_.restore(snapshot_->files);
  files_.set_fault(DiskFault::none);
  disk_fault_ = DiskFault::none;
  start(true);
}

bool DeviceMachine::settled() const {
  if (!running() || !core_->settled() || mover_->asking()) return false;
  // Also what waits for the end of a pause after a refusal.
  auto waits = database_->query(
      "SELECT 1 FROM message_guest WHERE state = ?1 UNION ALL SELECT 1 FROM message m JOIN sms_peer p ON"
      " p.conversation = m.conversation WHERE m.state = ?1 UNION ALL SELECT 1 FROM attachment WHERE state IN "
      "(?2,"
      " ?3)",
      v1::Message::QUEUED, v1::AttachedFile::UPLOADING, v1::AttachedFile::DOWNLOADING);
  return !waits.next();
}

bool DeviceMachine::ready() const { return running() && core_->self() != nullptr && core_->self()->ready(); }

void DeviceMachine::go_online() {
  if (std::exchange(wants_connection_, true)) return;
  back_off_ = kFirstBackOff;
  if (running()) connect();
}

void DeviceMachine::go_offline() {
  if (!std::exchange(wants_connection_, false)) return;
  transcript_.line(name_, "goes offline");
  if (reconnect_) schedule_.cancel(*reconnect_);
  if (connection_) drop_connection(client::Disconnect::none);
}

void DeviceMachine::set_clock_error(std::int64_t error_ms) {
  clock_.set_error(error_ms);
  // A program looks at the clock several times a second.
  if (running()) schedule_tick(now());
}

void DeviceMachine::set_disk_fault(DiskFault fault) {
  if (std::exchange(disk_fault_, fault) == fault) return;
  files_.set_fault(fault);
  // SQLite never goes below the present size, and 2^32 - 2 is as large as it gets.
  database_->run_script(fault == DiskFault::full ? "PRAGMA max_page_count = 1"
                                                 : "PRAGMA max_page_count = 4294967294");
  database_->run_script(fault == DiskFault::read_only ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF");
}

void DeviceMachine::connect() {
  if (!connection_) connection_ = network_.connect(*this, name_);
}

void DeviceMachine::reconnect_later() {
  if (!wants_connection_) return;
  const DurationMs pause = dice_.between(back_off_, {back_off_.value * 3 / 2});
  back_off_ = std::min(DurationMs{back_off_.value * 2}, kLongestBackOff);
  if (reconnect_) schedule_.cancel(*reconnect_);
  reconnect_ = schedule_.after(pause, [this] { connect(); });
}

void DeviceMachine::on_connected(ConnectionId id, const transport::Exporter& channel) {
  if (connection_ != id) return;
  connected_ = true;
  apply([&] { return core_->connected({.channel = channel, .tls_key = identity::SpkiHash{}}, now()); });
}

void DeviceMachine::on_frame(ConnectionId id, ByteView octets) {
  if (connection_ != id || !connected_) return;
  v1::ServerFrame frame;
  if (!wire::decode(octets, wire::kMaxFrameBytes, frame))
    return observer_.on_failure(*this, "cannot decode a frame");
  transcript_.line(name_, describe(frame, octets.size()));
  apply([&] { return core_->receive(frame, now()); });
}

void DeviceMachine::on_disconnected(ConnectionId id) {
  if (connection_ != id) return;
  connection_.reset();
  reconnect_later();
  if (std::exchange(connected_, false))
    apply([this] { return core_->disconnected("the connection broke", now()); });
}

void DeviceMachine::drop_connection(client::Disconnect reason) {
  network_.close_from_device(*connection_);
  connection_.reset();
  if (reason == client::Disconnect::refused) back_off_ = kAfterRefusal;
  if (reason != client::Disconnect::none) reconnect_later();
  if (std::exchange(connected_, false)) apply([this] { return core_->disconnected("dropped", now()); });
}

template <typename Input>
void DeviceMachine::apply(Input&& input) {
  before_input();
  auto effects = input();
  if (!effects) return store_failed(effects.error());
  perform(*std::move(effects));
}

void DeviceMachine::before_input() {
  if (plant_ == Plant::skip_persist || plant_ == Plant::reuse_key) before_input_ = database_->snapshot();
}

/// As the real owner does (client/runtime): the connection goes, and after an error that will not pass by
/// itself so does the program.
void DeviceMachine::store_failed(client::store::StoreError error) {
  if (disk_fault_ == DiskFault::none) return observer_.on_failure(*this, client::store::describe(error));
  transcript_.line(name_, "cannot write");
  if (disk_fault_ == DiskFault::read_only) return kill(kAfterStop);
  if (!connection_) return schedule_tick(now() + kFirstBackOff);
  network_.close_from_device(*connection_);
  connection_.reset();
  reconnect_later();
  // What this gives is of no interest: the disk is full.
  if (std::exchange(connected_, false)) static_cast<void>(core_->disconnected("dropped", now()));
  schedule_tick(now() + kFirstBackOff);
}

bool DeviceMachine::dies_now() { return inputs_left_ && (*inputs_left_)-- == 0; }

void DeviceMachine::perform(client::Effects effects) {
  const bool dies = dies_now();
  if (dies) effects.frames.resize(dice_.below(effects.frames.size() + 1));
  for (const Bytes& frame : effects.frames) send(frame);
  if (!dies || dice_.chance(500)) {
    for (const v1::Event& event : effects.events) {
      if (event.connection().state() == v1::ConnectionState::DRAINED) back_off_ = kFirstBackOff;
      observer_.on_event(*this, event);
    }
  }
  if (plant_ == Plant::reuse_key) put_back_sessions(*database_, before_input_);
  if (dies) return kill(down_for_);
  schedule_tick(effects.next_tick);
  if (effects.disconnect != client::Disconnect::none && connection_) drop_connection(effects.disconnect);
  move_files();
}

void DeviceMachine::move_files() {
  if (!running() || std::exchange(moving_, true)) return;
  bool more = true;
  while (more && running() && core_->signed_in() && !mover_->asking()) {
    auto step = mover_->next(now());
    if (step.ask) ask(*std::move(step.ask));
    // What cannot be told now is tried again after the tick that follows a failure of the disk.
    more = step.tell && tell(step.tell);
  }
  moving_ = false;
  if (files_again_) schedule_.cancel(*files_again_);
  files_again_.reset();
  if (!running() || mover_->paused_until().value_or(now()) <= now()) return;
  const UnixMs then = clock_.in_simulated_time(*mover_->paused_until());
  files_again_ = schedule_.at(std::max(then, schedule_.now() + DurationMs{1}), [this] {
    files_again_.reset();
    move_files();
  });
}

void DeviceMachine::ask(client::BlobAsk asked) {
  observer_.on_asked(*this, asked);
  transcript_.line(name_, fmt::format("> {} {}", asked.method, asked.fields.back().second));
  transport::HttpRequest request;
  request.method = std::move(asked.method);
  request.target = std::move(asked.target);
  request.fields = std::move(asked.fields);
  request.body = std::move(asked.body);
  request.remote_address = "192.0.2.1";
  network_.ask(name_, std::move(request), [this, life = lives_](const transport::HttpAnswer* answer) {
    if (life == lives_) answered(answer);
  });
}

void DeviceMachine::answered(const transport::HttpAnswer* answer) {
  client::OctetMover::Input input;
  const std::uint64_t writes = files_.writes();
  if (answer == nullptr) {
    transcript_.line(name_, "< nothing");
    input = mover_->answered(nullptr, now());
  } else {
    transcript_.line(name_, fmt::format("< {} {}", answer->status, answer->body.size()));
    const client::BlobAnswer received{.status = answer->status,
                                      .upload_offset = number_in(answer->field("Upload-Offset")),
                                      .retry_after = seconds(number_in(answer->field("Retry-After"))),
                                      .body = answer->body};
    input = mover_->answered(&received, now());
  }
  if (input && inputs_left_ == 0U && dice_.chance(500)) {
    // Between what was written to the folder, or in the middle of that, and the commit that says so.
    if (files_.writes() > writes) files_.tear_last_write(dice_.below(files_.last_write() + 1));
    return kill(down_for_);
  }
  if (input) tell(input);
  move_files();
}

bool DeviceMachine::tell(const client::OctetMover::Input& input) {
  return command([&](client::Core& core) {
           return core.command(now(), [&](client::Work& work) {
             input(work);
             return true;
           });
         })
      .has_value();
}

void DeviceMachine::send(const Bytes& octets) {
  v1::ClientFrame frame;
  SOTTO_CHECK(wire::decode(octets, wire::kMaxFrameBytes, frame).has_value());
  if (plant_ == Plant::drop_ack && frame.has_acknowledge() && dice_.chance(kLostAcknowledgementsPerMille))
    return;
  transcript_.line(name_, describe(frame, octets.size()));
  observer_.on_sent(*this, frame);
  if (connection_ && connected_) network_.send_to_server(*connection_, octets);
}

void DeviceMachine::schedule_tick(std::optional<UnixMs> next) {
  if (tick_) schedule_.cancel(*tick_);
  tick_.reset();
  if (!next) return;
  // Never in the same millisecond again: time has to pass for anything to become due.
  tick_ = schedule_.at(std::max(clock_.in_simulated_time(*next), schedule_.now() + DurationMs{1}), [this] {
    tick_.reset();
    apply([this] { return core_->tick(now()); });
  });
}

}  // namespace sotto::simulation
