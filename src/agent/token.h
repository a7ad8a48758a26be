// What lets programs and browsers of this machine's user in: 32 random octets in the profile's folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "client/api/failure.h"
#include "crypto/random.h"

namespace sotto::agent {

/// 64 hexadecimal digits: those in the file, made with mode 0600 if there are none. Errors: failed.
client::api::CommandResult<std::string> load_token(const std::filesystem::path& profile,
                                                   crypto::RandomSource& random);
/// In time that does not tell how much of it is right.
bool is_token(std::string_view offered, std::string_view token);

}  // namespace sotto::agent
