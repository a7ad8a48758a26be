#include "media_decoder/serve.h"

#include <unistd.h>

#include <cerrno>
#include <new>

#include "media/exit_status.h"
#include "media_decoder/classifier.h"
#include "media_decoder/confinement.h"
#include "media_decoder/encode.h"
#include "media_decoder/formats.h"
#include "media_decoder/scale.h"

namespace sotto::media_decoder {
namespace {

constexpr int kSocket = 0;

/// How an exchange went on: the next one, or the end with a status.
enum class Next : std::uint8_t { again, gone, broken };

/// Exactly as many octets; false: the client is gone.
bool read_all(MutableByteView octets) {
  while (!octets.empty()) {
    const ssize_t got = ::read(kSocket, octets.data(), octets.size());
    if (got <= 0 && !(got < 0 && errno == EINTR)) return false;
    if (got > 0) octets = octets.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool write_all(ByteView octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::write(kSocket, octets.data(), octets.size());
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) octets = octets.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

Next went(bool written) { return written ? Next::again : Next::gone; }

Next serve_decode() {
  ByteArray<media::kDecodeRequestSize> head{};
  if (!read_all(head)) return Next::gone;
  const auto request = media::decode_decode_request(head);
  if (!request) return Next::broken;
  Bytes file(request->length);
  if (!read_all(file)) return Next::gone;
  const auto outcome = decode(file, request->max_edge);
  if (!outcome) return went(write_all(media::encode_refusal(outcome.error(), media::kPictureHeadSize)));
  return went(write_all(media::encode(outcome->head)) && write_all(outcome->picture.pixels));
}

struct Clean {
  Bytes file;
  Thumbnail thumbnail;
};

MediaResult<Clean> clean(const media::EncodeRequest& request, const Picture& picture) {
  try {
    Clean out;
    SOTTO_TRY(out.file, encode(request.format, picture));
    SOTTO_TRY(out.thumbnail, make_thumbnail(picture, request.thumbnail_edge));
    return out;
  } catch (const std::bad_alloc&) {
    return err(MediaError::too_large);
  }
}

Next serve_encode() {
  ByteArray<media::kEncodeRequestSize> head{};
  if (!read_all(head)) return Next::gone;
  const auto request = media::decode_encode_request(head);
  if (!request) return Next::broken;
  Picture picture(request->width, request->height);
  if (!read_all(picture.pixels)) return Next::gone;
  const auto made = clean(*request, picture);
  if (!made) return went(write_all(media::encode_refusal(made.error(), media::kCleanHeadSize)));
  const media::CleanHead answer{.format = request->format,
                                .length = static_cast<std::uint32_t>(made->file.size()),
                                .thumbnail_width = made->thumbnail.width,
                                .thumbnail_height = made->thumbnail.height,
                                .thumbnail_length = static_cast<std::uint32_t>(made->thumbnail.file.size())};
  return went(write_all(media::encode(answer)) && write_all(made->file) && write_all(made->thumbnail.file));
}

Next serve_classify(const Classifier& classifier) {
  ByteArray<media::kClassifyRequestSize> head{};
  if (!read_all(head)) return Next::gone;
  const auto request = media::decode_classify_request(head);
  if (!request) return Next::broken;
  Picture picture(request->width, request->height);
  if (!read_all(picture.pixels)) return Next::gone;
  const auto score = classifier.score(scale_to_fit(std::move(picture), media::kMaxClassifiedEdge));
  return went(
      write_all(score ? media::encode(*score) : media::encode_refusal(score.error(), media::kScoreSize)));
}

/// Confines the process, greets, and calls `exchange` until the client is gone.
template <typename Exchange>
int serve_confined(media::Task task, Exchange&& exchange) {
  const auto landlock = confine();
  if (!landlock) return media::kNotConfinedStatus;
  const media::Greeting greeting{.task = task, .landlock_abi = *landlock, .formats = supported_formats()};
  if (!write_all(media::encode(greeting))) return media::kServedStatus;
  Next next = Next::again;
  while (next == Next::again) next = exchange();
  return next == Next::gone ? media::kServedStatus : media::kBadRequestStatus;
}

}  // namespace

int serve_decoding() {
  prepare_heic();
  return serve_confined(media::Task::decode, serve_decode);
}

int serve_encoding() { return serve_confined(media::Task::encode, serve_encode); }

int serve_classifying(const std::string& plugin) {
  if (!confine_loading(plugin)) return media::kNotConfinedStatus;
  const auto classifier = Classifier::load(plugin);
  if (!classifier) return media::kNoClassifierStatus;
  return serve_confined(media::Task::classify, [&] { return serve_classify(*classifier); });
}

}  // namespace sotto::media_decoder
