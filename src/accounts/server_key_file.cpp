#include "accounts/server_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "identity/private_identity.h"

namespace sotto::accounts {
namespace {

/// Of the larger of the two: kind and seed.
constexpr std::size_t kMaxFileSize = 1 + crypto::HybridSeed::kSize;

KeyFileFailure failure(const std::filesystem::path& path, AccountsError error, int code = 0) {
  std::string message = path.string() + " " + std::string(describe(error));
  if (code != 0) message += std::string(": ") + std::strerror(code);
  return {error, std::move(message)};
}

/// A file descriptor that closes itself.
class File {
 public:
  File(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_all(int fd, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(fd, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// The whole file, which must not be longer than `out`. The size read, or -1.
ssize_t read_all(int fd, MutableByteView out) {
  std::size_t total = 0;
  while (total < out.size()) {
    const ssize_t count = ::read(fd, out.data() + total, out.size() - total);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    total += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(total);
}

Result<bool, KeyFileFailure> is_missing(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) return false;
  if (errno != ENOENT) return err(failure(path, AccountsError::file_unreadable, errno));
  return true;
}

}  // namespace

Result<crypto::HybridPrivateKey, KeyFileFailure> ServerKeyFile::load_or_create(
    const std::filesystem::path& path, crypto::RandomSource& random) {
  SOTTO_TRY(const bool missing, is_missing(path));
  if (missing) {
    const auto made = crypto::HybridPrivateKey::generate(random);
    SOTTO_CHECK_OK(create(path, identity::SecretCodec::encode_server_key(made)));
  }
  SOTTO_TRY(const crypto::SecretBytes octets, load(path));
  auto key = identity::SecretCodec::decode_server_key(octets);
  if (!key) return err(failure(path, AccountsError::file_damaged));
  return *std::move(key);
}

Result<crypto::VrfPrivateKey, KeyFileFailure> ServerKeyFile::load_or_create_vrf(
    const std::filesystem::path& path, crypto::RandomSource& random) {
  SOTTO_TRY(const bool missing, is_missing(path));
  if (missing) {
    const auto made = crypto::VrfPrivateKey::generate(random);
    SOTTO_CHECK_OK(create(path, identity::SecretCodec::encode_vrf_key(made)));
  }
  SOTTO_TRY(const crypto::SecretBytes octets, load(path));
  auto key = identity::SecretCodec::decode_vrf_key(octets);
  if (!key) return err(failure(path, AccountsError::file_damaged));
  return *std::move(key);
}

Result<crypto::SecretBytes, KeyFileFailure> ServerKeyFile::load(const std::filesystem::path& path) {
  const File file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file.is_open()) return err(failure(path, AccountsError::file_unreadable, errno));
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return err(failure(path, AccountsError::file_unreadable, errno));
  if (!S_ISREG(status.st_mode)) return err(failure(path, AccountsError::file_damaged));
  if ((status.st_mode & 077U) != 0 || status.st_uid != ::geteuid()) {
    return err(failure(path, AccountsError::file_not_private));
  }
  ByteArray<kMaxFileSize + 1> octets{};  // one more, to notice a file that is too long
  const ssize_t size = read_all(file.fd(), octets);
  if (size < 0) return err(failure(path, AccountsError::file_unreadable, errno));
  auto secret = crypto::SecretBytes::copy_of(ByteView(octets).first(static_cast<std::size_t>(size)));
  crypto::wipe(octets.data(), octets.size());
  return secret;
}

Result<void, KeyFileFailure> ServerKeyFile::create(const std::filesystem::path& path,
                                                   const crypto::SecretBytes& octets) {
  // A name of our own until the content is durable: a crash leaves no half-written key under the real name,
  // and link() does not replace what another process put there in between.
  const std::filesystem::path draft = path.string() + "." + std::to_string(::getpid()) + ".new";
  const auto fail = [&draft](const std::filesystem::path& where) {
    const int code = errno;
    ::unlink(draft.c_str());
    return err(failure(where, AccountsError::file_unwritable, code));
  };
  ::unlink(draft.c_str());
  {
    const File file(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!file.is_open() || !write_all(file.fd(), octets.reveal(identity::SecretCodec::access())) ||
        ::fsync(file.fd()) != 0) {
      return fail(draft);
    }
  }
  if (::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) return fail(path);
  ::unlink(draft.c_str());
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const File directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open() || ::fsync(directory.fd()) != 0) return fail(folder);
  return {};
}

}  // namespace sotto::accounts
