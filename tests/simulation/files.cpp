#include "files.h"

#include <fmt/format.h>

#include <vector>

#include "client/attachments/transfers.h"
#include "world.h"

namespace sotto::simulation {
namespace {

/// Half of the files fit one request; of the others each takes some.
constexpr std::uint64_t kSmallFile = 100'000;
constexpr std::uint64_t kLargeFile = 900'000;
constexpr std::uint64_t kMostLost = 4;

std::size_t any_size(Dice& dice) {
  if (dice.chance(500)) return static_cast<std::size_t>(dice.spread({kSmallFile}).value);
  return static_cast<std::size_t>(dice.between(kSmallFile, kLargeFile));
}

/// Empty: the disk takes none.
std::optional<client::NewFile> new_file(World& world, DeviceMachine& device) {
  SentFiles& sent = world.oracle().files();
  const std::size_t size = any_size(world.dice());
  auto keys = attachments::FileKeys::generate(world.dice().source());
  const auto sealed = device.files().seal(keys, SentFiles::octets(sent.next(), size));
  if (!sealed) return std::nullopt;
  world.transcript().line(device.name(), fmt::format("takes up file {}, {} octets", sent.next(), size));
  client::NewFile file{.keys = std::move(keys),
                       .shape = sealed->shape,
                       .tags_hash = sealed->tags_hash,
                       .mime = "text/plain",
                       .name = SentFiles::name(sent.next()),
                       .thumbnail = {}};
  sent.add(file.keys.file_id, size);
  return file;
}

void fetch(DeviceMachine& device) {
  if (!device.ready()) return;
  std::vector<client::FileKey> wanted;
  {
    auto rows = device.database().query(
        "SELECT message, position FROM attachment WHERE state IN (?1, ?2) ORDER BY message, position",
        v1::AttachedFile::REMOTE, v1::AttachedFile::FAILED);
    while (rows.next()) wanted.push_back({rows.integer(0), rows.integer(1)});
  }
  if (wanted.empty()) return;
  device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      for (const client::FileKey& file : wanted) client::want_file(work, file);
      return true;
    });
  });
}

}  // namespace

void send_files(World& world) {
  auto& users = world.users();
  User& from = users[world.dice().below(users.size())];
  User& to = world.another_user(from);
  DeviceMachine& device = *from.devices[world.dice().below(from.devices.size())];
  const std::uint64_t count = world.dice().chance(250) ? 2 : 1;
  if (!device.ready()) return;
  std::vector<client::NewFile> files;
  while (files.size() < count) {
    auto file = new_file(world, device);
    if (!file) return world.transcript().line(device.name(), "has no room for a file");
    files.push_back(*std::move(file));
  }
  Route route = world.route(from, device, to);
  route.waits = true;
  const std::string text = world.oracle().next_text(0);
  world.oracle().on_composing(std::move(route), text);
  v1::Content content;
  content.mutable_text()->set_body(text);
  const auto written = device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return client::send_files(work, to.handle, content,
                                {.reply_to = {}, .lifetime = {}, .with_files = true}, files);
    });
  });
  if (!written) return world.oracle().on_not_composed();
  if (!*written) world.oracle().violation(device.name(), "cannot write a message with files");
}

void fetch_files(World& world) { fetch(world.any_device()); }

void lose_requests(World& world) {
  const std::string host = world.any_device().name();
  world.network().lose_next_requests(host, world.dice().between(1, kMostLost));
}

void fetch_everything(World& world) {
  for (DeviceMachine* device : world.devices()) fetch(*device);
}

}  // namespace sotto::simulation
