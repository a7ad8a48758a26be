#include "sent_files.h"

#include <fmt/format.h>

#include <vector>

namespace sotto::simulation {
namespace {

constexpr std::string_view kPlain = "sotto plain file";

std::vector<client::FileKey> all_files(DeviceMachine& device) {
  std::vector<client::FileKey> out;
  auto rows = device.database().query("SELECT message, position FROM attachment ORDER BY message, position");
  while (rows.next()) out.push_back({rows.integer(0), rows.integer(1)});
  return out;
}

}  // namespace

Bytes SentFiles::octets(std::uint64_t number, std::size_t size) {
  std::string out;
  out.reserve(size + kPlain.size() + 32);
  for (std::uint64_t line = 0; out.size() < size; ++line) {
    fmt::format_to(std::back_inserter(out), "{} {:06} line {:06}\n", kPlain, number, line);
  }
  out.resize(size);
  return to_bytes(as_bytes(std::string_view(out)));
}

bool SentFiles::shows(std::string_view octets) { return octets.find(kPlain) != std::string_view::npos; }

std::string SentFiles::name(std::uint64_t number) { return fmt::format("file-{}.txt", number); }

void SentFiles::forget(const DeviceMachine& device) {
  std::erase_if(whole_, [&](const auto& entry) { return entry.first == device.number(); });
}

std::optional<std::string> SentFiles::wrong(DeviceMachine& device) {
  for (const client::FileKey& key : all_files(device)) {
    const auto row = client::load_file(device.database(), key);
    if (!row) continue;
    if (auto what = wrong(device, *row)) return what;
  }
  return std::nullopt;
}

std::optional<std::string> SentFiles::wrong(DeviceMachine& device, const client::FileRow& row) {
  const auto sent = files_.find(row.keys.file_id);
  if (sent == files_.end()) return "has a file that nobody sent";
  const auto [number, size] = sent->second;
  if (row.name != name(number) || row.shape.file != size)
    return fmt::format("describes file {} wrongly", number);
  if (row.state == v1::AttachedFile::FAILED && !forgiven_) return fmt::format("cannot have file {}", number);
  if (row.state != v1::AttachedFile::HERE || whole_.contains({device.number(), sent->first}))
    return std::nullopt;
  const auto here = device.files().open(row.keys, row.shape, row.tags_hash);
  if (!here) return fmt::format("says it has file {}, which is {}", number, describe(here.error()));
  if (*here != octets(number, size)) return fmt::format("has other octets than were sent as file {}", number);
  whole_.emplace(device.number(), sent->first);
  return std::nullopt;
}

std::optional<std::string> SentFiles::missing(DeviceMachine& device) {
  for (const client::FileKey& key : all_files(device)) {
    const auto row = client::load_file(device.database(), key);
    if (row && row->state != v1::AttachedFile::HERE)
      return fmt::format("{} is {}", row->name, v1::AttachedFile::State_Name(row->state));
  }
  return std::nullopt;
}

}  // namespace sotto::simulation
