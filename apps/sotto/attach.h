// Files of messages: what they are, in words, and written where a person wants them.
#pragma once

#include <filesystem>
#include <string>

#include "client/attachments/records.h"
#include "profile.h"

namespace sotto::cli {

/// Decrypts a file that is here into a new one: of a picture of others the clean one, unless `original`.
/// Gives where it went. Errors: refused (nothing may show it), failed (there is a file of that name, or it
/// cannot be written).
CommandResult<std::filesystem::path> write_out(Profile& profile, const client::FileKey& key,
                                               const v1::AttachedFile& record, bool original,
                                               std::filesystem::path target);

/// "photo.jpg (2.1 MB, image/jpeg)" and where it is.
std::string describe(const v1::AttachedFile& file);

}  // namespace sotto::cli
