#include "speech.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <vector>

#include "client/conversations/commands.h"
#include "client/conversations/kinds.h"
#include "client/conversations/records.h"
#include "client/groups/conversations.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr std::uint32_t kRecent = 20;
constexpr std::uint32_t kWholeHistory = 1'000'000;
constexpr DurationMs kLongestLife = hours(1);
/// Time for a device to delete what has expired.
constexpr DurationMs kPatience = minutes(5);
constexpr std::uint64_t kBriefWorlds = 4;
constexpr std::array kEmoji = {"\xf0\x9f\x91\x8d", "\xe2\x9d\xa4\xef\xb8\x8f", ""};

struct Chosen {
  DeviceMachine& device;
  v1::Message message;
};

std::optional<Chosen> any_message(World& world) {
  DeviceMachine& device = world.any_device();
  if (!device.ready()) return std::nullopt;
  auto all = all_messages(device, kRecent);
  if (all.empty()) return std::nullopt;
  return Chosen{device, std::move(all[world.dice().below(all.size())])};
}

/// What was written, without what edits made of it.
std::string original(const std::string& body) { return body.substr(0, body.find(kEdited)); }

void edit(Chosen& chosen, std::uint64_t number) {
  v1::Text text;
  text.set_body(fmt::format("{}{}{})", original(chosen.message.body()), kEdited, number));
  chosen.device.command([&](client::Core& core) {
    return core.command(chosen.device.now(), [&](client::Work& work) {
      return client::edit_message(work, chosen.message.conversation(), chosen.message.message_id(), text);
    });
  });
}

void react(Chosen& chosen, const char* emoji) {
  chosen.device.command([&](client::Core& core) {
    return core.command(chosen.device.now(), [&](client::Work& work) {
      return client::react(work, chosen.message.conversation(), chosen.message.message_id(), emoji);
    });
  });
}

void pin(Chosen& chosen, bool pinned) {
  chosen.device.command([&](client::Core& core) {
    return core.command(chosen.device.now(), [&](client::Work& work) {
      const auto message = client::open_message(work, chosen.message.conversation(),
                                                chosen.message.message_id(), client::Whose::anybody);
      if (message) client::pin(work, *message, pinned);
      return message.has_value();
    });
  });
}

void read(Chosen& chosen) {
  chosen.device.command([&](client::Core& core) {
    return core.command(chosen.device.now(), [&](client::Work& work) {
      return client::read_conversation(work, chosen.message.conversation()).has_value();
    });
  });
}

/// What every device of an account shows of a message alike: not how far it got, nor when it came.
std::string face(const v1::Message& message) {
  std::string face = message.body();
  for (const auto& earlier : message.earlier_texts()) face += " <" + earlier.body();
  for (const auto& reaction : message.reactions()) face += " " + reaction.sender() + reaction.emoji();
  if (message.pinned()) face += " pinned";
  if (!message.outgoing() && message.read()) face += " read";
  return face;
}

/// In a group that an account is not in any more its devices agree on nothing new.
std::set<std::string> groups_left(DeviceMachine& device) {
  std::set<std::string> out;
  for (const auto& group : client::group_records(device.database(), *device.core().self())) {
    if (!group.member()) out.insert(client::kGroupMark + group.group());
  }
  return out;
}

std::map<std::string, std::string> registers(DeviceMachine& device) {
  std::map<std::string, std::string> out;
  // What is noted of a group's timer is its history's, which members agree on, and stays when they are out.
  auto rows = device.database().query(
      "SELECT kind, hex(subject), number, text FROM register WHERE kind <> ?1 OR length(subject) <> ?2",
      v1::SyncEvent::Write::TIMER, sizeof(groups::GroupId));
  while (rows.next()) {
    out[fmt::format("{} {}", rows.integer(0), rows.text(1))] =
        fmt::format("{} {}", rows.integer(2), rows.text(3));
  }
  return out;
}

/// When the younger of two devices came in: what was said before that, and about it, it may have missed.
UnixMs together_since(const User& user, const DeviceMachine& one, const DeviceMachine& other) {
  UnixMs since;
  for (const auto* device : {&one, &other}) {
    if (const auto at = user.joined.find(device); at != user.joined.end())
      since = std::max(since, at->second);
  }
  return since;
}

std::string difference(DeviceMachine& one, DeviceMachine& other, UnixMs since) {
  std::map<std::string, std::string> known;
  for (const auto& message : all_messages(one, kWholeHistory)) known[message.message_id()] = face(message);
  const auto left = groups_left(other);
  for (const auto& message : all_messages(other, kWholeHistory)) {
    if (message.sent_ms() < since.value || left.contains(message.conversation())) continue;
    const auto same = known.find(message.message_id());
    if (same != known.end() && same->second != face(message))
      return fmt::format("\"{}\" there, \"{}\" here", same->second, face(message));
  }
  const auto here = registers(other);
  for (const auto& [name, value] : registers(one)) {
    const auto same = here.find(name);
    if (same == here.end() || same->second != value)
      return fmt::format("{}: \"{}\" there, \"{}\" here", name, value,
                         same == here.end() ? "-" : same->second);
  }
  return {};
}

std::string overdue(DeviceMachine& device) {
  for (const auto& message : all_messages(device, kWholeHistory)) {
    if (message.expires_ms() > 0 && UnixMs{message.expires_ms()} + kPatience < device.now())
      return fmt::format("{} shows \"{}\" after its time", device.name(), message.body());
  }
  return {};
}

}  // namespace

std::vector<v1::Message> all_messages(DeviceMachine& device, std::uint32_t limit) {
  std::vector<v1::Message> out;
  auto& database = device.database();
  const auto& self = *device.core().self();
  std::vector<client::ConversationRow> conversations;
  {
    auto rows = database.query("SELECT id FROM conversation ORDER BY id");
    while (rows.next()) conversations.push_back(rows.integer(0));
  }
  for (const auto conversation : conversations) {
    for (auto& message : client::history(database, self, conversation, limit, {})) {
      if (!message.has_system()) out.push_back(std::move(message));
    }
  }
  return out;
}

void say_about_something(World& world) {
  auto chosen = any_message(world);
  const std::uint64_t what = world.dice().below(4);
  const std::uint64_t which = world.dice().below(1000);
  if (!chosen) return;
  world.transcript().line(chosen->device.name(),
                          fmt::format("says {} about {}", what, chosen->message.message_id()));
  switch (what) {
    case 0: return react(*chosen, kEmoji[which % kEmoji.size()]);
    case 1: return pin(*chosen, which % 2 == 0);
    case 2: return read(*chosen);
    default:
      if (chosen->message.outgoing() && chosen->message.expires_ms() == 0) edit(*chosen, which);
  }
}

void set_something(World& world) {
  using Write = v1::SyncEvent::Write;
  constexpr std::array kKinds = {Write::DRAFT, Write::NAME, Write::MUTED_UNTIL};
  const auto chosen = any_message(world);
  const auto kind = kKinds[world.dice().below(kKinds.size())];
  const std::uint64_t value = world.dice().below(1000);
  if (!chosen) return;
  world.transcript().line(chosen->device.name(), fmt::format("sets {} to {}", static_cast<int>(kind), value));
  chosen->device.command([&](client::Core& core) {
    return core.command(chosen->device.now(), [&](client::Work& work) {
      return client::set_register(work, chosen->message.conversation(), kind, value, fmt::format("{}", value))
          .has_value();
    });
  });
}

void say_briefly(World& world) {
  DeviceMachine& device = world.any_device();
  const User& to = world.users()[world.dice().below(world.users().size())];
  const DurationMs life = world.dice().spread(kLongestLife);
  const std::uint64_t number = world.dice().below(1'000'000);
  if (world.options().seed % kBriefWorlds != 0 || !device.ready() ||
      device.core().self()->handle == to.handle)
    return;
  world.oracle().forgive(v1::Problem::MESSAGES_MISSING);
  world.transcript().line(device.name(), fmt::format("says something for {} s", life.value / 1000));
  v1::Content content;
  content.mutable_text()->set_body(fmt::format("{}{}", kBrief, number));
  device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return client::send_entry(work, to.handle, content,
                                {.reply_to = {}, .lifetime = DurationMs{life.value + 1000}});
    });
  });
}

std::string disagreement(World& world) {
  for (const User& user : world.users()) {
    for (DeviceMachine* device : user.devices) {
      if (auto late = overdue(*device); !late.empty()) return late;
      DeviceMachine& first = *user.devices.front();
      const auto wrong = difference(first, *device, together_since(user, first, *device));
      if (!wrong.empty()) return fmt::format("{} and {} differ: {}", first.name(), device->name(), wrong);
    }
  }
  return {};
}

}  // namespace sotto::simulation
