// Where secrets that people know come from: a file, the environment, or the terminal without echo.
#pragma once

#include <optional>
#include <string>

#include "crypto/secret.h"
#include "exit_code.h"

namespace sotto::cli {

enum class PassphraseUse : std::uint8_t {
  open,
  choose,  ///< asked for twice on the terminal
};

/// Of the profile. `file`: empty, or the file whose first line it is. Without it SOTTO_PASSPHRASE, without
/// that the terminal.
CommandResult<crypto::SecretBytes> read_passphrase(const std::string& file, PassphraseUse use);

/// The same where nobody is asked: empty without a file and the variable.
CommandResult<std::optional<crypto::SecretBytes>> given_passphrase(const std::string& file);

/// Of the account at its server, alike: `file`, SOTTO_PASSWORD, or the terminal.
CommandResult<crypto::SecretBytes> read_password(const std::string& file, PassphraseUse use);

/// A line that is good for minutes, with echo: from standard input, or asked for if that is the terminal.
CommandResult<std::string> read_code(std::string_view question);

}  // namespace sotto::cli
