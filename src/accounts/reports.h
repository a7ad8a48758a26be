// What users told the operator about accounts: kept for a while, bounded, read by the operator alone.
// docs/specs/requests.md 7. Who reported is not kept; the name of a report is a keyed hash of both accounts,
// so that each reporter counts once for an account.
//
// Synchronous and for one thread. Not its concern: whether the reported account exists, and whether any of it
// is true.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accounts/daily_counts.h"
#include "accounts/error.h"
#include "crypto/random.h"
#include "identity/ids.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::accounts {

/// Octets of a reason, and of one thing said; how many of these.
inline constexpr std::size_t kMaxReportReason = 1'000;
inline constexpr std::size_t kMaxReportExcerpt = 4'000;
inline constexpr std::size_t kMaxReportExcerpts = 5;
/// Time for a person to look at it, and no archive.
inline constexpr DurationMs kReportKept = days(90);
/// In all: 21 MB at most. Then the oldest about whoever has most gives way.
inline constexpr std::size_t kMaxReports = 1'000;
/// About one account: more say nothing new.
inline constexpr std::size_t kMaxReportsAbout = 50;
/// Of one reporter in a day.
inline constexpr std::uint32_t kReportsPerDay = 10;

using ReportId = ByteArray<16>;

struct ReportRecord {
  struct Excerpt {
    UnixMs sent;
    std::string text;
    friend bool operator==(const Excerpt&, const Excerpt&) = default;
  };
  UnixMs time;
  identity::AccountId account;
  std::string why;
  std::vector<Excerpt> excerpts;

  friend bool operator==(const ReportRecord&, const ReportRecord&) = default;
};

storage::Partition report_partition();
Bytes report_key(const ReportId& id);
Bytes encode(const ReportRecord& record);
/// Empty when the octets are not what encode makes.
std::optional<ReportRecord> decode_report(ByteView octets);

class Reports {
 public:
  /// Both must outlive it; no other writer may use the partition "reports". Tickets of its commits count
  /// from 1.
  Reports(storage::Store& store, crypto::RandomSource& random)
      : store_(store), random_(random), commits_(store) {}

  /// Takes the place of the reporter's earlier one about the account. Errors: report_malformed,
  /// too_many_reports, overloaded, storage_unavailable, corrupt.
  void file(const identity::AccountId& reporter, const v1::ReportAccount& request, UnixMs now,
            Reply<void> reply);

  /// The newest first. Errors: storage_unavailable, corrupt.
  struct Head {
    ReportId id{};
    identity::AccountId account;
    UnixMs time;
  };
  AccountsResult<std::vector<Head>> list();
  /// Errors: no_such_report, storage_unavailable, corrupt.
  AccountsResult<ReportRecord> find(const ReportId& id);
  /// Errors: those of find, overloaded.
  void dismiss(const ReportId& id, Reply<void> reply);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  /// At any interval: erases what was kept long enough, once an hour.
  void tick(UnixMs now);

 private:
  struct Entry {
    identity::AccountId account;
    UnixMs time;
  };
  using Index = std::map<ReportId, Entry>;

  AccountsResult<void> load_secret();
  AccountsResult<void> load_index();
  ReportId id_of(const identity::AccountId& reporter, const identity::AccountId& account) const;
  /// Erases the oldest of those about the account, or about whoever has most, until one more fits.
  void make_room(const identity::AccountId& account, storage::Batch& batch);
  void erase_oldest(const identity::AccountId& account, storage::Batch& batch);
  void commit(storage::Batch batch, Reply<void> reply);

  storage::Store& store_;
  crypto::RandomSource& random_;
  storage::Commits commits_;
  DailyCounts filed_{kReportsPerDay};
  std::optional<ByteArray<48>> secret_;
  bool secret_stored_ = false;
  std::optional<Index> index_;  ///< as everything in flight will leave it; read again after a failure
  UnixMs swept_;
};

}  // namespace sotto::accounts
