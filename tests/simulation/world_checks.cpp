// What must be true of a world in the end, when everything has settled.
#include <fmt/format.h>

#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "groups.h"
#include "speech.h"
#include "world.h"

namespace sotto::simulation {

std::string World::without_renewed_keys() const {
  for (DeviceMachine* device : devices()) {
    for (const auto& conversation :
         client::conversation_records(device->database(), *device->core().self(), {})) {
      if (conversation.kind() != v1::Conversation::DIRECT) continue;
      if (conversation.security().pq_level() != v1::SecurityState::PQ_CONTINUOUS)
        return fmt::format("{} with {}", device->name(), conversation.contact().handle());
    }
  }
  return {};
}

void World::check_end() {
  oracle_.require_all_arrived();
  for (const User& user : users_) check_account(user);
  // What a device forgot, or dated a year ahead, it cannot agree on.
  const bool comparable = !faults_.has(Fault::rollback) && !faults_.has(Fault::clocks) &&
                          !faults_.has(Fault::years) && !faults_.has(Fault::relay);
  if (comparable) {
    if (const auto differs = disagreement(*this); !differs.empty())
      oracle_.violation("world", fmt::format("own devices do not agree ({})", differs));
    if (const auto differs = group_disagreement(*this); !differs.empty())
      oracle_.violation("world", fmt::format("members do not agree on a group ({})", differs));
  }
  if (const auto missing = without_renewed_keys(); !missing.empty())
    oracle_.violation("world", fmt::format("the keys of a conversation were never renewed ({})", missing));
}

void World::check_account(const User& user) {
  const auto& first = *user.devices.front();
  const auto account = user.devices.front()->core().self()->account_id();
  const auto held = server_.core().holdings(user.handle, server_.now());
  if (!held || held->account != account)
    return oracle_.violation(first.name(), "has no account at the server");
  for (const auto& mailbox : held->status.mailboxes()) {
    if (mailbox.envelopes() != 0) {
      oracle_.violation(first.name(), fmt::format("{} envelopes are left in a mailbox", mailbox.envelopes()));
    }
  }
  for (DeviceMachine* device : user.devices) {
    const auto missing = SentFiles::missing(*device);
    if (missing && !year_skipped_) oracle_.violation(device->name(), "has not every file: " + *missing);
    const auto& self = *device->core().self();
    const auto status = client::status_record(device->database(), self);
    if (status.queued_messages() != 0) oracle_.violation(device->name(), "has unsent messages left");
    if (status.held_envelopes() != 0) oracle_.violation(device->name(), "has held envelopes left");
    if (status.devices() != user.devices.size())
      oracle_.violation(device->name(), "has another list of devices");
    const auto manifest = client::load_manifest(device->database(), account);
    if (manifest->version() != held->manifest_version) {
      oracle_.violation(device->name(), "has not the newest manifest");
    }
    for (const auto& conversation : client::conversation_records(device->database(), self, {})) {
      if (conversation.kind() != v1::Conversation::DIRECT) continue;
      // A hostile server may have withheld what told a new device the name.
      if (conversation.contact().handle().empty() && !faults_.has(Fault::relay)) {
        oracle_.violation(device->name(), "has a conversation whose handle was never confirmed");
      }
    }
  }
}

}  // namespace sotto::simulation
