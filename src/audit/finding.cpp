#include "audit/finding.h"

#include <algorithm>
#include <array>

#include "audit/limits.h"
#include "sotto/v1/audit.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit {
namespace {

using transparency::TransparencyError;

struct NamedRule {
  TransparencyError rule;
  std::string_view name;
};
constexpr std::array<NamedRule, 8> kRules = {{{TransparencyError::wrong_list, "wrong_list"},
                                              {TransparencyError::wrong_epoch, "wrong_epoch"},
                                              {TransparencyError::time_went_back, "time_went_back"},
                                              {TransparencyError::wrong_version, "wrong_version"},
                                              {TransparencyError::wrong_root, "wrong_root"},
                                              {TransparencyError::not_consistent, "not_consistent"},
                                              {TransparencyError::head_behind, "head_behind"},
                                              {TransparencyError::forked, "forked"}}};

AuditResult<std::optional<transparency::SignedTreeHead>> head_from(bool present,
                                                                   const v1::SignedTreeHead& from) {
  if (!present) return std::nullopt;
  auto head = transparency::from_wire(from);
  if (!head) return err(AuditError::damaged);
  return *std::move(head);
}

}  // namespace

std::string_view name_of(TransparencyError rule) {
  const auto* found = std::ranges::find(kRules, rule, &NamedRule::rule);
  return found == kRules.end() ? std::string_view() : found->name;
}

void to_wire(const Finding& from, v1::ViolationReport& to) {
  transparency::to_wire(from.keys, *to.mutable_keys());
  to.set_kind(static_cast<v1::ViolationReport::Kind>(from.kind));
  to.set_rule(std::string(name_of(from.rule)));
  to.set_followed(from.followed);
  to.set_found_ms(from.found.value);
  if (from.known) transparency::to_wire(*from.known, *to.mutable_known());
  if (from.head) transparency::to_wire(*from.head, *to.mutable_head());
  if (!from.entry) return;
  to.set_entry(wire::field(from.entry->encoded()));
  to.set_mutations(wire::field(transparency::encode(from.mutations)));
}

AuditResult<Finding> from_wire(const v1::ViolationReport& from) {
  const auto rule = std::ranges::find(kRules, from.rule(), &NamedRule::name);
  const bool kind =
      from.kind() >= v1::ViolationReport::ENTRY && from.kind() <= v1::ViolationReport::OWN_RECORD;
  auto keys = transparency::from_wire(from.keys());
  if (rule == kRules.end() || !kind || !keys) return err(AuditError::damaged);
  Finding out{.kind = static_cast<FindingKind>(from.kind()),
              .rule = rule->rule,
              .keys = *std::move(keys),
              .followed = from.followed(),
              .found = {from.found_ms()},
              .known = {},
              .head = {},
              .entry = {},
              .mutations = {},
              .evidence = {}};
  SOTTO_TRY(out.known, head_from(from.has_known(), from.known()));
  SOTTO_TRY(out.head, head_from(from.has_head(), from.head()));
  if (from.entry().empty()) {
    if (!from.mutations().empty()) return err(AuditError::damaged);
    return out;
  }
  const auto entry = transparency::Entry::parse(wire::octets(from.entry()));
  auto mutations = transparency::parse_mutations(wire::octets(from.mutations()));
  if (!entry || !mutations) return err(AuditError::damaged);
  out.entry = *entry;
  out.mutations = *std::move(mutations);
  return out;
}

Bytes exported(const Finding& finding) {
  if (finding.evidence) {
    v1::ForkEvidence message;
    transparency::to_wire(*finding.evidence, message);
    return wire::encode(message);
  }
  v1::ViolationReport message;
  to_wire(finding, message);
  return wire::encode(message);
}

AuditResult<void> check(const Finding& report) {
  for (const auto* head : {&report.known, &report.head}) {
    if (*head && !transparency::verify(report.keys, **head)) return err(AuditError::bad_head);
  }
  const bool needs_entry = report.kind == FindingKind::entry;
  const bool needs_head = report.kind != FindingKind::own_record;
  if ((needs_entry && !report.entry) || (needs_head && !report.head)) return err(AuditError::damaged);
  if (report.kind != FindingKind::rolled_back) return {};
  const bool shown = report.known && report.known->head.size > report.head->head.size &&
                     report.known->head.time < report.head->head.time;
  if (!shown) return err(AuditError::damaged);
  return {};
}

}  // namespace sotto::audit
