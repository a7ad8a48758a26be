#include "client/api/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "client/api/conversations.h"
#include "client/attachments/policy.h"
#include "client/attachments/transfers.h"
#include "client/conversations/commands.h"
#include "client/conversations/records.h"
#include "client/pictures/records.h"
#include "picture_metadata/picture_metadata.h"

namespace sotto::client::api {
namespace {

using picture_metadata::Kind;

std::string mime_of(const std::string& name, Kind kind) {
  switch (kind) {
    case Kind::jpeg: return "image/jpeg";
    case Kind::png: return "image/png";
    case Kind::webp: return "image/webp";
    default: break;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kByEnding = {{
      {".txt", "text/plain"},
      {".pdf", "application/pdf"},
      {".zip", "application/zip"},
      {".mp4", "video/mp4"},
      {".webm", "video/webm"},
      {".mov", "video/quicktime"},
      {".mp3", "audio/mpeg"},
      {".wav", "audio/wav"},
      {".m4a", "audio/mp4"},
      {".ogg", "audio/ogg"},
      {".opus", "audio/ogg"},
      {".gif", "image/gif"},
      {".heic", "image/heic"},
      {".csv", "text/csv"},
  }};
  std::string ending = std::filesystem::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = std::ranges::find(kByEnding, ending, [](const auto& entry) { return entry.first; });
  return found == kByEnding.end() ? "application/octet-stream" : std::string(found->second);
}

Failure about(const std::string& path, std::string_view what) {
  return {ExitCode::failed, fmt::format("{}: {}", path, what)};
}

/// Exactly `size` octets from the first on.
FileResult<Bytes> read_all(const FileSource& source, std::size_t size) {
  SOTTO_CHECK_OK(source.rewind());
  Bytes out(size);
  for (std::size_t done = 0; done < size;) {
    SOTTO_TRY(const std::size_t got, source.read(MutableByteView(out).subspan(done)));
    if (got == 0) return err(FileError::changed);
    done += got;
  }
  return out;
}

/// The picture without metadata, or nothing where there is none to take out.
CommandResult<std::optional<Bytes>> cleaned(const FileSource& source, Kind kind) {
  if (kind == Kind::no_picture) return std::nullopt;
  const auto refused = [&source](picture_metadata::MetadataError error) {
    return err(
        Failure{ExitCode::refused,
                fmt::format("{}: {}, so it is not sent; convert it first (sotto media convert), or send it "
                            "as it is, with where and when it was taken: --keep-metadata",
                            source.about, describe(error))});
  };
  if (kind == Kind::other_picture) return refused(picture_metadata::MetadataError::not_supported);
  if (source.size > picture_metadata::kMaxPictureOctets)
    return refused(picture_metadata::MetadataError::too_large);
  const auto octets = read_all(source, static_cast<std::size_t>(source.size));
  if (!octets) return err(about(source.about, describe(octets.error())));
  auto out = picture_metadata::without_metadata(*octets);
  if (!out) return refused(out.error());
  return *std::move(out);
}

/// Of a picture as it is sent: `cleaned`, or what the source has.
CommandResult<Bytes> thumbnail_of(const Sealing& sealing, const FileSource& source,
                                  const std::optional<Bytes>& cleaned) {
  if (cleaned) return sealing.thumbnail(*cleaned);
  if (source.size > picture_metadata::kMaxPictureOctets) return Bytes();
  const auto octets = read_all(source, static_cast<std::size_t>(source.size));
  if (!octets) return err(about(source.about, describe(octets.error())));
  return sealing.thumbnail(*octets);
}

CommandResult<Kind> kind_of(const FileSource& source) {
  ByteArray<picture_metadata::kHeadOctets> head{};
  const auto head_size = static_cast<std::size_t>(std::min<std::uint64_t>(head.size(), source.size));
  const auto read = read_all(source, head_size);
  if (!read) return err(about(source.about, describe(read.error())));
  return picture_metadata::kind_of(*read);
}

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

CommandResult<NewFile> seal_file(const Sealing& sealing, const FileSource& source, bool keep_metadata) {
  if (!attachments::is_file_name(source.name)) {
    return err(
        about(source.about, "its name has characters that others could not use; give it another name first"));
  }
  SOTTO_TRY(const Kind kind, kind_of(source));
  std::optional<Bytes> picture;
  if (!keep_metadata) {
    SOTTO_TRY(picture, cleaned(source, kind));
  }
  NewFile out{.keys = attachments::FileKeys::generate(sealing.random),
              .shape = {},
              .mime = mime_of(source.name, kind),
              .name = source.name,
              .thumbnail = {}};
  if (kind != Kind::no_picture && sealing.thumbnail) {
    SOTTO_TRY(out.thumbnail, thumbnail_of(sealing, source, picture));
  }
  if (const auto again = source.rewind(); !again) return err(about(source.about, describe(again.error())));
  const auto sealed = sealing.folder.seal(out.keys, picture ? picture->size() : source.size,
                                          picture ? source_of(*picture) : source.read);
  if (!sealed) return err(about(source.about, describe(sealed.error())));
  out.shape = sealed->shape;
  out.tags_hash = sealed->tags_hash;
  return out;
}

CommandResult<NewFile> seal_path(const Sealing& sealing, const std::string& path, const std::string& name,
                                 bool keep_metadata) {
  auto file = SourceFile::open(path);
  if (!file) return err(about(path, describe(file.error())));
  const FileSource source{.name = name.empty() ? std::filesystem::path(path).filename().string() : name,
                          .about = path,
                          .size = file->size(),
                          .read = [&file](MutableByteView out) { return file->read(out); },
                          .rewind = [&file] { return file->rewind(); }};
  return seal_file(sealing, source, keep_metadata);
}

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
    return err(about(file->name, "others could not use this name; give the file another one"));
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
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) {
    return message_files(work, request.conversation(), request.message_id(), false);
  }));
  SOTTO_CHECK_OK(
      run_in(client, [&](Work& work) -> Result<bool, ComposeError> { return want_file(work, key); }));
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
