#include "media/protocol.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::media {
namespace {

constexpr std::uint32_t kMagic = 0x534d5331;  // "SMS1"
constexpr std::uint8_t kDone = 0;

/// What a decoder can say about a file, in the octet that heads begin with.
constexpr std::array kRefusals = {MediaError::not_a_picture, MediaError::not_supported, MediaError::malformed,
                                  MediaError::too_large};

std::optional<Format> format_of(std::uint8_t octet) {
  if (octet < static_cast<std::uint8_t>(Format::png) || octet > static_cast<std::uint8_t>(Format::heic)) {
    return std::nullopt;
  }
  return static_cast<Format>(octet);
}

bool within(std::uint32_t value, std::uint32_t max) { return value >= 1 && value <= max; }

/// The error in a head that starts with anything but kDone: zeros follow, nothing else.
MediaError refusal_in(ByteView octets) {
  const bool bare = std::ranges::all_of(octets.subspan(1), [](std::uint8_t octet) { return octet == 0; });
  if (!bare || octets[0] == kDone || octets[0] > kRefusals.size()) return MediaError::bad_answer;
  return kRefusals[octets[0] - 1U];
}

}  // namespace

std::string_view name_of(Task task) {
  switch (task) {
    case Task::decode: return "decode";
    case Task::encode: return "encode";
    case Task::classify: return "classify";
  }
  return "";
}

std::optional<Task> task_named(std::string_view name) {
  for (const Task task : {Task::decode, Task::encode, Task::classify}) {
    if (name_of(task) == name) return task;
  }
  return std::nullopt;
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::png: return "png";
    case Format::jpeg: return "jpeg";
    case Format::webp: return "webp";
    case Format::gif: return "gif";
    case Format::heic: return "heic";
  }
  return "";
}

std::optional<Format> format_named(std::string_view name) {
  for (const Format format : {Format::png, Format::jpeg, Format::webp, Format::gif, Format::heic}) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

bool is_clean_format(Format format) {
  return format == Format::png || format == Format::jpeg || format == Format::webp;
}

Bytes encode(const Greeting& greeting) {
  Encoder out(kGreetingSize);
  out.u32(kMagic)
      .u8(static_cast<std::uint8_t>(greeting.task))
      .u8(greeting.landlock_abi)
      .u8(greeting.formats)
      .u8(0);
  return std::move(out).take();
}

MediaResult<Greeting> decode_greeting(ByteView octets) {
  Decoder in(octets);
  const bool magic = in.u32() == kMagic;
  const std::uint8_t task = in.u8();
  Greeting greeting{.landlock_abi = in.u8(), .formats = in.u8()};
  const bool zero = in.u8() == 0;
  const bool known =
      task >= static_cast<std::uint8_t>(Task::decode) && task <= static_cast<std::uint8_t>(Task::classify);
  if (!in.finished() || !magic || !zero || !known) return err(MediaError::bad_answer);
  greeting.task = static_cast<Task>(task);
  return greeting;
}

Bytes encode(const DecodeRequest& request) {
  Encoder out(kDecodeRequestSize);
  out.u32(request.max_edge).u32(request.length);
  return std::move(out).take();
}

MediaResult<DecodeRequest> decode_decode_request(ByteView octets) {
  Decoder in(octets);
  const DecodeRequest request{.max_edge = in.u32(), .length = in.u32()};
  if (!in.finished() || !within(request.max_edge, kMaxCleanEdge) || !within(request.length, kMaxInput)) {
    return err(MediaError::bad_answer);
  }
  return request;
}

Bytes encode(const PictureHead& head) {
  Encoder out(kPictureHeadSize);
  out.u8(kDone)
      .u8(static_cast<std::uint8_t>(head.format))
      .u8(head.animated ? 1 : 0)
      .u32(head.source_width)
      .u32(head.source_height)
      .u32(head.width)
      .u32(head.height);
  return std::move(out).take();
}

MediaResult<PictureHead> decode_picture_head(ByteView octets, std::uint32_t max_edge) {
  if (octets.size() != kPictureHeadSize) return err(MediaError::bad_answer);
  Decoder in(octets);
  if (in.u8() != kDone) return err(refusal_in(octets));
  const auto format = format_of(in.u8());
  const std::uint8_t animated = in.u8();
  PictureHead head{.animated = animated == 1,
                   .source_width = in.u32(),
                   .source_height = in.u32(),
                   .width = in.u32(),
                   .height = in.u32()};
  const bool source = within(head.source_width, kMaxSourceEdge) &&
                      within(head.source_height, kMaxSourceEdge) &&
                      std::uint64_t{head.source_width} * head.source_height <= kMaxSourcePixels;
  if (!format || animated > 1 || !source || !within(head.width, max_edge) || !within(head.height, max_edge)) {
    return err(MediaError::bad_answer);
  }
  head.format = *format;
  return head;
}

Bytes encode(const EncodeRequest& request) {
  Encoder out(kEncodeRequestSize);
  out.u8(static_cast<std::uint8_t>(request.format)).u32(request.thumbnail_edge);
  out.u32(request.width).u32(request.height);
  return std::move(out).take();
}

MediaResult<EncodeRequest> decode_encode_request(ByteView octets) {
  Decoder in(octets);
  const auto format = format_of(in.u8());
  EncodeRequest request{.thumbnail_edge = in.u32(), .width = in.u32(), .height = in.u32()};
  if (!in.finished() || !format || !is_clean_format(*format) ||
      !within(request.thumbnail_edge, kThumbnailEdge) || !within(request.width, kMaxCleanEdge) ||
      !within(request.height, kMaxCleanEdge)) {
    return err(MediaError::bad_answer);
  }
  request.format = *format;
  return request;
}

Bytes encode(const CleanHead& head) {
  Encoder out(kCleanHeadSize);
  out.u8(kDone)
      .u8(static_cast<std::uint8_t>(head.format))
      .u32(head.length)
      .u32(head.thumbnail_width)
      .u32(head.thumbnail_height)
      .u32(head.thumbnail_length);
  return std::move(out).take();
}

MediaResult<CleanHead> decode_clean_head(ByteView octets, const EncodeRequest& request) {
  if (octets.size() != kCleanHeadSize) return err(MediaError::bad_answer);
  Decoder in(octets);
  if (in.u8() != kDone) return err(refusal_in(octets));
  const auto format = format_of(in.u8());
  const CleanHead head{.format = request.format,
                       .length = in.u32(),
                       .thumbnail_width = in.u32(),
                       .thumbnail_height = in.u32(),
                       .thumbnail_length = in.u32()};
  if (format != request.format || !within(head.length, kMaxCleanFile) ||
      !within(head.thumbnail_width, request.thumbnail_edge) ||
      !within(head.thumbnail_height, request.thumbnail_edge) ||
      !within(head.thumbnail_length, kMaxThumbnail)) {
    return err(MediaError::bad_answer);
  }
  return head;
}

Bytes encode(const ClassifyRequest& request) {
  Encoder out(kClassifyRequestSize);
  out.u32(request.width).u32(request.height);
  return std::move(out).take();
}

MediaResult<ClassifyRequest> decode_classify_request(ByteView octets) {
  Decoder in(octets);
  const ClassifyRequest request{.width = in.u32(), .height = in.u32()};
  if (!in.finished() || !within(request.width, kMaxCleanEdge) || !within(request.height, kMaxCleanEdge)) {
    return err(MediaError::bad_answer);
  }
  return request;
}

Bytes encode(const Score& score) {
  Encoder out(kScoreSize);
  out.u8(kDone).u8(score.value);
  return std::move(out).take();
}

MediaResult<Score> decode_score(ByteView octets) {
  if (octets.size() != kScoreSize) return err(MediaError::bad_answer);
  if (octets[0] != kDone) return err(refusal_in(octets));
  if (octets[1] > kMaxScore) return err(MediaError::bad_answer);
  return Score{.value = octets[1]};
}

Bytes encode_refusal(MediaError error, std::size_t size) {
  const auto* const found = std::ranges::find(kRefusals, error);
  SOTTO_CHECK(found != kRefusals.end() && size > 0);
  Bytes out(size);
  out[0] = static_cast<std::uint8_t>(found - kRefusals.begin() + 1);
  return out;
}

}  // namespace sotto::media
