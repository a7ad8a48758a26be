#include "attach.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include "client/attachments/folder.h"
#include "client/conversations/records.h"
#include "client/runtime/pictures.h"
#include "commands.h"
#include "delivery.h"
#include "picture_metadata/picture_metadata.h"

namespace sotto::cli {
namespace {

using picture_metadata::Kind;

std::string mime_of(const std::string& name, Kind kind) {
  switch (kind) {
    case Kind::jpeg: return "image/jpeg";
    case Kind::png: return "image/png";
    case Kind::webp: return "image/webp";
    default: break;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kByEnding = {{
      {".txt", "text/plain"},
      {".pdf", "application/pdf"},
      {".zip", "application/zip"},
      {".mp4", "video/mp4"},
      {".webm", "video/webm"},
      {".mov", "video/quicktime"},
      {".mp3", "audio/mpeg"},
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

/// The picture without metadata, or nothing where there is none to take out.
CommandResult<std::optional<Bytes>> cleaned(client::SourceFile& file, Kind kind, const std::string& path) {
  if (kind == Kind::no_picture) return std::nullopt;
  const auto refused = [&path](picture_metadata::MetadataError error) {
    return err(
        Failure{ExitCode::refused,
                fmt::format("{}: {}, so it is not sent; convert it first (sotto media convert), or send it "
                            "as it is, with where and when it was taken: --keep-metadata",
                            path, describe(error))});
  };
  if (kind == Kind::other_picture) return refused(picture_metadata::MetadataError::not_supported);
  if (file.size() > picture_metadata::kMaxPictureOctets)
    return refused(picture_metadata::MetadataError::too_large);
  const auto octets = file.read_all();
  if (!octets) return err(about(path, describe(octets.error())));
  auto out = picture_metadata::without_metadata(*octets);
  if (!out) return refused(out.error());
  return *std::move(out);
}

/// Made in the sandbox too: own pictures may come from anywhere. Of a picture as it is sent.
CommandResult<Bytes> thumbnail_of(client::SourceFile& file, const std::optional<Bytes>& cleaned,
                                  media::Sandbox& sandbox, const std::string& path) {
  if (cleaned) return client::thumbnail_of(sandbox, *cleaned);
  if (file.size() > media::kMaxInput) return Bytes();
  const auto octets = file.read_all();
  if (!octets || !file.rewind()) return err(about(path, describe(client::FileError::unreadable)));
  return client::thumbnail_of(sandbox, *octets);
}

CommandResult<client::NewFile> seal_file(Profile& profile, const std::string& path, bool keep_metadata,
                                         media::Sandbox& sandbox) {
  auto file = client::SourceFile::open(path);
  if (!file) return err(about(path, describe(file.error())));
  ByteArray<picture_metadata::kHeadOctets> head{};
  const auto got = file->read(head);
  if (!got || !file->rewind()) return err(about(path, describe(client::FileError::unreadable)));
  const Kind kind = picture_metadata::kind_of(ByteView(head).first(*got));
  std::optional<Bytes> picture;
  if (!keep_metadata) {
    SOTTO_TRY(picture, cleaned(*file, kind, path));
  }

  client::NewFile out{.keys = attachments::FileKeys::generate(profile.random()),
                      .shape = {},
                      .mime = {},
                      .name = std::filesystem::path(path).filename().string(),
                      .thumbnail = {}};
  out.mime = mime_of(out.name, kind);
  if (kind != Kind::no_picture) {
    SOTTO_TRY(out.thumbnail, thumbnail_of(*file, picture, sandbox, path));
  }
  if (!attachments::is_file_name(out.name)) {
    return err(about(path, "its name has characters that others could not use; give it another name first"));
  }
  ByteView rest = picture ? ByteView(*picture) : ByteView();
  const auto source = [&](MutableByteView wanted) -> client::FileResult<std::size_t> {
    if (!picture) return file->read(wanted);
    const ByteView part = rest.first(std::min(rest.size(), wanted.size()));
    std::ranges::copy(part, wanted.begin());
    rest = rest.subspan(part.size());
    return part.size();
  };
  const client::AttachmentFolder folder(profile.folder().path());
  const auto sealed = folder.seal(out.keys, picture ? picture->size() : file->size(), source);
  if (!sealed) return err(about(path, describe(sealed.error())));
  out.shape = sealed->shape;
  out.tags_hash = sealed->tags_hash;
  return out;
}

std::string_view describe(v1::AttachedFile::Media media) {
  switch (media) {
    case v1::AttachedFile::UNCHECKED: return ", not looked at yet";
    case v1::AttachedFile::CLEAN: return ", clean";
    case v1::AttachedFile::HIDDEN: return ", clean, hidden by your classifier";
    case v1::AttachedFile::SUSPECT: return ", broke the decoder once and is looked at again later";
    case v1::AttachedFile::QUARANTINED: return ", IN QUARANTINE";
    case v1::AttachedFile::REFUSED: return ", no clean picture can be made of it";
    default: return "";
  }
}

/// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void show(const v1::Message& message) {
    std::uint64_t done = 0;
    std::uint64_t all = 0;
    for (const auto& file : message.files()) {
      done += file.transferred();
      all += file.stored_size();
    }
    if (all == 0 || ::isatty(STDERR_FILENO) == 0) return;
    const auto percent = static_cast<unsigned>(done * 100 / all);
    if (shown_ && percent == last_) return;
    last_ = percent;
    shown_ = true;
    fmt::print(stderr, "\r{} %", percent);
    std::fflush(stderr);
  }

 private:
  bool shown_ = false;
  unsigned last_ = 0;
};

}  // namespace

std::string describe(const v1::AttachedFile& file) {
  std::string where;
  switch (file.state()) {
    case v1::AttachedFile::UPLOADING:
      where = fmt::format("being sent, {} of {} octets", file.transferred(), file.stored_size());
      break;
    case v1::AttachedFile::DOWNLOADING:
      where = fmt::format("being fetched, {} of {} octets", file.transferred(), file.stored_size());
      break;
    case v1::AttachedFile::REMOTE: where = "not here yet: sotto download"; break;
    case v1::AttachedFile::FAILED: where = "failed: " + file.failure(); break;
    default: where = "here"; break;
  }
  if (file.media() != v1::AttachedFile::MEDIA_UNSPECIFIED) where += std::string(describe(file.media()));
  if (!file.media_failure().empty()) where += ": " + file.media_failure();
  return fmt::format("{} ({}, {} octets; {})", harmless(file.name()), harmless(file.mime()), file.size(),
                     where);
}

CommandResult<std::vector<client::NewFile>> seal_files(Profile& profile,
                                                       const std::vector<std::string>& paths,
                                                       bool keep_metadata) {
  if (paths.size() > client::kMaxFilesOfMessage) {
    return err(Failure{ExitCode::usage, "a message has at most ten files; send the others with another one"});
  }
  std::vector<client::NewFile> out;
  media::Sandbox sandbox(client::media_program());
  for (const std::string& path : paths) {
    SOTTO_TRY(auto file, seal_file(profile, path, keep_metadata, sandbox));
    out.push_back(std::move(file));
  }
  return out;
}

CommandResult<ExitCode> finish_send_files(Profile& profile, const Output& output,
                                          const session::MessageId& id, const std::string& user,
                                          std::uint64_t wait_s) {
  std::int64_t row = 0;
  {
    auto rows = profile.database().query("SELECT id FROM message WHERE msg_id = ?1 AND outgoing = 1", id);
    if (rows.next()) row = rows.integer(0);
  }
  std::optional<Failure> hindrance;
  {
    ProgressLine line;
    // A file takes as long as it takes; who does not want to wait interrupts, and it goes on the next time.
    hindrance = wait_until(profile, output, std::max(seconds(wait_s), hours(1)), [&] {
      const auto message = client::message_record(profile.database(), *profile.core().self(), row);
      if (message) line.show(*message);
      return !message || message->state() != v1::Message::QUEUED;
    });
  }
  return report_sent(profile, output, id, user, hindrance);
}

}  // namespace sotto::cli
