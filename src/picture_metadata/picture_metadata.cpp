#include "picture_metadata/picture_metadata.h"

#include <algorithm>
#include <array>

#include "picture_metadata/formats.h"

namespace sotto::picture_metadata {
namespace {

bool begins(ByteView octets, std::string_view with) { return as_chars(octets).starts_with(with); }

/// ISO 14496-12 4.3: a file of boxes says first what it is.
bool is_still_of_boxes(ByteView head) {
  constexpr std::array<std::string_view, 8> kBrands = {"heic", "heix", "hevc", "heim",
                                                       "heis", "mif1", "msf1", "avif"};
  if (head.size() < 12 || as_chars(head.subspan(4, 4)) != "ftyp") return false;
  const std::string_view brand = as_chars(head.subspan(8, 4));
  return brand == "avis" || std::ranges::find(kBrands, brand) != kBrands.end();
}

}  // namespace

std::string_view describe(MetadataError error) {
  switch (error) {
    case MetadataError::too_large: return "the picture is larger than 64 MiB";
    case MetadataError::not_supported: return "its metadata can be removed from JPEG, PNG and WebP only";
    case MetadataError::malformed: return "the picture does not follow its format";
  }
  return "unknown error";
}

Kind kind_of(ByteView head) {
  using namespace std::string_view_literals;
  if (begins(head, "\xff\xd8\xff"sv)) return Kind::jpeg;
  if (begins(head, "\x89PNG\r\n\x1a\n"sv)) return Kind::png;
  if (begins(head, "RIFF"sv) && head.size() >= 12 && as_chars(head.subspan(8, 4)) == "WEBP")
    return Kind::webp;
  const bool other =
      begins(head, "GIF8"sv) || begins(head, "II*\0"sv) || begins(head, "MM\0*"sv) || is_still_of_boxes(head);
  return other ? Kind::other_picture : Kind::no_picture;
}

Result<Bytes, MetadataError> without_metadata(ByteView picture) {
  if (picture.size() > kMaxPictureOctets) return err(MetadataError::too_large);
  std::optional<Bytes> out;
  switch (kind_of(picture)) {
    case Kind::jpeg: out = rewrite_jpeg(picture); break;
    case Kind::png: out = rewrite_png(picture); break;
    case Kind::webp: out = rewrite_webp(picture); break;
    case Kind::other_picture:
    case Kind::no_picture: return err(MetadataError::not_supported);
  }
  if (!out) return err(MetadataError::malformed);
  return *std::move(out);
}

}  // namespace sotto::picture_metadata
