#include "audit/error.h"

namespace sotto::audit {

std::string_view describe(AuditError error) {
  switch (error) {
    case AuditError::malformed_answer: return "the server sent something that makes no sense";
    case AuditError::unsupported_server:
      return "the server has no transparency log, or speaks another version";
    case AuditError::other_log:
      return "the server's keys are not those of the log that was followed so far: this is another log";
    case AuditError::bad_statement: return "the server's identity does not vouch for its name and TLS key";
    case AuditError::bad_head: return "the server sent a head that the log's keys did not sign";
    case AuditError::refused: return "the server refuses what an auditor has to ask";
    case AuditError::no_answer: return "the server does not answer";
    case AuditError::damaged: return "does not hold what it should";
  }
  return "unknown audit error";
}

bool worth_retrying(AuditError error) {
  return error != AuditError::other_log && error != AuditError::damaged;
}

}  // namespace sotto::audit
