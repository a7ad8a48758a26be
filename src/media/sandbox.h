// Pictures of others, made safe: decoded by one confined process into pixels, and encoded anew by another one
// that has never met anything but pixels (docs/specs/media-sandbox.md 1). Owns the processes. Not concerned
// with files, stores and who is known.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "media/confined_process.h"

namespace sotto::media {

/// Whose picture it is: processes are not shared between the two.
enum class Sender : std::uint8_t { unknown, known };

/// How long the sandbox waits for its processes.
struct Patience {
  DurationMs start = kStartPatience;
  DurationMs answer = kAnswerPatience;
  DurationMs batch = kMaxBatchTime;  ///< at work on all of its pictures; then another one takes over
};

/// How a clean picture is to be.
struct CleanWish {
  std::uint32_t max_edge = kMaxCleanEdge;
  std::optional<Format> format;  ///< a clean one; without it the one nearest to the source's
  /// Absolute path of a shared library that says which pictures are to be hidden
  /// (media_decoder/classifier_plugin.h); empty: none are.
  std::string classifier;
  bool hidden = false;  ///< whatever a classifier would say; none is asked
};

/// What a classifier makes of a picture. Without a score nobody knows, because it failed or was not asked:
/// the picture is hidden.
struct Verdict {
  std::optional<Score> score;
  std::optional<MediaError> failure;

  friend bool operator==(const Verdict&, const Verdict&) = default;
  [[nodiscard]] bool hides() const { return !score || score->value >= kHideFrom; }
};

/// PNG for PNG and GIF, JPEG for JPEG and HEIC, WebP for WebP.
Format nearest_clean_format(Format source);

struct CleanPicture {
  PictureHead source;
  Format format = Format::png;
  Bytes file;
  std::uint32_t thumbnail_width = 0;
  std::uint32_t thumbnail_height = 0;
  Bytes thumbnail;  ///< JPEG, at most kMaxThumbnail
  /// If there was a classifier, or it was to be hidden. The thumbnail of a picture that it hides shows
  /// colours and nothing else.
  std::optional<Verdict> verdict;
};

class Sandbox {
 public:
  /// `program`: the path of sotto-media.
  explicit Sandbox(std::string program, Patience patience = {})
      : program_(std::move(program)), patience_(patience) {}

  /// Decodes the file, and says what it holds. Errors: all.
  MediaResult<PictureHead> check(Sender sender, ByteView file);
  /// A file that shows the same and was not made by whoever sent it. No metadata of the file is in it.
  /// Errors: all.
  MediaResult<CleanPicture> clean(Sender sender, ByteView file, const CleanWish& wish = {});
  /// How a process is confined here. Errors: those of starting.
  MediaResult<Greeting> confinement();
  /// Ends the process that decoded for these senders; the next picture gets a new one.
  void end_batch(Sender sender);

 private:
  /// A process, how many pictures it has had, and how long it was at work on them.
  struct Instance {
    std::unique_ptr<ConfinedProcess> process;
    std::uint32_t served = 0;
    DurationMs busy;
  };
  struct Pixels {
    PictureHead head;
    Bytes octets;
  };

  Instance& decoder_of(Sender sender) { return sender == Sender::known ? known_ : unknown_; }
  MediaResult<ConfinedProcess*> ready(Instance& instance, Task task, const std::string& plugin = {});
  /// Runs `exchange` with a process of this instance; one that failed, or has served its batch, is ended.
  template <typename Exchange>
  auto with(Instance& instance, Task task, std::uint32_t batch, const std::string& plugin,
            Exchange&& exchange) -> decltype(exchange(std::declval<ConfinedProcess&>()));
  MediaResult<Pixels> decode(Sender sender, ByteView file, std::uint32_t max_edge);
  MediaResult<Score> classify(const Pixels& pixels, const std::string& plugin);
  MediaResult<CleanPicture> encode(const Pixels& pixels, Format format, std::uint32_t thumbnail_edge);

  std::string program_;
  Patience patience_;
  Instance unknown_;
  Instance known_;
  Instance encoder_;
  Instance classifier_;
  std::string plugin_;  ///< that classifier_ has loaded
};

}  // namespace sotto::media
