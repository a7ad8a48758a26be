#include "agent/file_edge.h"

#include <array>
#include <charconv>

#include "agent/answers.h"
#include "agent/target.h"
#include "client/api/files.h"
#include "client/pictures/records.h"
#include "client/runtime/pictures.h"

namespace sotto::agent {
namespace {

namespace api = client::api;
using api::CommandResult;
using api::ExitCode;
using api::Failure;
using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;

/// "/v1/files/CONVERSATION/MESSAGE/POSITION"
std::optional<v1::FileRequest> named_in(const HttpRequest& request) {
  std::string_view path = request.path().substr(kFilesPath.size());
  std::array<std::string, 3> parts;
  for (std::string& part : parts) {
    if (!path.starts_with('/')) return std::nullopt;
    path.remove_prefix(1);
    const std::string_view piece = path.substr(0, path.find('/'));
    path.remove_prefix(piece.size());
    const auto text = unescaped(piece);
    if (!text || text->empty()) return std::nullopt;
    part = *text;
  }
  if (!path.empty()) return std::nullopt;
  v1::FileRequest out;
  out.set_conversation(parts[0]);
  out.set_message_id(parts[1]);
  std::uint32_t position = 0;
  const char* const end = parts[2].data() + parts[2].size();
  if (const auto parsed = std::from_chars(parts[2].data(), end, position);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  out.set_position(position);
  return out;
}

}  // namespace

/// The sandbox, used from the thread that waits for it.
struct FileEdge::Pictures {
  media::Sandbox sandbox{client::media_program()};
};

FileEdge::FileEdge(Agent& agent) : agent_(agent), pictures_(std::make_shared<Pictures>()) {}
FileEdge::~FileEdge() = default;

void FileEdge::answer(const HttpRequest& request, const HttpReply& reply) {
  if (agent_.client() == nullptr) return reply(refusal(404, "no profile is open"));
  if (request.method == "GET" && request.path() != kFilesPath) return send(request, reply);
  reply(refusal(405,
                "files are handed over with POST /v1/files, and read by conversation, message and position"));
}

namespace {

/// The octets of a file that lies encrypted in the profile.
void send_stored(api::Client& client, const attachments::FileKeys& keys, const attachments::Shape& shape,
                 const attachments::TagsHash& tags_hash, HttpResponse response, const HttpReply& reply) {
  auto opened = client::AttachmentFolder(client.folder).open_stored(keys, shape, tags_hash);
  if (!opened) return reply(refusal(404, std::string("the file: ") + std::string(describe(opened.error()))));
  if (shape.file > 0) {
    response.long_body = transport::HttpBody{
        .octets = shape.file, .next = [stored = std::make_shared<client::StoredFile>(*std::move(opened))] {
          auto part = stored->next();
          return part ? *std::move(part) : Bytes();
        }};
  }
  reply(std::move(response));
}

/// It broke a decoder: no program of the user is given it.
bool is_dangerous(const v1::AttachedFile& record) {
  return record.media() == v1::AttachedFile::QUARANTINED || record.media() == v1::AttachedFile::SUSPECT;
}

/// The sandbox has made a clean one.
bool is_clean(const v1::AttachedFile& record) {
  return record.media() == v1::AttachedFile::CLEAN || record.media() == v1::AttachedFile::HIDDEN;
}

}  // namespace

void FileEdge::send(const HttpRequest& request, const HttpReply& reply) {
  api::Client& client = *agent_.client();
  const auto named = named_in(request);
  if (!named) return reply(refusal(404, "a file is at /v1/files/CONVERSATION/MESSAGE/POSITION"));
  const auto key = api::file_named(client, *named);
  if (!key) return reply(refusal(404, key.error()));
  const auto file = client::load_file(client.database(), *key);
  const auto record = client::file_record(client.database(), *key);
  if (!file || !record) return reply(refusal(404, "the file is gone"));
  if (is_dangerous(*record)) {
    return reply(refusal(404, record->name() + " is in quarantine: " + record->media_failure() +
                                  ". To have it looked at again: sotto media release"));
  }
  if (parameter(request, "thumbnail") == "1") return send_picture(*key, *record, true, reply);
  if (parameter(request, "clean") == "1") return send_picture(*key, *record, false, reply);
  if (file->state != v1::AttachedFile::HERE) {
    return reply(refusal(404, "the file is not here; ask for it with files.download"));
  }
  HttpResponse response = unstored_response("application/octet-stream");
  response.fields.emplace_back("Content-Disposition", "attachment");
  send_stored(client, file->keys, file->shape, file->tags_hash, std::move(response), reply);
}

namespace {

/// What the sandbox is to look at: the file if it is here, else what its sender made of it.
CommandResult<Bytes> picture_octets(api::Client& client, const client::FileKey& key, bool thumbnail) {
  const auto file = client::load_file(client.database(), key);
  const auto record = client::file_record(client.database(), key);
  if (!file || !record) return err(Failure{ExitCode::usage, "the file is gone"});
  if (file->state != v1::AttachedFile::HERE) {
    if (thumbnail && !record->thumbnail().empty()) return to_bytes(as_bytes(record->thumbnail()));
    return err(Failure{ExitCode::usage, "the file is not here; ask for it with files.download"});
  }
  if (file->shape.file > media::kMaxInput) {
    return err(Failure{ExitCode::refused, std::string(describe(media::MediaError::too_large))});
  }
  auto opened = client::AttachmentFolder(client.folder).open_stored(file->keys, file->shape, file->tags_hash);
  Bytes out;
  while (opened && out.size() < file->shape.file) {
    auto part = opened->next();
    if (!part) return err(Failure{ExitCode::failed, std::string(describe(part.error()))});
    out.insert(out.end(), part->begin(), part->end());
  }
  if (!opened) return err(Failure{ExitCode::failed, std::string(describe(opened.error()))});
  return out;
}

}  // namespace

void FileEdge::send_picture(const client::FileKey& key, const v1::AttachedFile& record, bool thumbnail,
                            const HttpReply& reply) {
  const auto clean_file = client::load_clean(agent_.client()->database(), key);
  if (thumbnail && is_clean(record) && !record.clean_thumbnail().empty()) {
    HttpResponse response = unstored_response("image/jpeg");
    response.body = record.clean_thumbnail();
    return reply(std::move(response));
  }
  if (is_clean(record) && clean_file) {
    return send_stored(*agent_.client(), clean_file->keys, clean_file->shape, clean_file->tags_hash,
                       unstored_response(clean_file->mime), reply);
  }
  auto octets = picture_octets(*agent_.client(), key, thumbnail);
  if (!octets) return reply(refusal(404, octets.error()));
  const auto clean =
      std::make_shared<media::MediaResult<media::CleanPicture>>(err(media::MediaError::not_started));
  agent_.client()->offload(
      [pictures = pictures_, clean, file = std::make_shared<const Bytes>(*std::move(octets)), thumbnail] {
        const media::CleanWish wish{.max_edge = thumbnail ? media::kThumbnailEdge : media::kMaxCleanEdge};
        *clean = pictures->sandbox.clean(media::Sender::unknown, *file, wish);
      },
      [clean, thumbnail, reply] {
        if (!*clean) return reply(refusal(404, std::string(describe(clean->error()))));
        const bool small = thumbnail && !(*clean)->thumbnail.empty();
        HttpResponse response =
            unstored_response("image/" + std::string(small ? "jpeg" : media::name_of((*clean)->format)));
        response.body = as_chars(small ? (*clean)->thumbnail : (*clean)->file);
        reply(std::move(response));
      });
}

}  // namespace sotto::agent
