#include "media/sandbox.h"

#include <algorithm>

#include "result/check.h"

namespace sotto::media {

Format nearest_clean_format(Format source) {
  switch (source) {
    case Format::png:
    case Format::gif: return Format::png;
    case Format::jpeg:
    case Format::heic: return Format::jpeg;
    case Format::webp: return Format::webp;
  }
  return Format::png;
}

MediaResult<PictureHead> Sandbox::check(Sender sender, ByteView file) {
  SOTTO_TRY(const Pixels pixels, decode(sender, file, kThumbnailEdge));
  return pixels.head;
}

MediaResult<CleanPicture> Sandbox::clean(Sender sender, ByteView file, const CleanWish& wish) {
  SOTTO_CHECK(!wish.format || is_clean_format(*wish.format));
  const std::uint32_t max_edge = std::clamp<std::uint32_t>(wish.max_edge, 1, kMaxCleanEdge);
  SOTTO_TRY(const Pixels pixels, decode(sender, file, max_edge));
  std::optional<Verdict> verdict;
  if (wish.hidden) {
    verdict = Verdict{};
  } else if (!wish.classifier.empty()) {
    const auto score = classify(pixels, wish.classifier);
    verdict = score ? Verdict{.score = *score} : Verdict{.failure = score.error()};
  }
  SOTTO_TRY(CleanPicture out, encode(pixels, wish.format.value_or(nearest_clean_format(pixels.head.format)),
                                     verdict && verdict->hides() ? kHiddenThumbnailEdge : kThumbnailEdge));
  out.verdict = verdict;
  return out;
}

MediaResult<Greeting> Sandbox::confinement() {
  SOTTO_TRY(const ConfinedProcess* process, ready(unknown_, Task::decode));
  return process->greeting();
}

void Sandbox::end_batch(Sender sender) { decoder_of(sender) = {}; }

MediaResult<ConfinedProcess*> Sandbox::ready(Instance& instance, Task task, const std::string& plugin) {
  if (!instance.process) {
    SOTTO_TRY(instance.process, ConfinedProcess::start(program_, task, plugin, patience_.start));
  }
  return instance.process.get();
}

template <typename Exchange>
auto Sandbox::with(Instance& instance, Task task, std::uint32_t batch, const std::string& plugin,
                   Exchange&& exchange) -> decltype(exchange(std::declval<ConfinedProcess&>())) {
  SOTTO_TRY(ConfinedProcess* const process, ready(instance, task, plugin));
  process->begin_exchange(patience_.answer);
  auto out = exchange(*process);
  ++instance.served;
  instance.busy.value += process->exchanging().value;
  // What a file did to a process that refused it nobody knows.
  if (!out || instance.served >= batch || instance.busy >= patience_.batch) instance = {};
  return out;
}

MediaResult<Sandbox::Pixels> Sandbox::decode(Sender sender, ByteView file, std::uint32_t max_edge) {
  if (file.empty()) return err(MediaError::not_a_picture);
  if (file.size() > kMaxInput) return err(MediaError::too_large);
  const std::uint32_t batch = sender == Sender::known ? kKnownBatch : kUnknownBatch;
  return with(
      decoder_of(sender), Task::decode, batch, {}, [&](ConfinedProcess& process) -> MediaResult<Pixels> {
        const DecodeRequest request{.max_edge = max_edge, .length = static_cast<std::uint32_t>(file.size())};
        SOTTO_CHECK_OK(process.send(media::encode(request)));
        SOTTO_CHECK_OK(process.send(file));
        ByteArray<kPictureHeadSize> head{};
        SOTTO_CHECK_OK(process.receive(head));
        Pixels pixels;
        SOTTO_TRY(pixels.head, decode_picture_head(head, max_edge));
        pixels.octets.resize(pixel_octets(pixels.head.width, pixels.head.height));
        SOTTO_CHECK_OK(process.receive(pixels.octets));
        return pixels;
      });
}

MediaResult<Score> Sandbox::classify(const Pixels& pixels, const std::string& plugin) {
  if (plugin_ != plugin) {
    classifier_ = {};
    plugin_ = plugin;
  }
  return with(classifier_, Task::classify, kKnownBatch, plugin,
              [&](ConfinedProcess& process) -> MediaResult<Score> {
                const ClassifyRequest request{.width = pixels.head.width, .height = pixels.head.height};
                SOTTO_CHECK_OK(process.send(media::encode(request)));
                SOTTO_CHECK_OK(process.send(pixels.octets));
                ByteArray<kScoreSize> octets{};
                SOTTO_CHECK_OK(process.receive(octets));
                return decode_score(octets);
              });
}

MediaResult<CleanPicture> Sandbox::encode(const Pixels& pixels, Format format, std::uint32_t thumbnail_edge) {
  return with(encoder_, Task::encode, kKnownBatch, {},
              [&](ConfinedProcess& process) -> MediaResult<CleanPicture> {
                const EncodeRequest request{.format = format,
                                            .thumbnail_edge = thumbnail_edge,
                                            .width = pixels.head.width,
                                            .height = pixels.head.height};
                SOTTO_CHECK_OK(process.send(media::encode(request)));
                SOTTO_CHECK_OK(process.send(pixels.octets));
                ByteArray<kCleanHeadSize> octets{};
                SOTTO_CHECK_OK(process.receive(octets));
                SOTTO_TRY(const CleanHead head, decode_clean_head(octets, request));
                CleanPicture out{.source = pixels.head,
                                 .format = format,
                                 .file = Bytes(head.length),
                                 .thumbnail_width = head.thumbnail_width,
                                 .thumbnail_height = head.thumbnail_height,
                                 .thumbnail = Bytes(head.thumbnail_length)};
                SOTTO_CHECK_OK(process.receive(out.file));
                SOTTO_CHECK_OK(process.receive(out.thumbnail));
                return out;
              });
}

}  // namespace sotto::media
