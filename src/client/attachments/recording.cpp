#include "client/attachments/recording.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "client/conversations/entry.h"

namespace sotto::client {
namespace {

constexpr std::uint64_t kOpusRate =
    48'000;  // RFC 7845 4: granules count 48 kHz samples, whatever was recorded
constexpr std::size_t kOggHead = 27;

std::uint64_t little(ByteView octets) {
  std::uint64_t value = 0;
  for (std::size_t i = octets.size(); i > 0; --i) value = value << 8U | octets[i - 1];
  return value;
}

bool has(ByteView file, std::size_t at, std::string_view text) {
  return at <= file.size() && file.size() - at >= text.size() &&
         as_chars(file.subspan(at, text.size())) == text;
}

std::optional<std::uint32_t> milliseconds(std::uint64_t count, std::uint64_t per_second) {
  if (per_second == 0 || count > std::numeric_limits<std::uint64_t>::max() / 1000) return std::nullopt;
  const std::uint64_t length = count * 1000 / per_second;
  if (length > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(length);
}

struct Pcm {
  std::uint64_t octets_per_second = 0;
  std::uint64_t bits = 0;
  ByteView samples;
};

/// The loudest sample of each of as many equal parts.
Bytes waveform_of(ByteView samples) {
  Bytes out;
  const std::size_t count = samples.size() / 2;
  if (count < kMaxWaveform) return out;
  for (std::size_t part = 0; part < kMaxWaveform; ++part) {
    int loudest = 0;
    for (std::size_t i = count * part / kMaxWaveform; i < count * (part + 1) / kMaxWaveform; ++i) {
      const auto sample = static_cast<std::int16_t>(little(samples.subspan(2 * i, 2)));
      loudest = std::max(loudest, std::abs(static_cast<int>(sample)));
    }
    out.push_back(static_cast<std::uint8_t>(std::min(loudest >> 7, 255)));
  }
  return out;
}

std::optional<Recording> measure_wav(ByteView file) {
  constexpr std::size_t kFormat = 16;
  Pcm pcm;
  for (std::size_t at = 12; file.size() - at >= 8;) {
    const std::size_t body = at + 8;
    const auto length = static_cast<std::size_t>(
        std::min<std::uint64_t>(little(file.subspan(at + 4, 4)), file.size() - body));
    if (has(file, at, "fmt ") && length >= kFormat) {
      if (little(file.subspan(body, 2)) != 1) return std::nullopt;  // compressed
      pcm.octets_per_second = little(file.subspan(body + 8, 4));
      pcm.bits = little(file.subspan(body + 14, 2));
    }
    if (has(file, at, "data")) pcm.samples = file.subspan(body, length);
    at = std::min(body + length + (length & 1U), file.size());
  }
  const auto duration = milliseconds(pcm.samples.size(), pcm.octets_per_second);
  if (!duration) return std::nullopt;
  return Recording{.duration_ms = *duration, .waveform = pcm.bits == 16 ? waveform_of(pcm.samples) : Bytes()};
}

std::optional<Recording> measure_ogg(ByteView file) {
  if (file.size() < kOggHead) return std::nullopt;
  const std::size_t packet = kOggHead + file[kOggHead - 1];
  std::uint64_t rate = 0;
  std::uint64_t skipped = 0;
  if (has(file, packet, "OpusHead") && file.size() - packet >= 12) {
    rate = kOpusRate;
    skipped = little(file.subspan(packet + 10, 2));
  } else if (has(file, packet, "\x01vorbis") && file.size() - packet >= 16) {
    rate = little(file.subspan(packet + 12, 4));
  }
  const std::size_t last = as_chars(file).rfind("OggS");
  if (last == std::string_view::npos || file.size() - last < kOggHead) return std::nullopt;
  const std::uint64_t end = little(file.subspan(last + 6, 8));
  const auto duration = milliseconds(end - std::min(end, skipped), rate);
  if (!duration) return std::nullopt;
  return Recording{.duration_ms = *duration, .waveform = {}};
}

}  // namespace

std::optional<Recording> measure_recording(ByteView file) {
  if (has(file, 0, "RIFF") && has(file, 8, "WAVE")) return measure_wav(file);
  if (has(file, 0, "OggS")) return measure_ogg(file);
  return std::nullopt;
}

}  // namespace sotto::client
