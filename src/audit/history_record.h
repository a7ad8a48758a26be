// The history: every entry that was found right, with its mutations, one record after the other in a file
// that only grows. It is what an auditor starts again from, and what it takes the proof from when a log
// contradicts itself. Not concerned with files.
//
//   record = entry80 || u32 count || count x mutation72 || SHA-256(all before)[0:16]
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "audit/error.h"
#include "transparency/entry.h"

namespace sotto::audit {

struct HistoryRecord {
  transparency::Entry entry;
  std::vector<transparency::Mutation> mutations;

  friend bool operator==(const HistoryRecord&, const HistoryRecord&) = default;
};

/// Precondition: at most kMaxMutations.
Bytes encode(const transparency::Entry& entry, std::span<const transparency::Mutation> mutations);

/// Cuts octets that arrive in any pieces into records.
class HistoryDecoder {
 public:
  void feed(ByteView octets);
  /// The next record; empty: feed more, or the file ends here. Errors: damaged; whatever follows a damaged
  /// record is none.
  AuditResult<std::optional<HistoryRecord>> next();
  /// How many octets the records had that next() gave. A file is good up to here.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  Bytes waiting_;
  std::size_t used_ = 0;  ///< of waiting_
  std::uint64_t taken_ = 0;
};

}  // namespace sotto::audit
