// The newest manifest of recently used accounts, as far as every submission needs it.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "directory/limits.h"
#include "identity/ids.h"
#include "identity/manifest.h"

namespace sotto::directory {

/// Version and devices of an account's newest manifest.
struct CurrentManifest {
  std::uint64_t version = 0;
  std::vector<identity::DeviceId> devices;
  bool retired = false;  ///< the account was turned off: these were its devices
};
using CurrentManifestPtr = std::shared_ptr<const CurrentManifest>;

CurrentManifestPtr summarise(const identity::Manifest& manifest, bool retired = false);

/// At most `capacity` entries; the least recently used one goes.
class ManifestCache {
 public:
  explicit ManifestCache(std::size_t capacity = kMaxCachedManifests) : capacity_(capacity) {}

  /// Null when not cached.
  CurrentManifestPtr find(const identity::AccountId& account);
  void put(const identity::AccountId& account, CurrentManifestPtr current);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    identity::AccountId account;
    CurrentManifestPtr current;
  };

  std::size_t capacity_;
  std::list<Entry> entries_;  ///< most recently used first
  std::unordered_map<identity::AccountId, std::list<Entry>::iterator> index_;
};

}  // namespace sotto::directory
