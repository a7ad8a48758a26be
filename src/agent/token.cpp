#include "agent/token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/hex.h"
#include "crypto/hash.h"

namespace sotto::agent {
namespace {

using client::api::ExitCode;
using client::api::Failure;

constexpr std::size_t kTokenOctets = 32;
constexpr std::size_t kTokenDigits = 2 * kTokenOctets;

std::string read_digits(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return {};
  struct stat about{};
  std::string digits(kTokenDigits, '\0');
  const bool own =
      ::fstat(descriptor, &about) == 0 && about.st_uid == ::geteuid() && (about.st_mode & 077) == 0;
  const bool whole =
      own && ::read(descriptor, digits.data(), digits.size()) == static_cast<ssize_t>(digits.size());
  ::close(descriptor);
  const auto octets = from_hex(digits);
  return whole && octets ? to_hex(*octets) : std::string();
}

/// Whole or not at all: another program may read it at this moment.
bool write_digits(const std::filesystem::path& file, const std::string& digits) {
  const std::filesystem::path temporary = file.string() + ".new";
  ::unlink(temporary.c_str());
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const std::string line = digits + "\n";
  const bool written = ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fsync(descriptor) == 0;
  ::close(descriptor);
  return written && ::rename(temporary.c_str(), file.c_str()) == 0;
}

}  // namespace

client::api::CommandResult<std::string> load_token(const std::filesystem::path& profile,
                                                   crypto::RandomSource& random) {
  const std::filesystem::path file = profile / "agent-token";
  std::string digits = read_digits(file);
  if (!digits.empty()) return digits;
  digits = to_hex(random.array<kTokenOctets>());
  if (write_digits(file, digits)) return digits;
  return err(Failure{ExitCode::failed, file.string() + " cannot be written; check the folder's permissions"});
}

bool is_token(std::string_view offered, std::string_view token) {
  return crypto::constant_time_equal(as_bytes(offered), as_bytes(token));
}

}  // namespace sotto::agent
