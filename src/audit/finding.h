// What an auditor found: a rule of the log that was broken. Final. Where two signed heads contradict each
// other it carries the proof; otherwise a report of what was served.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/error.h"
#include "transparency/evidence.h"

namespace sotto::v1 {
class ViolationReport;
}

namespace sotto::audit {

enum class FindingKind : std::uint8_t {
  entry = 1,    ///< an entry, its list of mutations or the map
  head,         ///< a signed head that is not the root of the entries served, or contradicts another one
  rolled_back,  ///< a head signed later than a larger one: entries were taken back
  own_record,   ///< the auditor's own files contradict the head that it had found right
};

struct Finding {
  FindingKind kind = FindingKind::entry;
  transparency::TransparencyError rule = transparency::TransparencyError::wrong_root;
  transparency::LogKeys keys;
  std::uint64_t followed = 0;  ///< entries found right before it
  UnixMs found;
  std::optional<transparency::SignedTreeHead> known;  ///< the newest that had been found right
  std::optional<transparency::SignedTreeHead> head;   ///< what was being verified
  std::optional<transparency::Entry> entry;
  std::vector<transparency::Mutation> mutations;
  std::optional<transparency::ForkEvidence> evidence;

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// "wrong_root": the rule's name in the code; empty for what cannot be found.
std::string_view name_of(transparency::TransparencyError rule);

/// Evidence is not part of a report: it is a file of its own.
void to_wire(const Finding& from, v1::ViolationReport& to);
/// Errors: damaged.
AuditResult<Finding> from_wire(const v1::ViolationReport& from);
/// The file that shows it to others: v1.ForkEvidence where there is such proof, else v1.ViolationReport.
Bytes exported(const Finding& finding);
/// Whether the log signed the heads in a report, and what of it a reader can see for himself is so. Errors:
/// damaged (it is not), bad_head (another's signature).
AuditResult<void> check(const Finding& report);

/// For people: what was found, what it means, in a few lines.
std::string explain(const Finding& finding);
std::string explain(const transparency::ForkEvidence& evidence);
/// "head of 17 entries, signed 2026-01-02T03:04:05Z".
std::string describe(const transparency::TreeHead& head);
/// "2026-01-02T03:04:05Z"
std::string utc_text(UnixMs time);

}  // namespace sotto::audit
