#include "data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "accounts/server_key_file.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit_cli {
namespace {

using audit::RestoreError;

constexpr std::size_t kMaxSmallFile = std::size_t{64} << 10;
/// A snapshot of 10^8 keys.
constexpr std::size_t kMaxState = std::size_t{8} << 30;
constexpr std::size_t kReadPiece = std::size_t{1} << 20;

Failure damaged(const std::filesystem::path& path) {
  return {ExitCode::failed,
          path.string() +
              " does not hold what it should; restore the data folder from a backup, or move it away "
              "and start anew: the log is then followed from its first entry"};
}

/// Hands over the records of a history from its start. False from `take` ends it.
Outcome<std::uint64_t> read_history(const std::filesystem::path& path,
                                    const std::function<bool(const audit::HistoryRecord&)>& take) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return err(file_failure("read", path));
  audit::HistoryDecoder decoder;
  Bytes piece(kReadPiece);
  std::uint64_t good = 0;
  for (;;) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return err(file_failure("read", path));
    if (count == 0) return good;
    decoder.feed(ByteView(piece).first(static_cast<std::size_t>(count)));
    auto record = decoder.next();
    for (; record && *record; record = decoder.next()) {
      if (!take(**record)) return good;
      good = decoder.taken();
    }
    if (!record) return good;
  }
}

Outcome<void> make_folder(const std::filesystem::path& root) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(root, error);
  if (made) std::filesystem::permissions(root, std::filesystem::perms::owner_all, error);
  if (!error && std::filesystem::is_directory(root, error)) return {};
  return err(Failure{ExitCode::failed,
                     fmt::format("cannot make the data folder {}: {}; choose another with --data-dir",
                                 root.string(), error.message())});
}

}  // namespace

std::filesystem::path DataFolder::default_root() {
  if (const char* systemd = std::getenv("STATE_DIRECTORY")) return systemd;
  if (::geteuid() == 0) return "/var/lib/sotto-audit";
  if (const char* state = std::getenv("XDG_STATE_HOME")) return std::filesystem::path(state) / "sotto-audit";
  if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / ".local/state/sotto-audit";
  return "sotto-audit-data";
}

Outcome<DataFolder> DataFolder::open(std::filesystem::path root) {
  SOTTO_CHECK_OK(make_folder(root));
  FileHandle lock(::open((root / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!lock.is_open()) return err(file_failure("open", root / "lock"));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return err(Failure{ExitCode::failed, "another sotto-audit is using " + root.string() +
                                             "; stop it, or choose another folder with --data-dir"});
  }
  FileHandle history(::open((root / "history").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!history.is_open()) return err(file_failure("open", root / "history"));
  return DataFolder(std::move(root), std::move(lock), std::move(history));
}

Outcome<crypto::HybridPrivateKey> DataFolder::witness_key(const std::filesystem::path& root,
                                                          crypto::RandomSource& random) {
  SOTTO_CHECK_OK(make_folder(root));
  auto key = accounts::ServerKeyFile::load_or_create(root / "witness.key", random);
  if (key) return *std::move(key);
  if (key.error().error == accounts::AccountsError::file_damaged) {
    return err(
        Failure{ExitCode::failed, (root / "witness.key").string() +
                                      " is not a witness key; restore it from a backup, or move it away: a "
                                      "new key is made, which servers and clients have to be told of"});
  }
  return err(Failure{ExitCode::failed, key.error().message});
}

Outcome<std::optional<audit::PinnedLog>> DataFolder::pinned(const std::filesystem::path& root) {
  SOTTO_TRY(const auto octets, read_file(root / "log", kMaxSmallFile));
  if (!octets) return std::nullopt;
  auto pinned = audit::PinnedLog::parse(*octets);
  if (!pinned) return err(damaged(root / "log"));
  return *std::move(pinned);
}

Outcome<std::optional<std::string>> DataFolder::alarm() const {
  SOTTO_TRY(const auto octets, read_file(alarm_file(), kMaxSmallFile));
  if (!octets) return std::nullopt;
  return std::string(as_chars(*octets));
}

Outcome<std::optional<transparency::SignedTreeHead>> DataFolder::head() const {
  SOTTO_TRY(const auto octets, read_file(head_file(), audit::kMaxHeadOctets));
  if (!octets) return std::nullopt;
  v1::SignedTreeHead message;
  if (!wire::decode(*octets, audit::kMaxHeadOctets, message)) return err(damaged(head_file()));
  auto head = transparency::from_wire(message);
  if (!head) return err(damaged(head_file()));
  return *std::move(head);
}

Outcome<Result<audit::FollowerStart, RestoreError>> DataFolder::replay(audit::Restorer& restorer) {
  SOTTO_TRY(const std::uint64_t good, read_history(history_file(), [&](const audit::HistoryRecord& record) {
              return restorer.take(record);
            }));
  auto start = std::move(restorer).finish();
  if (start && ::ftruncate(history_.get(), static_cast<off_t>(good)) != 0) {
    return err(file_failure("write", history_file()));
  }
  return start;
}

Outcome<std::variant<audit::FollowerStart, audit::Finding>> DataFolder::restore(UnixMs now) {
  SOTTO_TRY(const auto pinned_log, pinned(root_));
  SOTTO_TRY(auto known, head());
  if (!pinned_log) {
    if (known) return err(damaged(root_ / "log"));
    return audit::FollowerStart{};
  }
  if (known && !transparency::verify(pinned_log->keys, *known)) return err(damaged(head_file()));
  SOTTO_TRY(auto snapshot, read_file(state_file(), kMaxState));
  for (;; snapshot.reset()) {
    audit::Restorer restorer(*pinned_log, snapshot, known);
    SOTTO_TRY(auto start, replay(restorer));
    if (start) return *std::move(start);
    if (start.error() == RestoreError::contradicts_head) return restorer.finding(now);
    if (!snapshot) return err(damaged(history_file()));
  }
}

Outcome<void> DataFolder::keep(const audit::Effects& effects) {
  if (effects.pin) SOTTO_CHECK_OK(replace_file(root_ / "log", effects.pin->encoded()));
  if (!effects.history.empty() &&
      (!write_all(history_.get(), effects.history) || ::fdatasync(history_.get()) != 0)) {
    return err(file_failure("write", history_file()));
  }
  if (effects.snapshot) SOTTO_CHECK_OK(keep_snapshot(*effects.snapshot));
  if (!effects.head) return {};
  v1::SignedTreeHead message;
  transparency::to_wire(*effects.head, message);
  return replace_file(head_file(), wire::encode(message));
}

Outcome<void> DataFolder::keep_snapshot(ByteView octets) { return replace_file(state_file(), octets); }

Outcome<void> DataFolder::keep_alarm(const audit::Finding& finding, const std::string& words) {
  SOTTO_CHECK_OK(replace_file(evidence_file(), audit::exported(finding)));
  return replace_file(alarm_file(), as_bytes(words));
}

audit::LeafReader DataFolder::leaves() const {
  return [path = history_file()](std::uint64_t count,
                                 const std::function<void(const transparency::Hash&)>& take) {
    const auto read = read_history(path, [&](const audit::HistoryRecord& record) {
      if (count == 0) return false;
      take(record.entry.leaf());
      --count;
      return true;
    });
    return read && count == 0;
  };
}

}  // namespace sotto::audit_cli
