// Where the passphrase of a profile comes from: a file, the environment, or the terminal without echo.
#pragma once

#include <string>

#include "crypto/secret.h"
#include "exit_code.h"

namespace sotto::cli {

enum class PassphraseUse : std::uint8_t {
  open,
  choose,  ///< asked for twice on the terminal
};

/// `file`: empty, or the file whose first line it is. Without it SOTTO_PASSPHRASE, without that the terminal.
CommandResult<crypto::SecretBytes> read_passphrase(const std::string& file, PassphraseUse use);

}  // namespace sotto::cli
