#include "client/runtime/transfers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bytes/hex.h"
#include "client/attachments/transfers.h"

namespace sotto::client {
namespace {

using attachments::kChunkOctets;
using attachments::Shape;
using transport::HttpAsk;
using transport::HttpOutcome;

/// What one request moves: what the server takes at once, whole chunks.
constexpr std::size_t kPartOctets = std::size_t{1} << 20;
constexpr DurationMs kFirstPause = seconds(1);
constexpr DurationMs kLongestPause = minutes(1);
/// Files of messages that disappeared, or were taken back.
constexpr DurationMs kSweepInterval = hours(1);

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

HttpAsk request_for(std::string_view method, const FileRow& file) {
  HttpAsk request;
  request.method = method;
  request.target = "/v1/blobs/" + to_hex(*file.capability);
  return request;
}

/// Answers after which the same request may succeed later.
bool is_passing(unsigned status) { return status == 429 || status == 500 || status == 503 || status == 507; }

}  // namespace

TransferRunner::TransferRunner(boost::asio::io_context& context, Core& core, AttachmentFolder folder,
                               Perform perform)
    : context_(context), core_(core), folder_(std::move(folder)), perform_(std::move(perform)) {}

void TransferRunner::sweep() {
  if (swept_ && elapsed(*swept_, clock_.now()) < kSweepInterval) return;
  swept_ = clock_.now();
  folder_.sweep([this](const attachments::FileId& file) {
    auto rows = core_.database().query(
        "SELECT 1 FROM attachment WHERE file_id = ?1 UNION ALL SELECT 1 FROM attachment_media WHERE file_id "
        "= ?1"
        " LIMIT 1",
        file);
    return rows.next() || core_.database().failure();
  });
}

void TransferRunner::work() {
  sweep();
  if (running_ || !core_.signed_in() || (not_before_ && clock_.now() < *not_before_)) return;
  const auto next = moving_files(core_.database(), 1);
  if (next.empty()) return;
  const auto file = load_file(core_.database(), next.front());
  if (core_.database().take_failure() || !file || !make_client()) return;
  running_ = true;
  if (file->state == v1::AttachedFile::UPLOADING) {
    upload(*file);
  } else {
    download(*file);
  }
}

bool TransferRunner::make_client() {
  if (client_) return true;
  const auto server = load_server(core_.database());
  if (!server) return false;
  transport::ServerVerification verification = transport::AuthorityTrust{};
  if (server->tls_pin) verification = transport::PinnedKeys{{*server->tls_pin}};
  auto tls = transport::TlsClientContext::create(verification);
  if (!tls) return false;
  transport::HttpClientOptions options;
  options.endpoint = transport::TcpEndpoint{server->host, server->port};
  client_ = std::make_unique<transport::HttpClient>(context_, std::move(options), *std::move(tls));
  return true;
}

void TransferRunner::ask(HttpAsk request, std::function<void(const HttpOutcome&)> done) {
  client_->ask(std::move(request), [this, done = std::move(done)](const HttpOutcome& outcome) {
    running_ = false;
    done(outcome);
    work();
  });
}

void TransferRunner::command(const std::function<void(Work&)>& body) {
  auto outcome = core_.command(clock_.now(), [&body](Work& work) {
    body(work);
    return true;
  });
  if (!outcome) return perform_(err(outcome.error()));
  perform_(std::move(outcome->effects));
}

void TransferRunner::give_up(const FileKey& key, std::string_view reason) {
  command([&](Work& work) { file_failed(work, key, reason); });
}

void TransferRunner::pause(DurationMs least) {
  const std::uint64_t doubled = kFirstPause.value << std::min(failures_++, 6U);
  not_before_ = clock_.now() + std::max(least, DurationMs{std::min(doubled, kLongestPause.value)});
}

bool TransferRunner::failed(const FileKey& key, const HttpOutcome& outcome) {
  if (!outcome) {
    client_.reset();  // its key, or its address, may be another one now
    pause({});
    return true;
  }
  if (is_passing(outcome->status)) {
    pause(seconds(std::min<std::uint64_t>(number(outcome->field("Retry-After")), 3600)));
    return true;
  }
  if (outcome->status < 400) {
    failures_ = 0;
    return false;
  }
  if (outcome->status == 404) {
    give_up(key, "the server has it no more");
  } else {
    give_up(key, fmt::format("the server refused it (HTTP status {})", outcome->status));
  }
  return true;
}

void TransferRunner::upload(const FileRow& file) {
  const std::uint64_t left = file.shape.stored - file.transferred;
  const auto octets = folder_.read(file.keys.file_id, file.transferred,
                                   static_cast<std::size_t>(std::min<std::uint64_t>(left, kPartOctets)));
  if (!octets || !file.token) {
    running_ = false;
    return give_up(file.key, "its encrypted copy in the profile's folder is gone");
  }
  HttpAsk request = request_for("PUT", file);
  request.fields = {{"Authorization", "Sotto-Upload " + to_hex(*file.token)},
                    {"Content-Range", fmt::format("bytes {}-{}/{}", file.transferred,
                                                  file.transferred + octets->size() - 1, file.shape.stored)}};
  request.body = std::string(as_chars(*octets));
  ask(std::move(request), [this, key = file.key](const HttpOutcome& outcome) { on_written(key, outcome); });
}

void TransferRunner::on_written(const FileKey& key, const HttpOutcome& outcome) {
  if (outcome && (outcome->status == 204 || outcome->status == 409)) {
    failures_ = 0;
    return command([&](Work& work) { file_moved(work, key, number(outcome->field("Upload-Offset"))); });
  }
  if (outcome && outcome->status == 404) {
    pause({});  // not again and again at once
    return command([&](Work& work) { upload_lost(work, key); });
  }
  failed(key, outcome);
}

void TransferRunner::download(const FileRow& file) {
  if (tags_of_ != file.key || !tags_) {
    // They are the first that is fetched, so a download that was begun before has them on the disk.
    auto kept = folder_.read(file.keys.file_id, file.shape.tags_begin(), file.shape.tags_octets());
    auto list = attachments::TagList::open(kept ? *std::move(kept) : Bytes(), file.shape, file.tags_hash);
    if (!list) return fetch_tags(file);
    tags_of_ = file.key;
    tags_.emplace(*std::move(list));
  }
  if (file.shape.padded > 0) return fetch_chunks(file);
  // An empty file has nothing but its tag.
  running_ = false;
  command([&](Work& work) { file_moved(work, file.key, file.shape.stored); });
}

void TransferRunner::fetch_tags(const FileRow& file) {
  HttpAsk request = request_for("GET", file);
  request.fields = {{"Range", fmt::format("bytes={}-{}", file.shape.tags_begin(), file.shape.stored - 1)}};
  ask(std::move(request), [this, key = file.key](const HttpOutcome& outcome) {
    on_fetched(key, outcome, [this](const FileRow& row, const Bytes& octets) -> FileResult<void> {
      auto list = attachments::TagList::open(octets, row.shape, row.tags_hash);
      if (!list) return err(FileError::damaged);
      SOTTO_CHECK_OK(folder_.write(row.keys.file_id, row.shape.tags_begin(), octets));
      tags_of_ = row.key;
      tags_.emplace(*std::move(list));
      return {};
    });
  });
}

void TransferRunner::fetch_chunks(const FileRow& file) {
  // Whole chunks: what is not whole cannot be verified, so it was never counted.
  const std::uint64_t begin = file.transferred / kChunkOctets * kChunkOctets;
  const std::uint64_t end = std::min<std::uint64_t>(file.shape.padded, begin + kPartOctets);
  HttpAsk request = request_for("GET", file);
  request.fields = {{"Range", fmt::format("bytes={}-{}", begin, end - 1)}};
  ask(std::move(request), [this, key = file.key](const HttpOutcome& outcome) {
    on_fetched(key, outcome,
               [this](const FileRow& row, const Bytes& octets) { return take_chunks(row, octets); });
  });
}

FileResult<void> TransferRunner::take_chunks(const FileRow& file, Bytes octets) {
  const std::uint64_t begin = file.transferred / kChunkOctets * kChunkOctets;
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
  if (octets.empty()) return err(FileError::damaged);
  SOTTO_CHECK_OK(folder_.write(file.keys.file_id, begin, octets));
  const std::uint64_t reached = begin + octets.size();
  command([&](Work& work) {
    // With the last chunk everything is here: the tags came first.
    file_moved(work, file.key, reached == file.shape.padded ? file.shape.stored : reached);
  });
  return {};
}

void TransferRunner::on_fetched(const FileKey& key, const HttpOutcome& outcome,
                                const std::function<FileResult<void>(const FileRow&, const Bytes&)>& take) {
  if (failed(key, outcome)) return;
  const auto file = load_file(core_.database(), key);
  if (!file || file->state != v1::AttachedFile::DOWNLOADING) return;
  if (outcome->status != 206) return give_up(key, "the server's answer is not the part that was asked for");
  const auto taken = take(*file, outcome->body);
  if (taken) return;
  if (taken.error() == FileError::damaged) return give_up(key, "it is not the file that was sent");
  // A full disk may have room again.
  pause(minutes(1));
}

}  // namespace sotto::client
