#include "client/attachments/octet_mover.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/attachments/transfers.h"
#include "result/check.h"

namespace sotto::client {
namespace {

using attachments::kChunkOctets;

constexpr DurationMs kFirstPause = seconds(1);
constexpr DurationMs kLongestPause = minutes(1);
/// What the server may ask for.
constexpr DurationMs kLongestRetry = hours(1);
/// A full disk may have room again.
constexpr DurationMs kDiskPause = minutes(1);

BlobAsk request_for(std::string_view method, const FileRow& file) {
  return {.method = std::string(method),
          .target = "/v1/blobs/" + to_hex(*file.capability),
          .fields = {},
          .body = {}};
}

std::string range(std::uint64_t begin, std::uint64_t end) {
  return std::to_string(begin) + "-" + std::to_string(end - 1);
}

/// Answers after which the same request may succeed later.
bool is_passing(unsigned status) { return status == 429 || status == 500 || status == 503 || status == 507; }

OctetMover::Input give_up(const FileKey& file, std::string reason) {
  return [file, reason = std::move(reason)](Work& work) { file_failed(work, file, reason); };
}

OctetMover::Input moved(const FileKey& file, std::uint64_t octets) {
  return [file, octets](Work& work) { file_moved(work, file, octets); };
}

/// Whole chunks: what is not whole cannot be verified, so it was never counted.
std::uint64_t first_missing(const FileRow& file) { return file.transferred / kChunkOctets * kChunkOctets; }

}  // namespace

OctetMover::OctetMover(store::Database& database, StoredOctets& octets, std::size_t part_octets)
    : database_(database), octets_(octets), part_octets_(part_octets) {}

bool OctetMover::pausing(UnixMs now) {
  // Further away than any pause is long: the clock was set back.
  if (paused_until_ && (now >= *paused_until_ || *paused_until_ > now + kLongestRetry)) paused_until_.reset();
  return paused_until_.has_value();
}

void OctetMover::pause(DurationMs least, UnixMs now) {
  const std::uint64_t doubled = kFirstPause.value << std::min(failures_++, 6U);
  paused_until_ = now + std::max(least, DurationMs{std::min(doubled, kLongestPause.value)});
}

OctetMover::Step OctetMover::next(UnixMs now) {
  SOTTO_CHECK(!asking());
  if (pausing(now)) return {};
  const auto first = moving_files(database_, 1);
  if (first.empty()) return {};
  const auto file = load_file(database_, first.front());
  if (database_.take_failure() || !file) return {};
  return file->state == v1::AttachedFile::UPLOADING ? upload(*file) : download(*file);
}

OctetMover::Step OctetMover::ask(const FileRow& file, Part part, BlobAsk request) {
  asked_ = {file.key, part};
  return {.ask = std::move(request), .tell = {}};
}

OctetMover::Step OctetMover::upload(const FileRow& file) {
  const std::uint64_t left = file.shape.stored - file.transferred;
  const auto octets = octets_.read(file.keys.file_id, file.transferred,
                                   static_cast<std::size_t>(std::min<std::uint64_t>(left, part_octets_)));
  if (!octets || !file.token) {
    return {.ask = {}, .tell = give_up(file.key, "its encrypted copy in the profile's folder is gone")};
  }
  BlobAsk request = request_for("PUT", file);
  request.fields = {{"Authorization", "Sotto-Upload " + to_hex(*file.token)},
                    {"Content-Range", "bytes " + range(file.transferred, file.transferred + octets->size()) +
                                          "/" + std::to_string(file.shape.stored)}};
  request.body = std::string(as_chars(*octets));
  return ask(file, Part::upload, std::move(request));
}

OctetMover::Step OctetMover::fetch(const FileRow& file, Part part, std::uint64_t begin, std::uint64_t end) {
  BlobAsk request = request_for("GET", file);
  request.fields = {{"Range", "bytes=" + range(begin, end)}};
  return ask(file, part, std::move(request));
}

OctetMover::Step OctetMover::download(const FileRow& file) {
  if (tags_of_ != file.tags_hash || !tags_) {
    // They are the first that is fetched, so a download that was begun before has them on the disk.
    auto kept = octets_.read(file.keys.file_id, file.shape.tags_begin(), file.shape.tags_octets());
    auto list = attachments::TagList::open(kept ? *std::move(kept) : Bytes(), file.shape, file.tags_hash);
    if (!list) return fetch(file, Part::tags, file.shape.tags_begin(), file.shape.stored);
    tags_of_ = file.tags_hash;
    tags_.emplace(*std::move(list));
  }
  // An empty file has nothing but its tag.
  if (file.shape.padded == 0) return {.ask = {}, .tell = moved(file.key, file.shape.stored)};
  const std::uint64_t begin = first_missing(file);
  return fetch(file, Part::chunks, begin, std::min<std::uint64_t>(file.shape.padded, begin + part_octets_));
}

OctetMover::Input OctetMover::answered(const BlobAnswer* answer, UnixMs now) {
  SOTTO_CHECK(asking());
  const Asked asked = *std::exchange(asked_, std::nullopt);
  if (asked.part == Part::upload) return written(asked.file, answer, now);
  return fetched(asked, answer, now);
}

std::optional<OctetMover::Input> OctetMover::failed(const FileKey& file, const BlobAnswer* answer,
                                                    UnixMs now) {
  if (answer == nullptr) {
    pause({}, now);
    return Input();
  }
  if (is_passing(answer->status)) {
    pause(std::min(answer->retry_after, kLongestRetry), now);
    return Input();
  }
  if (answer->status < 400) {
    failures_ = 0;
    return std::nullopt;
  }
  if (answer->status == 404) return give_up(file, "the server has it no more");
  return give_up(file, "the server refused it (HTTP status " + std::to_string(answer->status) + ")");
}

OctetMover::Input OctetMover::written(const FileKey& file, const BlobAnswer* answer, UnixMs now) {
  if (answer != nullptr && (answer->status == 204 || answer->status == 409)) {
    failures_ = 0;
    return moved(file, answer->upload_offset);
  }
  if (answer != nullptr && answer->status == 404) {
    pause({}, now);  // not again and again at once
    return [file](Work& work) { upload_lost(work, file); };
  }
  return failed(file, answer, now).value_or(Input());
}

OctetMover::Input OctetMover::fetched(const Asked& asked, const BlobAnswer* answer, UnixMs now) {
  if (auto reason = failed(asked.file, answer, now)) return *std::move(reason);
  const auto file = load_file(database_, asked.file);
  if (database_.take_failure() || !file || file->state != v1::AttachedFile::DOWNLOADING) return {};
  if (answer->status != 206) {
    return give_up(asked.file, "the server's answer is not the part that was asked for");
  }
  auto taken = asked.part == Part::tags ? take_tags(*file, answer->body) : take_chunks(*file, answer->body);
  if (taken) return *std::move(taken);
  if (taken.error() == FileError::damaged) return give_up(asked.file, "it is not the file that was sent");
  pause(kDiskPause, now);
  return {};
}

FileResult<OctetMover::Input> OctetMover::take_tags(const FileRow& file, const Bytes& octets) {
  auto list = attachments::TagList::open(octets, file.shape, file.tags_hash);
  if (!list) return err(FileError::damaged);
  SOTTO_CHECK_OK(octets_.write(file.keys.file_id, file.shape.tags_begin(), octets));
  tags_of_ = file.tags_hash;
  tags_.emplace(*std::move(list));
  return Input();
}

FileResult<OctetMover::Input> OctetMover::take_chunks(const FileRow& file, const Bytes& octets) {
  const std::uint64_t begin = first_missing(file);
  if (tags_of_ != file.tags_hash || !tags_ || octets.empty()) return err(FileError::damaged);
  Bytes chunk;
  std::size_t at = 0;
  for (std::uint64_t i = begin / kChunkOctets; at < octets.size(); ++i) {
    if (i >= file.shape.chunks || octets.size() - at < file.shape.chunk_octets(i))
      return err(FileError::damaged);
    const ByteView stored = ByteView(octets).subspan(at, file.shape.chunk_octets(i));
    chunk.assign(stored.begin(), stored.end());
    if (!attachments::open_chunk(file.keys, file.shape, *tags_, i, chunk)) return err(FileError::damaged);
    at += stored.size();
  }
  SOTTO_CHECK_OK(octets_.write(file.keys.file_id, begin, octets));
  const std::uint64_t reached = begin + octets.size();
  // With the last chunk everything is here: the tags came first.
  return moved(file.key, reached == file.shape.padded ? file.shape.stored : reached);
}

}  // namespace sotto::client
