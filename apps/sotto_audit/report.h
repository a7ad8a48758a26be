// What sotto-audit prints: lines for people, or one JSON object a line.
#pragma once

#include <string>
#include <string_view>

#include "audit/finding.h"
#include "audit/pinned_log.h"
#include "outcome.h"

namespace sotto::audit_cli {

class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  void following(const audit::PinnedLog& log, std::uint64_t entries) const;
  void head(const transparency::SignedTreeHead& head, std::uint64_t entries) const;
  void serving(const std::string& address) const;
  void key(const crypto::HybridPublicKey& key) const;
  /// A file of evidence that holds, or a report; `proven`: to anybody.
  void verdict(bool proven, std::string_view log, const std::string& words) const;
  void compared(bool consistent, const std::string& words) const;
  /// Something on the way, on standard error. May quote the server.
  void notice(const std::string& text) const;
  /// Loud, on standard error, and in JSON on standard output.
  void alarm(const std::string& words) const;
  void failure(const Failure& failure) const;

 private:
  bool json_;
};

/// The text of an alarm: what was found, where the evidence is, what to do.
std::string alarm_words(const audit::Finding& finding, const std::string& server,
                        const std::string& evidence);

}  // namespace sotto::audit_cli
