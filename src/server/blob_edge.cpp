#include "server/blob_edge.h"

#include <fmt/format.h>

#include <charconv>

#include "bytes/hex.h"

namespace sotto::server {
namespace {

using blobs::BlobError;
using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::string_view kUploadScheme = "Sotto-Upload ";
constexpr std::size_t kSecretDigits = 64;

/// All of the text as a decimal number.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Bytes> secret(std::string_view text) {
  if (text.size() != kSecretDigits) return std::nullopt;
  return from_hex(text);
}

/// What is in a blob is chosen by strangers: no browser is to make anything of it.
HttpResponse response(unsigned status) {
  HttpResponse out;
  out.status = status;
  out.content_type = "application/octet-stream";
  out.fields = {{"Cache-Control", "no-store"},
                {"Content-Disposition", "attachment"},
                {"Content-Security-Policy", "default-src 'none'; sandbox"},
                {"X-Content-Type-Options", "nosniff"}};
  return out;
}

unsigned status_of(BlobError error) {
  switch (error) {
    case BlobError::no_such_blob: return 404;
    case BlobError::too_large: return 413;
    case BlobError::wrong_offset: return 409;
    case BlobError::past_end: return 416;
    case BlobError::empty:
    case BlobError::not_whole_pieces: return 400;
    case BlobError::over_quota:
    case BlobError::too_many_keepers:
    case BlobError::no_space: return 507;
    case BlobError::busy:
    case BlobError::overloaded:
    case BlobError::storage_unavailable: return 503;
    case BlobError::corrupt: return 500;
  }
  return 500;
}

HttpResponse refusal(BlobError error) {
  HttpResponse out = response(status_of(error));
  out.content_type = "text/plain; charset=utf-8";
  out.body = fmt::format("{}\n", blobs::describe(error));
  if (out.status == 503) out.fields.emplace_back("Retry-After", "1");
  if (out.status == 507) out.fields.emplace_back("Retry-After", "60");
  return out;
}

HttpResponse bad_request(std::string_view what) {
  HttpResponse out = response(400);
  out.content_type = "text/plain; charset=utf-8";
  out.body = fmt::format("{}\n", what);
  return out;
}

HttpResponse progress_response(unsigned status, const blobs::Progress& progress) {
  HttpResponse out = response(status);
  out.fields.emplace_back("Upload-Offset", std::to_string(progress.received));
  out.fields.emplace_back("Upload-Length", std::to_string(progress.size));
  return out;
}

HttpResponse download(blobs::Blobs& blobs, const Bytes& capability, const HttpRequest& request, UnixMs now) {
  const auto size = blobs.size(capability, now);
  if (!size) return refusal(size.error());
  const RangeAsked asked = parse_range(request.field("Range"), *size);
  if (asked.unsatisfiable) {
    HttpResponse out = refusal(BlobError::past_end);
    out.fields.emplace_back("Content-Range", fmt::format("bytes */{}", *size));
    return out;
  }
  HttpResponse out = response(asked.range ? 206 : 200);
  const ByteRange range = asked.range.value_or(ByteRange{0, *size - 1});
  out.fields.emplace_back("Accept-Ranges", "bytes");
  if (asked.range) {
    out.fields.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, *size));
  }
  // A blob that ends its time meanwhile is read to its end all the same, unless it is taken away.
  out.long_body =
      transport::HttpBody{range.last - range.first + 1,
                          [&blobs, capability, now, at = range.first, end = range.last + 1]() mutable {
                            auto part = blobs.read(capability, at, end - at, now);
                            if (!part) return Bytes{};
                            at += part->size();
                            return *std::move(part);
                          }};
  return out;
}

void upload(blobs::Blobs& blobs, const Bytes& capability, const Bytes& token, const HttpRequest& request,
            UnixMs now, const transport::HttpReply& reply) {
  const auto progress = blobs.progress(capability, token, now);
  if (!progress) return reply(refusal(progress.error()));
  const auto place = parse_content_range(request.field("Content-Range"));
  if (!place || place->size != progress->size ||
      place->range.last - place->range.first + 1 != request.body.size()) {
    return reply(bad_request("a Content-Range is needed that fits the body and the blob"));
  }
  blobs.write(capability, token, place->range.first, as_bytes(request.body), now,
              [reply, before = *progress](const blobs::BlobResult<blobs::Progress>& written) {
                if (written) return reply(progress_response(204, *written));
                HttpResponse out = refusal(written.error());
                if (out.status == 409)
                  out.fields.emplace_back("Upload-Offset", std::to_string(before.received));
                reply(std::move(out));
              });
}

}  // namespace

RangeAsked parse_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return {};
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view before = field.substr(0, dash);
  const std::string_view after = field.substr(dash + 1);
  const auto first = number(before);
  const auto last = number(after);
  if (before.empty() && last) {
    if (*last == 0) return {.unsatisfiable = true};
    return {.range = ByteRange{*last < size ? size - *last : 0, size - 1}};
  }
  if (!first || (!last && !after.empty()) || (last && *last < *first)) return {};
  if (*first >= size) return {.unsatisfiable = true};
  return {.range = ByteRange{*first, last && *last < size ? *last : size - 1}};
}

std::optional<ContentRange> parse_content_range(std::string_view field) {
  constexpr std::string_view kUnit = "bytes ";
  if (!field.starts_with(kUnit)) return std::nullopt;
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  const std::size_t slash = field.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) return std::nullopt;
  const auto first = number(field.substr(0, dash));
  const auto last = number(field.substr(dash + 1, slash - dash - 1));
  const auto size = number(field.substr(slash + 1));
  if (!first || !last || !size || *last < *first || *last >= *size) return std::nullopt;
  return ContentRange{{*first, *last}, *size};
}

void answer_blob_request(blobs::Blobs& blobs, const HttpRequest& request, UnixMs now,
                         const transport::HttpReply& reply) {
  const auto capability = secret(request.path().substr(kBlobPath.size()));
  if (!capability) return reply(refusal(noted(BlobError::no_such_blob)));
  const std::string_view authorization = request.field("Authorization");
  const auto token = authorization.starts_with(kUploadScheme)
                         ? secret(authorization.substr(kUploadScheme.size()))
                         : std::optional<Bytes>{};
  const bool head = request.method == "HEAD";
  if (request.method == "PUT") {
    if (!token) return reply(refusal(noted(BlobError::no_such_blob)));
    return upload(blobs, *capability, *token, request, now, reply);
  }
  if (head && token) {
    const auto progress = blobs.progress(*capability, *token, now);
    return reply(progress ? progress_response(204, *progress) : refusal(progress.error()));
  }
  if (head || request.method == "GET") return reply(download(blobs, *capability, request, now));
  HttpResponse out = response(405);
  out.fields.emplace_back("Allow", "GET, HEAD, PUT");
  reply(std::move(out));
}

}  // namespace sotto::server
