// Lines of a conversation that nobody said: what happened to the devices, keys and handles of the two. They
// stand in the timeline where this device learned of it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "client/core/work.h"
#include "identity/ids.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

struct SystemEvent {
  v1::SystemLine::Kind kind = v1::SystemLine::KIND_UNSPECIFIED;
  std::vector<identity::DeviceId> devices;
  std::string words;                 ///< for people
  identity::DeviceAddress cause;     ///< whose doing it was; this device where it is nobody's
  std::optional<Bytes> detail = {};  ///< v1::SystemLine of a group
};

/// Adds the line to the conversation with `peer`, if there is one.
void tell_conversation(Work& work, const identity::AccountId& peer, const SystemEvent& event);
/// Adds a line of a group, which needs no attention; its row. It is announced with what belongs to it.
std::int64_t tell_group(Work& work, std::int64_t conversation, const SystemEvent& event);
void announce_group_line(Work& work, std::int64_t line);
/// Adds it to every conversation in which something was said.
void tell_all_conversations(Work& work, const SystemEvent& event);

/// "3f2a9c01": enough of a device id for people to tell devices of one account apart.
std::string short_id(const identity::DeviceId& device);

}  // namespace sotto::client
