#include "agent/uploads.h"

#include <algorithm>

#include "bytes/hex.h"

namespace sotto::agent {

Uploads::~Uploads() {
  while (!uploads_.empty()) drop(uploads_.begin());
}

void Uploads::drop(std::map<std::string, Upload>::iterator upload) {
  folder_.erase(upload->second.file.keys.file_id);
  uploads_.erase(upload);
}

std::string Uploads::add(client::NewFile file, crypto::RandomSource& random, UnixMs now) {
  expire(now);
  if (uploads_.size() >= kMaxUploads) {
    drop(std::ranges::min_element(uploads_, {}, [](const auto& each) { return each.second.since; }));
  }
  std::string name = to_hex(random.array<16>());
  uploads_.emplace(name, Upload{std::move(file), now});
  return name;
}

std::optional<client::NewFile> Uploads::take(const std::string& name) {
  const auto found = uploads_.find(name);
  if (found == uploads_.end()) return std::nullopt;
  std::optional<client::NewFile> file(std::move(found->second.file));
  uploads_.erase(found);
  return file;
}

void Uploads::expire(UnixMs now) {
  for (auto each = uploads_.begin(); each != uploads_.end();) {
    const auto next = std::next(each);
    if (has_passed(kUploadLifetime, each->second.since, now)) drop(each);
    each = next;
  }
}

}  // namespace sotto::agent
