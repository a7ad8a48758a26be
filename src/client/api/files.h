// Service Files, and own files for a message that is to be sent.
#pragma once

#include <string>
#include <vector>

#include "client/api/client.h"
#include "client/api/file_intake.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

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
