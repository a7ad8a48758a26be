#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "actions.h"
#include "bytes/hex.h"
#include "client/requests/rules.h"
#include "files.h"
#include "removals.h"

namespace sotto::simulation {
namespace {

constexpr UnixMs kStart{1'767'225'600'000};  // 2026-01-01T00:00:00Z
constexpr std::array kHandles{"alice", "bob", "carol", "dave", "erin"};
constexpr std::string_view kWorld = "world";

/// Long enough for every pause that clients make after refusals, which is an hour and a half at most.
constexpr DurationMs kSettleWithin = hours(6);
constexpr DurationMs kLongestStep = seconds(20);
constexpr DurationMs kLinkAgain = seconds(3);
/// Three failures pause linking by code.
constexpr std::size_t kMostCodes = 3;
/// Everybody's password: nothing here is about guessing, and stretching costs a second of real time.
constexpr identity::Authenticator kAuthenticator{0x70};
/// Together with a device's longest absence below 30 days, after which mailboxes forget.
constexpr DurationMs kAllJumps = days(12);
constexpr std::size_t kRollCalls = 2;
/// Devices that both joined at the very end open sessions to each other at once, and need an exchange more.
constexpr std::size_t kMostRollCalls = 4;
/// After a rollback two devices may speak in different sessions until one may tell the other so in a new one.
constexpr DurationMs kResetsAllowed = hours(22);

constexpr std::int64_t kYearMs = std::int64_t{365} * 24 * 3600 * 1000;
/// Clocks that nobody set wrong on purpose.
constexpr std::int64_t kUsualClockErrorMs = 5 * 60 * 1000;

/// How many worlds of a thousand have a fault.
struct Frequency {
  Fault fault;
  std::uint32_t per_mille;
};
constexpr std::array kFrequencies{
    Frequency{Fault::network, 950},     Frequency{Fault::crashes, 950},  Frequency{Fault::server_disk, 900},
    Frequency{Fault::device_disk, 300}, Frequency{Fault::rollback, 250}, Frequency{Fault::clocks, 250},
    Frequency{Fault::years, 100},       Frequency{Fault::relay, 100},
};

client::ServerRecord server_record() {
  return {.host = std::string(kServerName),
          .port = 443,
          .tls_pin = std::nullopt,
          .name = {},
          .identity = {},
          .statement = {},
          .statement_signature = {}};
}

}  // namespace

World::World(const Options& options)
    : options_(options),
      schedule_(kStart),
      dice_(Dice(options.seed).child("world")),
      transcript_(schedule_, options.copy),
      oracle_(transcript_),
      network_(schedule_, Dice(options.seed).child("network"), transcript_),
      server_(schedule_, network_, transcript_, Dice(options.seed).child("server")),
      telephones_(oracle_, transcript_, server_),
      most_users_(options.users.value_or(2 + dice_.below(2) + dice_.below(3) / 2)),
      jumps_left_(kAllJumps) {
  SOTTO_CHECK(most_users_ >= 2 && options.devices >= 1);
  server_.serve_telephones([this](const gateway::OutgoingSms& text) { telephones_.arrive(text); });
  users_.reserve(most_users_);  // actions hold references while a user is added
  draw_faults();
}

void World::draw_faults() {
  if (options_.faults) {
    faults_ = *options_.faults;
    return;
  }
  for (const Frequency& each : kFrequencies) {
    if (dice_.chance(each.per_mille)) faults_.add(each.fault);
  }
}

Report World::run() {
  const auto broken = [this] { return !oracle_.violations().empty(); };
  begin();
  for (std::uint64_t step = 0; step < options_.steps && !broken(); ++step) {
    if (!options_.only || options_.only->contains(step)) act(step);
  }
  if (options_.mode == Mode::liveness && !broken()) {
    end_faults();
    if (oracle_.any_rolled_back()) everyone_speaks();
    settle("the faults ended");
    for (std::size_t round = 0; round < kMostRollCalls && !broken(); ++round) {
      if (round >= kRollCalls) {
        if (without_renewed_keys().empty()) break;
        if (oracle_.any_rolled_back()) pass(kResetsAllowed);
      }
      roll_call(round);
    }
    if (!broken()) fetch_everything();
    if (!broken()) check_end();
  }
  if (!broken()) look_around();
  return {.violations = oracle_.violations(),
          .digest = transcript_.digest(),
          .written = oracle_.written(),
          .shown = oracle_.shown(),
          .envelopes = oracle_.envelopes(),
          .simulated = elapsed(kStart, schedule_.now())};
}

void World::begin() {
  std::string line = fmt::format("seed {}, {} steps, faults:", options_.seed, options_.steps);
  for (std::size_t i = 0; i < kFaultNames.size(); ++i) {
    if (faults_.has(static_cast<Fault>(i))) line += fmt::format(" {}", kFaultNames[i]);
  }
  transcript_.line(kWorld, line);
  if (options_.plant == Plant::lying_disk) server_.plant_lying_disk();
  if (options_.plant == Plant::forget_piece) server_.plant_forgotten_pieces();
  if (options_.plant == Plant::stale_manifest) {
    server_.plant_stale_manifests([this](const identity::AccountId& id) -> std::optional<std::uint64_t> {
      const auto owner = std::ranges::find(users_, to_hex(id.view()), &User::account);
      if (owner == users_.end()) return std::nullopt;
      const auto held = server_.core().holdings(owner->handle, server_.now());
      return held ? std::optional(held->manifest_version) : std::nullopt;
    });
  }
  // A run lives in memory and has its time: whatever goes wrong ends it, an absence too, and people ask for a
  // new code.
  for (const auto code : {v1::Problem::LINK_FAILED, v1::Problem::SIGN_IN_REFUSED}) oracle_.forgive(code);
  if (faults_.has(Fault::clocks) || faults_.has(Fault::years)) {
    telephones_.forgive_repetition();
    oracle_.apps().forgive_times();
  }
  if (faults_.has(Fault::clocks)) {
    // Others refuse prekeys and lists of devices that come from their future, and so does the owner of the
    // wrong clock with those of others and heads of the log; to it what contacts said of the log a minute
    // ago has gone unproven for too long. A clock a month ahead ends sessions, which
    // repair themselves.
    for (const auto code :
         {v1::Problem::PREKEYS_REFUSED, v1::Problem::MANIFEST_REFUSED, v1::Problem::SERVER_IDENTITY_CHANGED,
          v1::Problem::UNDECRYPTABLE, v1::Problem::MESSAGES_MISSING, v1::Problem::LOG_STALE,
          v1::Problem::LOG_DISPUTED}) {
      oracle_.forgive(code);
    }
  }
  server_.boot();
  add_user();
  add_user();
  while (options_.users && users_.size() < *options_.users && add_user()) {
  }
  if (faults_.has(Fault::relay)) {
    oracle_.files().forgive_failures();
    for (const auto code : {v1::Problem::UNDECRYPTABLE, v1::Problem::MESSAGES_MISSING}) oracle_.forgive(code);
    oracle_.forgive_order();
    server_.turn_hostile();
  }
}

std::vector<DeviceMachine*> World::devices() const {
  std::vector<DeviceMachine*> all;
  for (const User& user : users_) all.insert(all.end(), user.devices.begin(), user.devices.end());
  std::ranges::sort(all, {}, &DeviceMachine::number);
  return all;
}

User& World::another_user(const User& than) {
  const auto own = static_cast<std::size_t>(&than - users_.data());
  return users_[(own + dice_.between(1, users_.size() - 1)) % users_.size()];
}

DeviceMachine& World::any_device() {
  const auto all = devices();
  return *all[dice_.below(all.size())];
}

void World::later(DurationMs delay, std::function<void()> event) {
  schedule_.after(delay, [this, run = std::move(event)] {
    if (!quiet_) run();
  });
}

DurationMs World::take_jump(DurationMs wanted) {
  const DurationMs taken = std::min(wanted, jumps_left_);
  jumps_left_.value -= taken.value;
  return taken;
}

DeviceMachine& World::make_device(const User& user, std::size_t number_of_user) {
  const std::string name = fmt::format("{}/{}", user.handle, number_of_user);
  machines_.push_back(std::make_unique<DeviceMachine>(schedule_, network_, transcript_,
                                                      Dice(options_.seed).child(name), oracle_, name,
                                                      machines_.size(), options_.plant));
  DeviceMachine& device = *machines_.back();
  device.set_clock_error(usual_clock_error(device));
  device.boot();
  return device;
}

bool World::let_everybody_write(DeviceMachine& device) {
  const auto ruled = device.command([&](client::Core& core) {
    return core.command(device.now(), [](client::Work& work) {
      client::set_contact_rule(work, v1::ContactRules::OPEN);
      return true;
    });
  });
  return ruled.has_value();
}

bool World::add_user() {
  if (users_.size() >= most_users_) return false;
  const std::size_t index = users_.size();
  User user{.handle = index < kHandles.size() ? kHandles[index] : fmt::format("user{}", index + 1),
            .devices = {}};
  DeviceMachine& device = make_device(user, ++user.made);
  const auto made =
      device.core().set_up_account(user.handle, "", device.name(), server_record(), device.now());
  if (!made || !*made) oracle_.violation(device.name(), "cannot make an account");
  if (!let_everybody_write(device)) oracle_.violation(device.name(), "cannot let people write to it");
  device.go_online();
  const UnixMs limit = schedule_.now() + kSettleWithin;
  while (!device.ready() && schedule_.now() < limit) pass(seconds(1));
  if (!device.ready())
    oracle_.violation(device.name(), "was never registered");
  else
    user.account = to_hex(device.core().self()->account_id().view());
  user.devices.push_back(&device);
  users_.push_back(std::move(user));
  return true;
}

DeviceMachine& World::new_machine(User& user) {
  DeviceMachine& device = make_device(user, ++user.made);
  const auto made = device.core().set_up_device(device.name(), server_record(), device.now());
  if (!made || !*made) oracle_.violation(device.name(), "cannot make a device");
  return device;
}

void World::add_device(User& user, Linking how) {
  if (user.linking || user.devices.size() >= options_.devices) return;
  user.linking = true;
  DeviceMachine& device = new_machine(user);
  const auto index = static_cast<std::size_t>(&user - users_.data());
  if (how == Linking::by_files) return ask_by_file(index, device);
  device.go_online();
  link_by_code(index, device, 0);
}

void World::ask_by_file(std::size_t index, DeviceMachine& device) {
  const auto request = device.command([&](client::Core& core) { return core.request_link(device.now()); });
  if (!request || !*request) {
    // A new device has no faults of its own yet; one that tried codes may be switched off just now.
    schedule_.after(kLinkAgain, [this, index, &device] { ask_by_file(index, device); });
    return;
  }
  schedule_.after(seconds(1), [this, index, &device, armored = **request] { link(index, device, armored); });
}

void World::link(std::size_t index, DeviceMachine& device, const std::string& request) {
  User& user = users_[index];
  // Always the same one: two devices that approve at once make two lists, of which the server refuses one.
  DeviceMachine& trusted = *user.devices.front();
  trusted.command([&](client::Core& core) { return core.approve_link(request, trusted.now()); });
  const auto grant =
      trusted.command([&](client::Core& core) { return core.grant_link(request, trusted.now()); });
  if (!grant || !*grant) {
    schedule_.after(kLinkAgain, [this, index, &device, request] { link(index, device, request); });
    return;
  }
  const auto joined =
      device.command([&](client::Core& core) { return core.join_link(**grant, device.now()); });
  if (!joined || !*joined) return oracle_.violation(device.name(), "cannot join its account");
  transcript_.line(device.name(), fmt::format("joins, granted by {}", trusted.name()));
  take_in(user, device);
}

void World::take_in(User& user, DeviceMachine& device) {
  user.linking = false;
  user.devices.push_back(&device);
  user.joined[&device] = device.now();
  device.go_online();
  keep_letting_everybody_write(static_cast<std::size_t>(&user - users_.data()), device);
}

void World::keep_letting_everybody_write(std::size_t index, DeviceMachine& device) {
  // The device that let it in may be removed before it says who may write.
  if (std::ranges::find(users_[index].devices, &device) == users_[index].devices.end()) return;
  if (let_everybody_write(device)) return;
  schedule_.after(kLinkAgain, [this, index, &device] { keep_letting_everybody_write(index, device); });
}

void World::link_by_code(std::size_t index, DeviceMachine& device, std::size_t codes) {
  if (device.ready()) {
    transcript_.line(device.name(), fmt::format("joins, with its {}. code", codes));
    return take_in(users_[index], device);
  }
  if (device.running() && !device.core().links().join) {
    if (codes >= kMostCodes) return ask_by_file(index, device);
    type_code(index, device, codes);
  } else if (device.running() && device.core().password_challenge() != nullptr) {
    device.command([&](client::Core& core) { return core.sign_in(kAuthenticator, device.now()); });
  }
  schedule_.after(kLinkAgain, [this, index, &device, codes] { link_by_code(index, device, codes); });
}

void World::type_code(std::size_t index, DeviceMachine& device, std::size_t& codes) {
  DeviceMachine& trusted = *users_[index].devices.front();
  if (!trusted.running() || !trusted.core().signed_in()) return;
  const auto& offer = trusted.core().links().offer;
  if (!offer) {
    const client::NewPassword password{.salt = {}, .authenticator = kAuthenticator};
    trusted.command([&](client::Core& core) { return core.change_password(password, trusted.now()); });
    const auto offered = trusted.command(
        [&](client::Core& core) { return core.offer_link(client::OfferKind::code, trusted.now()); });
    if (offered && !*offered && offered->error() == client::LinkError::paused) codes = kMostCodes;
    return;
  }
  if (!offer->announced || offer->joined) return;
  const std::string code = offer->code;
  const auto typed = device.command(
      [&](client::Core& core) { return core.join_by_code(users_[index].handle, code, device.now()); });
  codes = typed && !*typed ? kMostCodes : codes + 1;  // paused on this side too
}

Route World::route(const User& from, DeviceMachine& device, const User& to) {
  Route route{.from = device,
              .sender = from.handle,
              .recipient = to.handle,
              .recipient_account = to.account,
              .must_reach = {}};
  for (const User* side : {&from, &to}) {
    for (const DeviceMachine* other : side->devices) {
      if (other == &device || other == side->coming) continue;
      route.must_reach.push_back(other);
      if (side == &to) route.readers.push_back(other);
    }
  }
  note_removals(route, from, to);
  return route;
}

void World::send_text(User& from, DeviceMachine& device, User& to, std::size_t length) {
  if (!device.ready()) return;
  const std::string text = oracle_.next_text(length);
  oracle_.on_composing(route(from, device, to), text);
  const auto written =
      device.command([&](client::Core& core) { return core.send_text(to.handle, text, device.now()); });
  if (!written) return oracle_.on_not_composed();
  if (!*written) oracle_.violation(device.name(), "cannot write a message");
}

void World::roll_back(DeviceMachine& device) {
  // What was shown and what was stored may differ by what the disk is about to lose.
  oracle_.read_store(device);
  device.roll_back();
}

std::int64_t World::usual_clock_error(const DeviceMachine& device) const {
  std::int64_t error = year_skipped_ ? kYearMs : 0;
  if (!faults_.has(Fault::clocks)) return error;
  Dice dice = Dice(options_.seed).child(device.name()).child("clock");
  return error + static_cast<std::int64_t>(dice.below(2 * kUsualClockErrorMs)) - kUsualClockErrorMs;
}

void World::skip_a_year() {
  if (std::exchange(year_skipped_, true)) return;
  transcript_.line(kWorld, "a year passes with everything off");
  oracle_.forgive_arrival();
  oracle_.files().forgive_failures();  // the server kept them for a month
  // Sessions are over, and a list of devices or a head that was signed before and comes now has expired.
  for (const auto code :
       {v1::Problem::UNDECRYPTABLE, v1::Problem::MESSAGES_MISSING, v1::Problem::MANIFEST_REFUSED,
        v1::Problem::PREKEYS_REFUSED, v1::Problem::LOG_STALE, v1::Problem::LOG_DISPUTED}) {
    oracle_.forgive(code);
  }
  server_.set_clock_error(server_.clock_error() + kYearMs);
  for (const auto& machine : machines_) machine->set_clock_error(machine->clock_error() + kYearMs);
}

void World::act(std::uint64_t step) {
  dice_ = Dice(options_.seed).child(fmt::format("step {}", step));
  const Action& action = any_action(dice_, faults_);
  transcript_.line(kWorld, fmt::format("step {}: {}", step, action.name));
  action.run(*this);
  pass(dice_.spread(kLongestStep));
}

void World::look_around() {
  for (const auto& machine : machines_) {
    machine->calm();
    if (machine->running()) {
      oracle_.read_store(*machine);
      telephones_.compare(*machine);
    } else {
      machine->boot();
    }
  }
}

void World::end_faults() {
  quiet_ = true;
  transcript_.line(kWorld, "the faults end");
  network_.heal_all();
  server_.calm();
  server_.boot();
  for (const auto& machine : machines_) {
    machine->calm();
    machine->set_clock_error(usual_clock_error(*machine));
    machine->boot();
  }
  // What a hostile server withheld will not come.
  if (faults_.has(Fault::relay)) oracle_.forgive_arrival();
  for (DeviceMachine* device : devices()) device->go_online();
  // Those that leave too: some must do it themselves.
  for (const User& user : users_) {
    for (const RemovedDevice& removed : user.removed) removed.machine->go_online();
  }
}

bool World::settled() {
  return oracle_.all_arrived() && server_.at_rest() && network_.frames_on_their_way() == 0 &&
         std::ranges::none_of(users_, [](const User& user) { return user.linking || user.leaving > 0; }) &&
         std::ranges::all_of(devices(), [](const DeviceMachine* device) { return device->settled(); });
}

void World::settle(std::string_view phase) {
  const UnixMs limit = schedule_.now() + kSettleWithin;
  while (!settled() && oracle_.violations().empty() && schedule_.now() < limit) pass(seconds(1));
  if (!oracle_.violations().empty() || settled()) return;
  oracle_.violation(kWorld, fmt::format("does not come to rest after {}", phase));
  for (const DeviceMachine* device : devices()) {
    if (!device->settled()) transcript_.line(device->name(), "is not at rest");
  }
  check_end();
}

void World::fetch_everything() {
  transcript_.line(kWorld, "everybody fetches every file");
  simulation::fetch_everything(*this);
  settle("everything was fetched");
}

void World::everyone_speaks() {
  for (User& from : users_) {
    for (DeviceMachine* device : from.devices) {
      for (User& to : users_) {
        if (&from != &to) send_text(from, *device, to, 1);
      }
    }
  }
}

void World::roll_call(std::size_t round) {
  transcript_.line(kWorld, fmt::format("roll call {}", round + 1));
  for (User& from : users_) {
    for (User& to : users_) {
      if (&from != &to) send_text(from, *from.devices[round % from.devices.size()], to, 1);
    }
  }
  settle("a roll call");
}

}  // namespace sotto::simulation
