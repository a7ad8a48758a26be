// Why an auditor cannot go on for now or at all, without the log having broken a rule: that is a Finding.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::audit {

enum class AuditError : std::uint8_t {
  malformed_answer,    ///< an answer that does not parse, was not asked for or breaks a bound
  unsupported_server,  ///< the server names no keys of a log, or speaks another version
  other_log,           ///< the server's identity or VRF key is not the pinned one: this is another log
  bad_statement,       ///< the server's identity does not vouch for this name and TLS key
  bad_head,            ///< a head that the log's keys did not sign
  refused,             ///< the server refused a request for good
  no_answer,           ///< none within kAnswerPatience
  damaged,             ///< a file of the auditor's own does not hold what it should
};

std::string_view describe(AuditError error);
/// A later connection may do better. False: only a person can help.
bool worth_retrying(AuditError error);

template <typename T>
using AuditResult = Result<T, AuditError>;

}  // namespace sotto::audit
