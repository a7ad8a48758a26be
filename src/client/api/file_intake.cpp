#include "client/api/file_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "attachments/descriptor.h"
#include "picture_metadata/picture_metadata.h"

namespace sotto::client::api {
namespace {

using picture_metadata::Kind;
using picture_metadata::MetadataError;

/// What a file on disk is read in.
constexpr std::size_t kPieceOctets = attachments::kChunkOctets;

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

Failure about(const std::string& file, std::string_view what) {
  return {ExitCode::failed, fmt::format("{}: {}", file, what)};
}

}  // namespace

struct FileIntake::State {
  AttachmentFolder folder;
  std::function<Bytes(ByteView picture)> thumbnail;
  IncomingFile file;
  attachments::FileKeys keys;
  attachments::FileKeys clean_keys;  ///< of the picture without metadata
  std::optional<SealingFile> sealing;
  Bytes head;
  std::uint64_t size = 0;

  [[nodiscard]] Kind kind() const { return picture_metadata::kind_of(head); }
  [[nodiscard]] bool loses_metadata() const { return !file.keep_metadata && kind() != Kind::no_picture; }
  /// Why this picture cannot lose its metadata, as far as is known by now.
  [[nodiscard]] std::optional<MetadataError> objection() const;
  [[nodiscard]] std::unexpected<IntakeFailure> failed(FileError cause) const;
  [[nodiscard]] std::unexpected<IntakeFailure> refused(MetadataError error) const;
  IntakeResult<void> open();
  /// The picture that lies there, without metadata, in its place.
  IntakeResult<NewFile> finish_picture(NewFile stored);
  IntakeResult<void> replace(NewFile& stored, ByteView picture);
};

std::optional<MetadataError> FileIntake::State::objection() const {
  if (!loses_metadata()) return std::nullopt;
  if (kind() == Kind::other_picture) return MetadataError::not_supported;
  const std::uint64_t most = std::max(size, file.size.value_or(0));
  if (most > picture_metadata::kMaxPictureOctets) return MetadataError::too_large;
  return std::nullopt;
}

std::unexpected<IntakeFailure> FileIntake::State::failed(FileError cause) const {
  return err(IntakeFailure{about(file.about, describe(cause)), cause});
}

std::unexpected<IntakeFailure> FileIntake::State::refused(MetadataError error) const {
  return err(IntakeFailure{
      {ExitCode::refused,
       fmt::format("{}: {}, so it is not sent; convert it first (sotto media convert), or send it as it is, "
                   "with where and when it was taken: --keep-metadata",
                   file.about, describe(error))},
      std::nullopt});
}

IntakeResult<void> FileIntake::State::open() {
  if (sealing) return {};
  auto begun = folder.begin(keys, file.size);
  if (!begun) return failed(begun.error());
  sealing.emplace(*std::move(begun));
  return {};
}

IntakeResult<void> FileIntake::State::replace(NewFile& stored, ByteView picture) {
  const auto sealed = folder.seal(clean_keys, picture.size(), source_of(picture));
  if (!sealed) return failed(sealed.error());
  folder.erase(stored.keys.file_id);
  stored.keys = std::move(clean_keys);
  stored.shape = sealed->shape;
  stored.tags_hash = sealed->tags_hash;
  return {};
}

IntakeResult<NewFile> FileIntake::State::finish_picture(NewFile stored) {
  if (stored.shape.file > picture_metadata::kMaxPictureOctets)
    return stored;  // objection() let it pass as it is
  auto picture = folder.open_beginning(stored.keys, stored.shape, stored.tags_hash,
                                       static_cast<std::size_t>(stored.shape.file));
  if (!picture) return failed(picture.error());
  if (loses_metadata()) {
    auto clean = picture_metadata::without_metadata(*picture);
    if (!clean) return refused(clean.error());
    SOTTO_CHECK_OK(replace(stored, *clean));
    picture = *std::move(clean);
  }
  if (thumbnail) stored.thumbnail = thumbnail(*picture);
  return stored;
}

FileIntake::FileIntake(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileIntake::FileIntake(FileIntake&&) noexcept = default;
FileIntake::~FileIntake() = default;

CommandResult<FileIntake> FileIntake::begin(const Sealing& sealing, IncomingFile file) {
  if (!attachments::is_file_name(file.name)) {
    return err(
        about(file.about, "its name has characters that others could not use; give it another name first"));
  }
  return FileIntake(
      std::unique_ptr<State>(new State{.folder = sealing.folder,
                                       .thumbnail = sealing.thumbnail,
                                       .file = std::move(file),
                                       .keys = attachments::FileKeys::generate(sealing.random),
                                       .clean_keys = attachments::FileKeys::generate(sealing.random),
                                       .sealing = {},
                                       .head = {}}));
}

IntakeResult<void> FileIntake::take(ByteView octets) {
  State& state = *state_;
  const std::size_t wanted = picture_metadata::kHeadOctets - state.head.size();
  const ByteView head = octets.first(std::min(wanted, octets.size()));
  state.head.insert(state.head.end(), head.begin(), head.end());
  state.size += octets.size();
  if (const auto objection = state.objection()) return state.refused(*objection);
  SOTTO_CHECK_OK(state.open());
  if (const auto taken = state.sealing->append(octets); !taken) return state.failed(taken.error());
  return {};
}

IntakeResult<NewFile> FileIntake::finish() {
  State& state = *state_;
  SOTTO_CHECK_OK(state.open());
  const auto sealed = state.sealing->finish();
  if (!sealed) return state.failed(sealed.error());
  const Kind kind = state.kind();
  NewFile out{.keys = std::move(state.keys),
              .shape = sealed->shape,
              .tags_hash = sealed->tags_hash,
              .mime = mime_of(state.file.name, kind),
              .name = state.file.name,
              .thumbnail = {}};
  if (kind == Kind::no_picture) return out;
  const attachments::FileId stored = out.keys.file_id;
  auto finished = state.finish_picture(std::move(out));
  if (!finished) state.folder.erase(stored);
  return finished;
}

CommandResult<NewFile> seal_path(const Sealing& sealing, const std::string& path, const std::string& name,
                                 bool keep_metadata) {
  auto file = SourceFile::open(path);
  if (!file) return err(about(path, describe(file.error())));
  SOTTO_TRY(FileIntake intake,
            FileIntake::begin(sealing,
                              {.name = name.empty() ? std::filesystem::path(path).filename().string() : name,
                               .about = path,
                               .keep_metadata = keep_metadata,
                               .size = file->size()}));
  Bytes piece(kPieceOctets);
  std::uint64_t taken = 0;
  for (;;) {
    const auto got = file->read(piece);
    if (!got) return err(about(path, describe(got.error())));
    taken += *got;
    if (*got == 0 || taken > file->size()) break;
    if (auto done = intake.take(ByteView(piece).first(*got)); !done)
      return err(std::move(done.error().failure));
  }
  if (taken != file->size()) return err(about(path, describe(FileError::changed)));
  auto finished = intake.finish();
  if (!finished) return err(std::move(finished.error().failure));
  return *std::move(finished);
}

}  // namespace sotto::client::api
