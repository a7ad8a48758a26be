#include "recovery/people.h"

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/recovery/alarms.h"
#include "client/recovery/commands.h"
#include "client/recovery/drill.h"
#include "client/recovery/records.h"
#include "client/recovery/upkeep.h"

namespace sotto::recovering {
namespace {

const client::ServerRecord kServer{.host = std::string(hostile::kServerName), .port = 443};

recovery::RecoverySeed seed_of(const std::string& key) {
  auto seed = recovery::parse_seed(key);
  EXPECT_TRUE(seed) << key;
  return *std::move(seed);
}

}  // namespace

std::string ended(const RecoveryOutcome<void>& outcome) {
  return outcome ? "ok" : std::string(client::describe(outcome.error()));
}

std::string Town::set_up(Person& person) {
  const auto seed = crypto::random_secret<recovery::RecoverySeed>(stage.random());
  EXPECT_EQ(ended(run<void>(person, [&](client::Work& work) { return client::set_up_recovery(work, seed); })),
            "ok");
  stage.settle();
  EXPECT_TRUE(client::recovery_is_kept(person.database(), person.address().account));
  return recovery::seed_text(seed);
}

RecoveryOutcome<void> Town::set_contacts(Person& person, const std::string& key, const Handles& handles,
                                         std::size_t threshold, DurationMs delay) {
  const auto seed = seed_of(key);
  auto outcome = run<void>(person, [&](client::Work& work) {
    return client::set_recovery_contacts(work, seed,
                                         {.handles = handles, .threshold = threshold, .delay = delay});
  });
  stage.settle();
  return outcome;
}

RecoveryOutcome<void> Town::drill(Person& person, const std::string& key) {
  const auto seed = seed_of(key);
  auto outcome =
      run<void>(person, [&](client::Work& work) { return client::drill_recovery_key(work, seed); });
  stage.settle();
  return outcome;
}

v1::RecoveryStatus Town::status(Person& person) {
  return client::recovery_status(person.database(), person.self(), stage.now);
}

Person& Town::device(const std::string& name) {
  Person& person = stage.add(name);
  EXPECT_TRUE(person.core().set_up_device(name, kServer, stage.now).value());
  return person;
}

RecoveryOutcome<void> Town::recover(Person& device, const std::string& handle, const std::string& key,
                                    bool keep_devices) {
  const auto seed = seed_of(key);
  auto outcome = run<void>(device, [&](client::Work& work) {
    return client::recover_with_key(work, {.handle = handle, .keep_devices = keep_devices}, seed);
  });
  if (!outcome) return outcome;
  stage.connect(device);
  stage.settle();
  return outcome;
}

std::string Town::request(Person& device, const std::string& handle) {
  return run<std::string>(device,
                          [&](client::Work& work) { return client::make_recovery_request(work, handle); })
      .value();
}

RecoveryOutcome<client::Release> Town::release(Person& contact, const std::string& request) {
  auto outcome =
      run<client::Release>(contact, [&](client::Work& work) { return client::release_share(work, request); });
  stage.settle();
  return outcome;
}

std::string Town::share(Person& contact, const std::string& request) {
  const auto released = release(contact, request);
  EXPECT_TRUE(released) << contact.name() << ": " << (released ? "" : client::describe(released.error()));
  EXPECT_TRUE(released && released->armored) << contact.name() << ": too early";
  return released ? released->armored.value_or("") : "";
}

RecoveryOutcome<void> Town::recover_with(Person& device, const std::string& handle,
                                         const std::vector<std::string>& shares) {
  auto outcome = run<void>(device, [&](client::Work& work) {
    return client::recover_with_shares(work, {.handle = handle}, shares);
  });
  if (!outcome) return outcome;
  stage.connect(device);
  stage.settle();
  return outcome;
}

RecoveryOutcome<std::size_t> Town::veto(Person& person) {
  auto outcome = run<std::size_t>(person, [](client::Work& work) { return client::veto_recovery(work); });
  stage.settle();
  return outcome;
}

bool Town::noticed(const Person& person, v1::Notice::Kind kind) {
  return std::ranges::any_of(person.events, [kind](const v1::Event& event) {
    return event.has_notice() && event.notice().kind() == kind;
  });
}

bool Town::progressed(const Person& person, v1::RecoveryProgress::Stage step) {
  return std::ranges::any_of(person.events, [step](const v1::Event& event) {
    return event.has_recovery() && event.recovery().stage() == step;
  });
}

std::size_t Town::devices(Person& person) {
  return client::load_manifest(person.database(), person.address().account)->manifest().devices.size();
}

}  // namespace sotto::recovering
