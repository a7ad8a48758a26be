#include "client/attachments/disk_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sotto::client {
namespace {

bool full() { return errno == ENOSPC || errno == EDQUOT || errno == EFBIG; }

}  // namespace

FileResult<std::size_t> read_at(int descriptor, std::uint64_t offset, MutableByteView out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return err(FileError::unreadable);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

DiskFile::DiskFile(const std::filesystem::path& path, int flags)
    : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}

DiskFile::~DiskFile() {
  if (number_ >= 0) ::close(number_);
}

FileError DiskFile::failure() { return full() ? FileError::disk_full : FileError::unwritable; }

FileResult<void> DiskFile::write(std::uint64_t offset, ByteView octets) const {
  while (!octets.empty()) {
    const ssize_t written = ::pwrite(number_, octets.data(), octets.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return err(failure());
    octets = octets.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

FileResult<void> DiskFile::reserve(std::uint64_t octets) const {
  if (octets == 0) return {};
  // Not all file systems can; writing tells then.
  const int failed = ::fallocate(number_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(octets));
  if (failed != 0 && full()) return err(FileError::disk_full);
  return {};
}

FileResult<void> DiskFile::truncate(std::uint64_t octets) const {
  if (::ftruncate(number_, static_cast<off_t>(octets)) != 0) return err(FileError::unwritable);
  return {};
}

FileResult<void> DiskFile::sync() const {
  if (::fdatasync(number_) == 0) return {};
  return err(failure());
}

FileResult<std::size_t> DiskFile::read(std::uint64_t offset, MutableByteView out) const {
  return read_at(number_, offset, out);
}

void sync_folder(const std::filesystem::path& folder) {
  const DiskFile descriptor(folder, O_RDONLY | O_DIRECTORY);
  if (descriptor.valid()) (void)descriptor.sync();
}

}  // namespace sotto::client
