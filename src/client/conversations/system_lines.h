// Lines of a conversation that nobody said: what happened to the devices, keys and handles of the two. They
// stand in the timeline where this device learned of it.
#pragma once

#include <span>
#include <string_view>

#include "client/core/work.h"
#include "identity/ids.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

struct SystemEvent {
  v1::SystemLine::Kind kind = v1::SystemLine::KIND_UNSPECIFIED;
  std::vector<identity::DeviceId> devices;
  std::string words;              ///< for people
  identity::DeviceAddress cause;  ///< whose doing it was; this device where it is nobody's
};

/// Adds the line to the conversation with `peer`, if there is one.
void tell_conversation(Work& work, const identity::AccountId& peer, const SystemEvent& event);
/// Adds it to every conversation in which something was said.
void tell_all_conversations(Work& work, const SystemEvent& event);

/// "3f2a9c01": enough of a device id for people to tell devices of one account apart.
std::string short_id(const identity::DeviceId& device);

}  // namespace sotto::client
