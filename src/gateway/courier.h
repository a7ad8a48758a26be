// The way out to people who are reached by e-mail or a telephone number: codes that prove a handle.
// docs/operations.md 3. Not its concern: what a notice says, who may have one sent.
#pragma once

#include <string>

namespace sotto::gateway {

struct Notice {
  std::string to;       ///< the normal form of an e-mail address or telephone number (identity::Handle)
  std::string subject;  ///< one line of ASCII; a text message has none
  std::string text;     ///< lines of ASCII, each ending with \n
};

/// Delivers notices in its own time. Failures are logged without the recipient.
class Courier {
 public:
  virtual ~Courier() = default;
  /// Takes a notice for delivery. False: too many wait already, and nothing was taken. Never blocks.
  [[nodiscard]] virtual bool send(Notice notice) = 0;
};

}  // namespace sotto::gateway
