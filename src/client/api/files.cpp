#include "client/api/files.h"

#include <fmt/format.h>

#include "client/api/conversations.h"
#include "client/attachments/policy.h"
#include "client/attachments/transfers.h"
#include "client/conversations/commands.h"
#include "client/conversations/records.h"
#include "client/pictures/records.h"

namespace sotto::client::api {
namespace {

v1::DownloadPolicy policy_record(const DownloadPolicy& policy) {
  v1::DownloadPolicy record;
  record.set_max_octets(policy.max_octets);
  record.set_from(policy.senders == FetchFrom::nobody  ? v1::DownloadPolicy::NOBODY
                  : policy.senders == FetchFrom::known ? v1::DownloadPolicy::KNOWN
                                                       : v1::DownloadPolicy::EVERYBODY);
  record.set_metered(policy.metered);
  return record;
}

v1::AttachedFile placed(store::Database& database, const Self& self, const FileKey& key) {
  v1::AttachedFile record = file_record(database, key).value_or(v1::AttachedFile());
  if (const auto message = message_record(database, self, key.message)) {
    record.set_message_id(message->message_id());
    record.set_conversation(message->conversation());
  }
  record.set_position(static_cast<std::uint32_t>(key.position));
  return record;
}

}  // namespace

CommandResult<NewFile> file_of(Client& client, const v1::Upload& upload) {
  if (upload.upload().empty() == upload.path().empty()) {
    return err(Failure{ExitCode::usage, "a file is named by its upload or by its path, one of the two"});
  }
  if (!upload.path().empty()) {
    const AttachmentFolder folder(client.folder);
    return seal_path({.random = client.random, .folder = folder, .thumbnail = client.thumbnail},
                     upload.path(), upload.name(), upload.keep_metadata());
  }
  auto file = client.take_upload(upload.upload());
  if (!file)
    return err(Failure{ExitCode::usage, "there is no such upload (any more); upload the file again"});
  if (!upload.name().empty()) file->name = upload.name();
  if (!attachments::is_file_name(file->name)) {
    return err(
        Failure{ExitCode::failed,
                fmt::format("{}: others could not use this name; give the file another one", file->name)});
  }
  return *std::move(file);
}

CommandResult<std::vector<NewFile>> files_of(Client& client, const v1::SendRequest& request) {
  if (request.files_size() > kMaxFilesOfMessage) {
    return err(Failure{ExitCode::usage, "a message has at most ten files; send the others with another one"});
  }
  std::vector<NewFile> out;
  for (const auto& upload : request.files()) {
    SOTTO_TRY(auto file, file_of(client, upload));
    out.push_back(std::move(file));
  }
  return out;
}

CommandResult<v1::FileList> list_files(Client& client, const v1::ConversationRequest& request) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::FileList> {
    std::optional<ConversationRow> conversation;
    if (!request.conversation().empty()) {
      SOTTO_TRY(const auto named, conversation_named(client.database(), self, request.conversation()));
      conversation = named.id;
    }
    std::vector<FileKey> files;
    {
      auto rows = client.database().query(
          "SELECT a.message, a.position FROM attachment a JOIN message m ON m.id = a.message WHERE ?1 IS NULL"
          " OR m.conversation = ?1 ORDER BY a.message, a.position",
          conversation);
      while (rows.next()) files.push_back({rows.integer(0), rows.integer(1)});
    }
    v1::FileList list;
    for (const FileKey& key : files) *list.add_files() = placed(client.database(), self, key);
    return list;
  }));
}

CommandResult<FileKey> file_named(Client& client, const v1::FileRequest& request) {
  SOTTO_TRY(const auto named, run_in(client, [&](Work& work) {
              return named_message(work, request.conversation(), request.message_id(), Whose::anybody);
            }));
  const FileKey key{named.row, request.position()};
  if (file_record(client.database(), key)) return key;
  return err(Failure{ExitCode::usage, "there is no such file with this message"});
}

CommandResult<v1::AttachedFile> download_file(Client& client, const v1::FileRequest& request) {
  SOTTO_TRY(const FileKey key, file_named(client, request));
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) -> Result<bool, ComposeError> {
    SOTTO_CHECK_OK(message_files(work, request.conversation(), request.message_id()));
    return want_file(work, key);
  }));
  return read_in(client, [&](const Self& self) { return placed(client.database(), self, key); });
}

CommandResult<v1::AttachedFile> get_file(Client& client, const v1::FileRequest& request) {
  SOTTO_TRY(const FileKey key, file_named(client, request));
  return read_in(client, [&](const Self& self) { return placed(client.database(), self, key); });
}

CommandResult<v1::FileList> list_quarantine(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::FileList list;
    for (const FileKey& key : quarantined_files(client.database())) {
      *list.add_files() = placed(client.database(), self, key);
    }
    return list;
  });
}

CommandResult<v1::AttachedFile> release_file(Client& client, const v1::FileRequest& request) {
  SOTTO_TRY(const FileKey key, file_named(client, request));
  SOTTO_TRY(const bool released, run_in(client, [&](Work& work) -> Result<bool, ComposeError> {
              return release_picture(work, key);
            }));
  if (!released) return err(Failure{ExitCode::usage, "this file is not in quarantine"});
  return read_in(client, [&](const Self& self) { return placed(client.database(), self, key); });
}

CommandResult<v1::DownloadPolicy> download_policy(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self&) { return policy_record(load_policy(client.database())); });
}

CommandResult<v1::DownloadPolicy> set_download_policy(Client& client, const v1::DownloadPolicy& request) {
  return run_in(client, [&](Work& work) -> Result<v1::DownloadPolicy, ComposeError> {
    DownloadPolicy policy = load_policy(work.db);
    policy.max_octets = request.max_octets();
    if (request.from() == v1::DownloadPolicy::NOBODY) policy.senders = FetchFrom::nobody;
    if (request.from() == v1::DownloadPolicy::KNOWN) policy.senders = FetchFrom::known;
    if (request.from() == v1::DownloadPolicy::EVERYBODY) policy.senders = FetchFrom::everybody;
    policy.metered = request.metered();
    save_policy(work.db, policy);
    return policy_record(policy);
  });
}

}  // namespace sotto::client::api
