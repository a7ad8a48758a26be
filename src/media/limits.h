// Every bound of the media sandbox, each with its reason (docs/specs/media-sandbox.md 5).
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/clock.h"

namespace sotto::media {

/// A file. Photographs of 48 megapixels have 10 to 20 MiB.
inline constexpr std::size_t kMaxInput = std::size_t{32} << 20;
/// An edge of the picture in a file: panoramas have some 16,000.
inline constexpr std::uint32_t kMaxSourceEdge = 32768;
/// Pixels of the picture in a file: what telephones take, and 192 MiB of memory when decoded.
inline constexpr std::uint64_t kMaxSourcePixels = std::uint64_t{48} << 20;
/// An edge of a clean picture; what is larger is scaled down. More than screens show, and 64 MiB of pixels.
inline constexpr std::uint32_t kMaxCleanEdge = 4096;
inline constexpr std::size_t kPixelSize = 4;  // red, green, blue, opacity
inline constexpr std::size_t kMaxPixelOctets = kPixelSize * kMaxCleanEdge * kMaxCleanEdge;
/// A clean file: pixels that do not compress at all, and the format's own octets around them.
inline constexpr std::size_t kMaxCleanFile = kMaxPixelOctets + (std::size_t{1} << 20);
/// A thumbnail travels inside a message (docs/specs/session-protocol.md 10) and is shown in lists.
inline constexpr std::size_t kMaxThumbnail = std::size_t{8} << 10;
inline constexpr std::uint32_t kThumbnailEdge = 320;

/// Of a picture that is hidden until somebody wants to see it: enough for its colours and no more.
inline constexpr std::uint32_t kHiddenThumbnailEdge = 12;
/// A classifier's scores are percentages.
inline constexpr std::uint8_t kMaxScore = 100;
/// From here on a picture is hidden: as likely as not.
inline constexpr std::uint8_t kHideFrom = 50;
/// A classifier gets no larger picture: models look at a few hundred pixels.
inline constexpr std::uint32_t kMaxClassifiedEdge = 1024;

/// Memory of the process: the decoded picture, its copy in a library and the file, and the libraries
/// themselves.
inline constexpr std::uint64_t kMaxAddressSpace = std::uint64_t{1} << 30;
/// Processor time of a process over its life; a picture of the largest size takes two or three seconds.
inline constexpr std::uint32_t kMaxProcessorSeconds = 60;
/// From the request to the whole answer, on a busy machine.
inline constexpr DurationMs kAnswerPatience = seconds(30);
/// From the start to the greeting: loading the libraries.
inline constexpr DurationMs kStartPatience = seconds(10);
/// Pictures that a process for known senders serves before it is replaced: what took it over is gone again.
inline constexpr std::uint32_t kKnownBatch = 16;
/// A process that was at work for so long is replaced too: the next picture must find processor time enough
/// for all of kAnswerPatience.
inline constexpr DurationMs kMaxBatchTime = seconds(20);
/// Pictures of unknown senders never meet in a process.
inline constexpr std::uint32_t kUnknownBatch = 1;

/// Scans of a JPEG file: cameras and programs make ten, files of a few kilobytes with thousands cost minutes.
inline constexpr int kMaxJpegScans = 100;
/// Complaints of the JPEG library about one file before it counts as broken.
inline constexpr int kMaxJpegWarnings = 64;
/// Blocks of a GIF file before its first picture.
inline constexpr int kMaxGifBlocks = 4096;

/// Failures (crash, time) after which a file is not decoded again.
inline constexpr std::uint8_t kMaxTries = 2;
/// After the first failure: what had to do with the machine and not with the file is over by then.
inline constexpr DurationMs kRetryAfter = minutes(10);

}  // namespace sotto::media
