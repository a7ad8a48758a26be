#include "client/devices/link_attempts.h"

#include <vector>

#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/devices/device_name.h"
#include "client/notices/notices.h"
#include "client/outbox/queue.h"
#include "identity/device_name.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Attempt = v1::SyncEvent::LinkAttempt;

std::string name_of(Work& work, const identity::DeviceId& device) {
  const auto own = load_manifest(work.db, work.self.account_id());
  const auto* listed = own ? own->find(device) : nullptr;
  if (listed == nullptr) return "another device";
  const auto name = open_device_name(listed->sealed_name, *work.self.sync_key);
  return name && !name->empty() ? "\"" + identity::clean_device_name(*name) + "\"" : "another device";
}

std::string words(const Attempt& attempt, const std::string& device) {
  if (attempt.paused_until_ms() != 0) {
    return "three attempts to link a device with a code of " + device +
           " failed: linking by code is paused there for a day. If it was not you, somebody knows your "
           "password: choose another one; the command is `sotto password set`";
  }
  const std::string name = identity::clean_device_name(attempt.name());
  switch (attempt.outcome()) {
    case Attempt::BEGUN: return "somebody answers to a code that " + device + " shows, to link a new device";
    case Attempt::CONFIRMED:
      return "a device named \"" + name + "\" proved the code that " + device + " shows";
    case Attempt::LINKED:
      return device + " linked a device named \"" + name +
             "\", which reads everything from now on. If it was not you, remove it; the command is `sotto "
             "devices "
             "remove`";
    default: return "an attempt to link a device with a code of " + device + " failed";
  }
}

}  // namespace

linking::LinkAttempts load_attempts(store::Database& database) {
  store::Rows rows = database.query("SELECT record FROM link_attempts");
  if (!rows.next()) return {};
  auto attempts = linking::LinkAttempts::decode(rows.octets(0));
  if (!attempts) {
    database.report_damage();
    return {};
  }
  return *std::move(attempts);
}

void save_attempts(Work& work, const linking::LinkAttempts& attempts) {
  work.db.run("INSERT OR REPLACE INTO link_attempts (id, record) VALUES (1, ?1)", attempts.encode());
}

void tell_devices(Work& work, const OfferRun& run, Attempt::Outcome outcome) {
  const auto own = load_manifest(work.db, work.self.account_id());
  std::vector<identity::DeviceId> others;
  for (const auto& device : own ? own->manifest().devices : std::vector<identity::ManifestDevice>()) {
    if (device.id != work.self.device.id && device.id != run.device) others.push_back(device.id);
  }
  if (others.empty()) return;
  v1::Content content;
  auto& attempt = *content.mutable_sync()->mutable_link_attempt();
  attempt.set_attempt(wire::field(run.attempt));
  attempt.set_time_ms(run.begun.value);
  attempt.set_address(run.address);
  attempt.set_name(run.device_name);
  attempt.set_outcome(outcome);
  if (outcome == Attempt::FAILED) {
    const auto paused = load_attempts(work.db).paused_until(work.now);
    if (paused) attempt.set_paused_until_ms(paused->value);
  }
  const auto authored =
      author_content(work, work.self.account_id(), content, work.random.array<16>(), work.now);
  for (const auto& device : others) {
    queue_content(work, {.account = work.self.account_id(), .device = device}, authored);
  }
}

void on_link_attempt(Work& work, const identity::DeviceId& device, const Attempt& attempt) {
  v1::Notice notice;
  notice.set_kind(attempt.paused_until_ms() != 0 ? v1::Notice::LINKING_PAUSED : v1::Notice::LINK_ATTEMPT);
  notice.set_time_ms(attempt.time_ms());
  notice.set_detail(words(attempt, name_of(work, device)));
  notice.set_address(identity::clean_device_name(attempt.address()));
  give_notice(work, notice);
}

v1::LinkProgress& announce_link(Work& work, v1::LinkProgress::Stage stage) {
  auto& progress = *work.effects.events.emplace_back().mutable_link();
  progress.set_stage(stage);
  return progress;
}

void announce_link_failure(Work& work, std::string_view failure) {
  announce_link(work, v1::LinkProgress::FAILED).set_failure(std::string(failure));
  report_problem(work, v1::Problem::LINK_FAILED, failure);
  const auto paused = load_attempts(work.db).paused_until(work.now);
  if (paused) announce_link(work, v1::LinkProgress::PAUSED).set_until_ms(paused->value);
}

void send_link_message(Work& work, const LinkName& link, const linking::LinkMessage& message) {
  v1::ClientFrame frame;
  frame.mutable_send_link()->set_link(wire::field(link));
  frame.mutable_send_link()->set_message(wire::field(linking::encode(message)));
  const RequestKey key{RequestKind::linking,
                       {static_cast<std::uint8_t>(LinkStep::message), ++work.run.linking.messages}};
  work.link.send(work.effects, frame, {.key = key});
}

void abort_link(Work& work, const LinkName& link) {
  if (work.link.phase == Phase::offline) return;
  send_link_message(work, link, linking::LinkAbort{});
  v1::ClientFrame frame;
  frame.mutable_close_link()->set_link(wire::field(link));
  work.link.notify(work.effects, frame);
}

}  // namespace sotto::client
