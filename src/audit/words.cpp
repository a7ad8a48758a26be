// The words in which findings and evidence are told (finding.h).
#include <fmt/format.h>

#include "audit/finding.h"
#include "bytes/hex.h"

namespace sotto::audit {
namespace {

using transparency::TransparencyError;

std::string_view explain_rule(TransparencyError rule) {
  switch (rule) {
    case TransparencyError::wrong_list:
      return "its list of changes is unsorted, names a key twice, is too long, or is not the list that the "
             "entry "
             "commits to";
    case TransparencyError::wrong_epoch: return "it is not at its place in the log";
    case TransparencyError::time_went_back: return "it is older than the one before it";
    case TransparencyError::wrong_version:
      return "it sets a key to a version that does not follow the one before: something was replaced, "
             "skipped or "
             "taken back";
    case TransparencyError::wrong_root:
      return "the map that it commits to is not what its list of changes makes of the map before: the map "
             "was "
             "rewritten";
    default: return "it breaks the rules of the log";
  }
}

std::string explain_head(const Finding& finding) {
  if (finding.rule == TransparencyError::time_went_back) {
    return "The log signed a head that is older than the last entry under it.";
  }
  return "The log signed a head that is not the root of the entries that it serves: it shows different "
         "people "
         "different logs, or changed what it had published.";
}

struct Contradiction {
  std::string operator()(const transparency::Split&) const {
    return "Both heads have the same number of entries and are of different trees: the log was shown in two "
           "versions.";
  }
  std::string operator()(const transparency::Inconsistent&) const {
    return "The tree of the larger head does not begin with the tree of the smaller one: entries that had "
           "been "
           "published were changed or removed.";
  }
  std::string operator()(const transparency::Rewritten& claim) const {
    return fmt::format(
        "Under the second head, map key {} has vanished, has an earlier version, or another value "
        "of the same version than under the first.",
        to_hex(claim.key));
  }
};

}  // namespace

std::string utc_text(UnixMs time) {
  // The last second of the year 9999: what lies beyond is a number and no time.
  constexpr std::uint64_t kLast = 253'402'300'799'000;
  if (time.value > kLast) return fmt::format("{} ms", time.value);
  const std::uint64_t whole = time.value / 1000;
  // Civil from days: years begin in March, so that the leap day comes last (Howard Hinnant,
  // "chrono-Compatible Low-Level Date Algorithms").
  const std::uint64_t shifted = whole / 86'400 + 719'468;
  const std::uint64_t day_of_era = shifted % 146'097;
  const std::uint64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::uint64_t year = year_of_era + shifted / 146'097 * 400 + (month <= 2 ? 1 : 0);
  const std::uint64_t second = whole % 86'400;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, second / 3600,
                     second / 60 % 60, second % 60);
}

std::string describe(const transparency::TreeHead& head) {
  return fmt::format("head of {} entries, root {}, signed {}", head.size, to_hex(head.root),
                     utc_text(head.time));
}

std::string explain(const transparency::ForkEvidence& evidence) {
  return fmt::format(
      "The log {} contradicted itself: its keys signed both of these heads, which cannot be true together.\n"
      "  first   {}\n  second  {}\n{}\n"
      "Whoever holds the log's keys did this. Anybody can check it with nothing but the log's id.\n",
      to_hex(transparency::log_id(evidence.keys)), describe(evidence.first.head),
      describe(evidence.second.head), std::visit(Contradiction(), evidence.contradiction));
}

std::string explain(const Finding& finding) {
  if (finding.evidence) return explain(*finding.evidence);
  std::string out;
  switch (finding.kind) {
    case FindingKind::entry:
      out = fmt::format("Entry {} breaks the rules of the log: {}.", finding.followed,
                        explain_rule(finding.rule));
      break;
    case FindingKind::head: out = explain_head(finding); break;
    case FindingKind::rolled_back:
      out =
          "The log signed a head with fewer entries after one with more: entries that had been published "
          "were "
          "taken back, for example by restoring an old backup.";
      break;
    case FindingKind::own_record:
      out =
          "This auditor's own record of the log does not have the root of the head that it had found right: "
          "somebody changed its files, or its disk is failing.";
      break;
  }
  out += fmt::format("\n  log     {}\n  entries {} were right\n", to_hex(transparency::log_id(finding.keys)),
                     finding.followed);
  if (finding.known) out += fmt::format("  known   {}\n", describe(finding.known->head));
  if (finding.head) out += fmt::format("  now     {}\n", describe(finding.head->head));
  return out;
}

}  // namespace sotto::audit
