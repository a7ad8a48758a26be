// What goes over the socket between the client and a confined process (docs/specs/media-sandbox.md 3). Both
// sides use it; the client's decoders are total, because a process that a file has taken over says what it
// likes.
#pragma once

#include <optional>

#include "bytes/bytes.h"
#include "media/error.h"
#include "media/limits.h"

namespace sotto::media {

/// What a process is for; it does nothing else.
enum class Task : std::uint8_t {
  decode = 1,    ///< file to pixels: the only one that meets octets of strangers
  encode = 2,    ///< pixels to a clean file and its thumbnail
  classify = 3,  ///< pixels to a verdict, by a plug-in of the user's choice
};

enum class Format : std::uint8_t { png = 1, jpeg = 2, webp = 3, gif = 4, heic = 5 };
/// "decode", "encode", "classify": the program's first argument.
std::string_view name_of(Task task);
std::optional<Task> task_named(std::string_view name);
std::string_view name_of(Format format);
/// The format with this name, "png" or "jpeg".
std::optional<Format> format_named(std::string_view name);
/// Formats that clean pictures have: PNG, JPEG, WebP.
bool is_clean_format(Format format);

/// A process says once, before it reads anything, what it is and how it is confined.
struct Greeting {
  Task task = Task::decode;
  std::uint8_t landlock_abi = 0;  ///< 0: the kernel has no Landlock; the filter of system calls carries alone
  std::uint8_t formats = 0;       ///< bit 1 << Format for each that it decodes

  friend bool operator==(const Greeting&, const Greeting&) = default;
};
inline constexpr std::size_t kGreetingSize = 8;

/// Followed by `length` octets of the file.
struct DecodeRequest {
  std::uint32_t max_edge = kMaxCleanEdge;  ///< the pixels that come back are scaled down to it
  std::uint32_t length = 0;

  friend bool operator==(const DecodeRequest&, const DecodeRequest&) = default;
};
inline constexpr std::size_t kDecodeRequestSize = 8;

/// What a file holds. Followed by 4 * width * height octets: rows from the top of red, green, blue, opacity.
struct PictureHead {
  Format format = Format::png;
  bool animated = false;  ///< there is more than the first picture, which alone is decoded
  std::uint32_t source_width = 0;
  std::uint32_t source_height = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const PictureHead&, const PictureHead&) = default;
};
inline constexpr std::size_t kPictureHeadSize = 19;

/// Followed by 4 * width * height octets of pixels.
struct EncodeRequest {
  Format format = Format::png;                    ///< a clean one
  std::uint32_t thumbnail_edge = kThumbnailEdge;  ///< its longest, at most
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const EncodeRequest&, const EncodeRequest&) = default;
};
inline constexpr std::size_t kEncodeRequestSize = 13;

/// Followed by `length` octets of the file and `thumbnail_length` octets of a JPEG thumbnail.
struct CleanHead {
  Format format = Format::png;
  std::uint32_t length = 0;
  std::uint32_t thumbnail_width = 0;
  std::uint32_t thumbnail_height = 0;
  std::uint32_t thumbnail_length = 0;

  friend bool operator==(const CleanHead&, const CleanHead&) = default;
};
inline constexpr std::size_t kCleanHeadSize = 18;

/// Followed by 4 * width * height octets of pixels.
struct ClassifyRequest {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const ClassifyRequest&, const ClassifyRequest&) = default;
};
inline constexpr std::size_t kClassifyRequestSize = 8;

/// How sure the plug-in is that the picture is one to hide, of kMaxScore. It is the whole answer.
struct Score {
  std::uint8_t value = 0;

  friend bool operator==(const Score&, const Score&) = default;
};
inline constexpr std::size_t kScoreSize = 2;

inline std::size_t pixel_octets(std::uint32_t width, std::uint32_t height) {
  return kPixelSize * width * height;
}

Bytes encode(const Greeting& greeting);
Bytes encode(const DecodeRequest& request);
Bytes encode(const PictureHead& head);
Bytes encode(const EncodeRequest& request);
Bytes encode(const CleanHead& head);
Bytes encode(const ClassifyRequest& request);
Bytes encode(const Score& score);
/// Instead of a picture head, clean head or score; `error` is one that a decoder can say.
Bytes encode_refusal(MediaError error, std::size_t size);

/// Exactly as many octets as the size constants say. Errors: bad_answer; of heads also the refusal that they
/// hold. What passes is within the limits.
MediaResult<Greeting> decode_greeting(ByteView octets);
MediaResult<DecodeRequest> decode_decode_request(ByteView octets);
MediaResult<PictureHead> decode_picture_head(ByteView octets, std::uint32_t max_edge);
MediaResult<EncodeRequest> decode_encode_request(ByteView octets);
MediaResult<CleanHead> decode_clean_head(ByteView octets, const EncodeRequest& request);
MediaResult<ClassifyRequest> decode_classify_request(ByteView octets);
MediaResult<Score> decode_score(ByteView octets);

}  // namespace sotto::media
