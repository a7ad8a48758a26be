#include "client/store/profile_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "client/store/schema.h"

namespace sotto::client::store {
namespace {

constexpr std::string_view kKeyName = "key";
constexpr std::string_view kNewKeyName = "key.new";
constexpr std::string_view kDatabaseName = "store.db";
constexpr std::string_view kLockName = "lock";
/// A key file has 138 octets; anything much longer is not one.
constexpr std::size_t kMaxKeyFile = 4096;

StoreError map_errno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return StoreError::disk_full;
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR: return StoreError::not_permitted;
    default: return StoreError::io_failed;
  }
}

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

StoreResult<void> make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), failure);
  if (failure) return err(map_errno(failure.value()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return err(map_errno(errno));
  if (::chmod(folder.c_str(), 0700) != 0) return err(map_errno(errno));
  return {};
}

/// All octets under a temporary name, synced; the caller renames.
StoreResult<void> write_file(const std::filesystem::path& file, ByteView octets) {
  const Descriptor out(::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  if (!out.valid()) return err(map_errno(errno));
  const ssize_t written = ::write(out.number(), octets.data(), octets.size());
  if (written < 0) return err(map_errno(errno));
  if (static_cast<std::size_t>(written) != octets.size()) return err(StoreError::disk_full);
  if (::fsync(out.number()) != 0) return err(map_errno(errno));
  return {};
}

StoreResult<void> publish_file(const std::filesystem::path& temporary,
                               const std::filesystem::path& final_name) {
  if (::rename(temporary.c_str(), final_name.c_str()) != 0) return err(map_errno(errno));
  const Descriptor folder(::open(final_name.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.number()) != 0) return err(map_errno(errno));
  return {};
}

StoreResult<Bytes> read_file(const std::filesystem::path& file) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid()) return err(errno == ENOENT ? StoreError::no_profile : map_errno(errno));
  Bytes octets(kMaxKeyFile);
  const ssize_t length = ::read(in.number(), octets.data(), octets.size());
  if (length < 0) return err(map_errno(errno));
  octets.resize(static_cast<std::size_t>(length));
  return octets;
}

void remove_leftovers(const std::filesystem::path& database) {
  // Nothing can be read from these: their key was never published, or is erased.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    ::unlink((database.string() + suffix).c_str());
  }
}

}  // namespace

bool ProfileFolder::exists() const {
  std::error_code ignored;
  return std::filesystem::exists(folder_ / kKeyName, ignored) || lost_its_key();
}

bool ProfileFolder::lost_its_key() const {
  // A creation that never finished left the key under its temporary name; its database is of no use to
  // anybody.
  std::error_code ignored;
  return std::filesystem::exists(folder_ / kDatabaseName, ignored) &&
         !std::filesystem::exists(folder_ / kKeyName, ignored) &&
         !std::filesystem::exists(folder_ / kNewKeyName, ignored);
}

StoreResult<std::unique_ptr<Database>> ProfileFolder::create(const crypto::SecretBytes& passphrase,
                                                             const crypto::Argon2Parameters& cost,
                                                             crypto::RandomSource& random) const {
  if (exists()) return err(StoreError::profile_exists);
  SOTTO_CHECK_OK(make_folder(folder_));
  const auto key = crypto::random_secret<DatabaseKey>(random);
  SOTTO_TRY(const Bytes sealed, KeyFile::seal(key, passphrase, cost, random));
  const auto temporary = folder_ / kNewKeyName;
  SOTTO_CHECK_OK(write_file(temporary, sealed));
  remove_leftovers(folder_ / kDatabaseName);
  SOTTO_TRY(auto database, Database::open(folder_ / kDatabaseName, key, Access::create));
  SOTTO_CHECK_OK(migrate(*database));
  SOTTO_CHECK_OK(publish_file(temporary, folder_ / kKeyName));
  return database;
}

StoreResult<std::unique_ptr<Database>> ProfileFolder::open(const crypto::SecretBytes& passphrase) const {
  if (lost_its_key()) return err(StoreError::key_file_missing);
  SOTTO_TRY(const Bytes sealed, read_file(folder_ / kKeyName));
  SOTTO_TRY(const DatabaseKey key, KeyFile::open(sealed, passphrase));
  SOTTO_TRY(auto database, Database::open(folder_ / kDatabaseName, key, Access::read_write));
  SOTTO_CHECK_OK(migrate(*database));
  return database;
}

StoreResult<void> ProfileFolder::erase() const {
  if (!exists()) return err(StoreError::no_profile);
  SOTTO_TRY(const auto lock, ConnectionLock::acquire(*this));
  const auto key = folder_ / kKeyName;
  std::error_code ignored;
  const auto size = std::filesystem::file_size(key, ignored);
  if (!ignored) {
    // In place: a new file would leave the old octets where they were.
    const Descriptor out(::open(key.c_str(), O_WRONLY | O_CLOEXEC));
    const Bytes zeros(std::min<std::size_t>(size, kMaxKeyFile));
    if (!out.valid() ||
        ::write(out.number(), zeros.data(), zeros.size()) != static_cast<ssize_t>(zeros.size()) ||
        ::fsync(out.number()) != 0) {
      return err(map_errno(errno));
    }
    if (::unlink(key.c_str()) != 0) return err(map_errno(errno));
  }
  remove_leftovers(folder_ / kDatabaseName);
  for (const auto name : {kNewKeyName, kLockName}) ::unlink((folder_ / name).c_str());
  ::rmdir(folder_.c_str());
  return {};
}

StoreResult<ConnectionLock> ConnectionLock::acquire(const ProfileFolder& folder) {
  const auto file = folder.path() / kLockName;
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return err(map_errno(errno));
  ConnectionLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return err(errno == EWOULDBLOCK ? StoreError::locked : map_errno(errno));
  }
  return lock;
}

ConnectionLock::~ConnectionLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace sotto::client::store
