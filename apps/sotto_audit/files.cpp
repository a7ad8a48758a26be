#include "files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sotto::audit_cli {

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileHandle::FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Failure file_failure(const char* verb, const std::filesystem::path& path) {
  return {ExitCode::failed,
          fmt::format("cannot {} {}: {}; is the disk full, or not accessible for this user?", verb,
                      path.string(), std::strerror(errno))};
}

Outcome<std::optional<Bytes>> read_file(const std::filesystem::path& path, std::size_t max_octets) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return err(file_failure("read", path));
  if (static_cast<std::uint64_t>(status.st_size) > max_octets) {
    return err(Failure{ExitCode::failed, path.string() + " is larger than such a file can be"});
  }
  Bytes out(static_cast<std::size_t>(status.st_size));
  std::size_t total = 0;
  while (total < out.size()) {
    const ssize_t count = ::read(file.get(), out.data() + total, out.size() - total);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return err(file_failure("read", path));
    if (count == 0) break;
    total += static_cast<std::size_t>(count);
  }
  out.resize(total);
  return out;
}

bool write_all(int descriptor, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(descriptor, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

Outcome<void> replace_file(const std::filesystem::path& path, ByteView octets) {
  const std::filesystem::path draft = path.string() + ".new";
  {
    const FileHandle file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open() || !write_all(file.get(), octets) || ::fsync(file.get()) != 0) {
      return err(file_failure("write", draft));
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return err(file_failure("write", path));
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const FileHandle directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.get()) != 0) return err(file_failure("write", folder));
  return {};
}

}  // namespace sotto::audit_cli
