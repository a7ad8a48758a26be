// Files that were handed over before the message that they go with. Encrypted in the profile's folder at
// once; their keys are here alone, so what is left at the end is noise, and the client sweeps it away.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/attachments/folder.h"
#include "client/attachments/records.h"
#include "clock/clock.h"
#include "crypto/random.h"

namespace sotto::agent {

/// Waiting for their messages.
inline constexpr std::size_t kMaxUploads = 100;
/// Somebody who composes for longer uploads again.
inline constexpr DurationMs kUploadLifetime = hours(1);

class Uploads {
 public:
  explicit Uploads(const std::filesystem::path& profile) : folder_(profile) {}
  ~Uploads();
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  /// What the file is called from now on; of too many the oldest goes.
  std::string add(client::NewFile file, crypto::RandomSource& random, UnixMs now);
  std::optional<client::NewFile> take(const std::string& name);
  void expire(UnixMs now);
  /// Expires with these: the profile was locked.
  [[nodiscard]] std::weak_ptr<const bool> open() const { return open_; }

 private:
  struct Upload {
    client::NewFile file;
    UnixMs since;
  };
  void drop(std::map<std::string, Upload>::iterator upload);

  client::AttachmentFolder folder_;
  std::shared_ptr<const bool> open_ = std::make_shared<const bool>(true);
  std::map<std::string, Upload> uploads_;
};

}  // namespace sotto::agent
