// Service Files, and own files on their way into a message: without metadata, encrypted into the profile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/api/client.h"
#include "client/api/wait.h"
#include "client/attachments/folder.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// Where the octets of a file to be sent come from. `read` is called from the first octet on, as
/// AttachmentFolder::Source; `rewind` before each pass.
struct FileSource {
  std::string name;   ///< what recipients see
  std::string about;  ///< what errors call it
  std::uint64_t size = 0;
  AttachmentFolder::Source read;
  std::function<FileResult<void>()> rewind;
};

/// What own files go into a profile with.
struct Sealing {
  crypto::RandomSource& random;
  const AttachmentFolder& folder;
  /// The JPEG that travels with a picture, empty where none can be made; no function: none is.
  std::function<Bytes(ByteView picture)> thumbnail;
};

/// Takes the metadata out of a picture and encrypts into the profile. Errors: failed (the file or the disk),
/// refused (a picture whose metadata cannot be taken out).
CommandResult<NewFile> seal_file(const Sealing& sealing, const FileSource& source, bool keep_metadata);
/// The same of a file on disk; an empty name: its own.
CommandResult<NewFile> seal_path(const Sealing& sealing, const std::string& path, const std::string& name,
                                 bool keep_metadata);

/// A file that was uploaded before, or is on disk. Errors: usage, and those of seal_path.
CommandResult<NewFile> file_of(Client& client, const v1::Upload& upload);
/// The files of a message, uploaded before or on disk. Errors: usage, and those of seal_path.
CommandResult<std::vector<NewFile>> files_of(Client& client, const v1::SendRequest& request);

CommandResult<v1::FileList> list_files(Client& client, const v1::ConversationRequest& request);
CommandResult<v1::AttachedFile> download_file(Client& client, const v1::FileRequest& request);
CommandResult<v1::AttachedFile> get_file(Client& client, const v1::FileRequest& request);
CommandResult<v1::FileList> list_quarantine(Client& client, const v1::Nothing& request);
CommandResult<v1::AttachedFile> release_file(Client& client, const v1::FileRequest& request);
CommandResult<v1::DownloadPolicy> download_policy(Client& client, const v1::Nothing& request);
CommandResult<v1::DownloadPolicy> set_download_policy(Client& client, const v1::DownloadPolicy& request);

/// The file of a message by its place there. Errors: those of naming a message, usage (there is none).
CommandResult<FileKey> file_named(Client& client, const v1::FileRequest& request);

}  // namespace sotto::client::api
