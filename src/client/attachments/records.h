// Rows of the files beside messages (store/tables_attachments.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attachments/descriptor.h"
#include "client/store/database.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

using FileState = v1::AttachedFile::State;
using UploadToken = ByteArray<32>;

/// Of one message: an album, not an archive.
inline constexpr int kMaxFilesOfMessage = 10;

struct FileKey {
  std::int64_t message;
  std::int64_t position;

  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};

/// A file that was encrypted into the folder and is to be sent.
struct NewFile {
  attachments::FileKeys keys;
  attachments::Shape shape;
  attachments::TagsHash tags_hash{};
  std::string mime;
  std::string name;
  Bytes thumbnail;
};

struct FileRow {
  FileKey key;
  FileState state;
  std::optional<attachments::Capability> capability;
  std::optional<UploadToken> token;
  attachments::FileKeys keys;
  attachments::Shape shape;
  attachments::TagsHash tags_hash{};
  std::string mime;
  std::string name;
  std::uint64_t transferred = 0;
};

/// With this thumbnail in the place of its own.
void insert_outgoing_file(store::Database& database, const FileKey& key, const NewFile& file,
                          ByteView thumbnail);
void insert_incoming_file(store::Database& database, const FileKey& key, const attachments::Descriptor& file,
                          FileState state);
std::optional<FileRow> load_file(store::Database& database, const FileKey& key);
std::vector<FileKey> files_of(store::Database& database, std::int64_t message);
/// The first in the order of messages whose octets are to move and whose blob is known; nothing after `tried`
/// was looked at if there is something.
std::vector<FileKey> moving_files(store::Database& database, std::size_t limit);
/// As messages carry it. Empty while no blob was opened for it.
std::optional<v1::Attachment> wire_form(store::Database& database, const FileKey& key);
/// For people and programs.
std::optional<v1::AttachedFile> file_record(store::Database& database, const FileKey& key);

}  // namespace sotto::client
