#include "client/attachments/recording.h"

#include <gtest/gtest.h>

#include <string>

#include "client/conversations/entry.h"

namespace sotto::client {
namespace {

std::string little(std::uint64_t value, int octets) {
  std::string out;
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
  return out;
}

/// One second at 8 kHz in 16 bits, which grows louder.
std::string wav() {
  std::string samples;
  for (int i = 0; i < 8000; ++i)
    samples += little(static_cast<std::uint64_t>(i % 2 == 0 ? i * 4 : -i * 4), 2);
  const std::string format =
      little(1, 2) + little(1, 2) + little(8000, 4) + little(16'000, 4) + little(2, 2) + little(16, 2);
  return "RIFF" + little(0, 4) + "WAVE" + "LIST" + little(3, 4) + "abc" + std::string(1, '\0') + "fmt " +
         little(format.size(), 4) + format + "data" + little(samples.size(), 4) + samples;
}

std::string ogg_page(std::uint64_t granule, const std::string& packet) {
  return "OggS" + std::string(2, '\0') + little(granule, 8) + std::string(12, '\0') + "\x01" +
         little(packet.size(), 1) + packet;
}

std::string opus(std::uint64_t granule) {
  return ogg_page(0, "OpusHead" + little(1, 1) + little(1, 1) + little(312, 2) + little(48'000, 4)) +
         ogg_page(granule, "sound");
}

TEST(Recording, SaysHowLongAndHowLoudPcmIs) {
  const std::string file = wav();
  const auto measured = measure_recording(as_bytes(file));
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->duration_ms, 1000u);
  ASSERT_EQ(measured->waveform.size(), kMaxWaveform);
  EXPECT_LT(measured->waveform.front(), 10);
  EXPECT_GT(measured->waveform.back(), 240);
}

TEST(Recording, SaysHowLongOpusAndVorbisAre) {
  EXPECT_EQ(measure_recording(as_bytes(opus(96'312)))->duration_ms, 2000u);
  const std::string vorbis =
      ogg_page(0, "\x01vorbis" + little(0, 4) + little(1, 1) + little(44'100, 4)) + ogg_page(66'150, "sound");
  EXPECT_EQ(measure_recording(as_bytes(vorbis))->duration_ms, 1500u);
}

TEST(Recording, SaysNothingOfWhatMakesNoSense) {
  for (const std::string& whole : {wav().substr(0, 200), opus(1), opus(~std::uint64_t{0})}) {
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const auto measured = measure_recording(as_bytes(whole).first(length));
      EXPECT_LT(measured ? measured->duration_ms : 0, 1000u);
    }
  }
  EXPECT_FALSE(measure_recording(as_bytes(std::string_view("ID3 something else"))));
  EXPECT_FALSE(measure_recording(as_bytes(std::string_view("RIFF....WAVE"))));
}

}  // namespace
}  // namespace sotto::client
