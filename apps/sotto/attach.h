// Files for messages: read, freed of metadata, encrypted into the profile's folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "client/attachments/records.h"
#include "profile.h"

namespace sotto::cli {

/// In the order of the paths. Pictures lose what cameras write into them unless `keep_metadata`; a picture
/// that cannot lose it is refused.
CommandResult<std::vector<client::NewFile>> seal_files(Profile& profile,
                                                       const std::vector<std::string>& paths,
                                                       bool keep_metadata);

/// Waits until the message left, with progress on a terminal, and prints it.
CommandResult<ExitCode> finish_send_files(Profile& profile, const Output& output,
                                          const session::MessageId& id, const std::string& user,
                                          std::uint64_t wait_s);

/// Decrypts a file that is here into a new one: of a picture of others the clean one, unless `original`.
/// Gives where it went. Errors: refused (nothing may show it), failed (there is a file of that name, or it
/// cannot be written).
CommandResult<std::filesystem::path> write_out(Profile& profile, const client::FileKey& key,
                                               const v1::AttachedFile& record, bool original,
                                               std::filesystem::path target);

/// "photo.jpg (2.1 MB, image/jpeg)" and where it is.
std::string describe(const v1::AttachedFile& file);

}  // namespace sotto::cli
