// Blobs over plain HTTP (docs/specs/blobs.md 3): parses requests, says in HTTP what became of them. Not its
// concern: how often an address may ask.
#pragma once

#include <optional>
#include <string_view>

#include "blobs/blobs.h"
#include "transport/http.h"

namespace sotto::server {

/// Followed by a capability as 64 hexadecimal digits.
inline constexpr std::string_view kBlobPath = "/v1/blobs/";

/// Both ends included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// What a Range header asks of `size` octets: nothing (there is none, or one that may be ignored: RFC 9110
/// 14.2), one range, or one that nothing of the blob lies in.
struct RangeAsked {
  std::optional<ByteRange> range;
  bool unsatisfiable = false;
};
RangeAsked parse_range(std::string_view field, std::uint64_t size);

/// "bytes 0-99/1000" (RFC 9110 14.4), with the whole length.
struct ContentRange {
  ByteRange range;
  std::uint64_t size = 0;
};
std::optional<ContentRange> parse_content_range(std::string_view field);

/// Precondition: the path begins with kBlobPath. `blobs` must outlive a body that is sent.
void answer_blob_request(blobs::Blobs& blobs, const transport::HttpRequest& request, UnixMs now,
                         const transport::HttpReply& reply);

}  // namespace sotto::server
