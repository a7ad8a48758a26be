#include "directory/manifest_cache.h"

namespace sotto::directory {

CurrentManifestPtr summarise(const identity::Manifest& manifest, bool retired) {
  auto out = std::make_shared<CurrentManifest>();
  out->version = manifest.version;
  out->retired = retired;
  for (const auto& device : manifest.devices) out->devices.push_back(device.id);
  return out;
}

CurrentManifestPtr ManifestCache::find(const identity::AccountId& account) {
  const auto found = index_.find(account);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->current;
}

void ManifestCache::put(const identity::AccountId& account, CurrentManifestPtr current) {
  if (const auto found = index_.find(account); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    found->second->current = std::move(current);
    return;
  }
  entries_.push_front({account, std::move(current)});
  index_.emplace(account, entries_.begin());
  if (entries_.size() > capacity_) {
    index_.erase(entries_.back().account);
    entries_.pop_back();
  }
}

}  // namespace sotto::directory
