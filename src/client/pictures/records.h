// What is known of files that may be pictures: whether somebody looked at them in the sandbox, what came of
// it, and the clean file that may be shown (docs/specs/media-sandbox.md 8). The sandbox itself is the
// runtime's concern.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attachments/seal.h"
#include "client/attachments/records.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "result/result.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

using MediaState = v1::AttachedFile::Media;

/// A file that is here and has still to go through the sandbox.
struct UncheckedFile {
  FileRow file;
  Bytes quarantine;  ///< media/quarantine.h; empty: nothing failed yet
  bool known_sender = false;
  bool hidden = false;  ///< whatever it shows: the guardian wants it
};

/// A file that the sandbox wrote, encrypted into the folder.
struct CleanFile {
  attachments::FileKeys keys;
  attachments::Shape shape;
  attachments::TagsHash tags_hash{};
  std::string mime;
};

/// What came of looking. With UNCHECKED somebody looks again at `next`.
struct Looked {
  MediaState state = v1::AttachedFile::UNCHECKED;
  Bytes quarantine = {};
  UnixMs next = {};
  std::string failure = {};
  std::optional<CleanFile> clean = {};
  Bytes thumbnail = {};
};

/// All of it is here, and came from elsewhere.
void await_look(Work& work, const FileKey& key);
/// The first whose time has come.
std::optional<UncheckedFile> next_unchecked(store::Database& database, const Self& self, UnixMs now);
/// Forgotten if the file is gone, if another process looked meanwhile, or if the guardian wants by now that
/// it is hidden.
void note_looked(Work& work, const FileKey& key, const Looked& looked);
/// The user wants a quarantined file looked at again. False: it is not in quarantine.
bool release_picture(Work& work, const FileKey& key);

/// In the order of their messages.
std::vector<FileKey> quarantined_files(store::Database& database);

/// Empty unless there is one.
std::optional<CleanFile> load_clean(store::Database& database, const FileKey& key);
/// Adds what is known to the record of the file.
void add_media(store::Database& database, const FileKey& key, v1::AttachedFile& record);

/// Absolute path of the library that says which pictures to hide; empty: nobody is asked.
std::string load_classifier(store::Database& database);
/// Errors: family_classifier (there is one, and the guardian wants that it decides).
Result<void, ComposeError> set_classifier(Work& work, std::string_view path);

}  // namespace sotto::client
