#include "wiretap.h"

#include <gtest/gtest.h>

#include "session/header.h"

namespace sotto::simulation {
namespace {

/// A well-formed envelope that nobody could decrypt.
Bytes envelope(std::uint32_t n, std::uint8_t salt, std::uint8_t content) {
  session::Header header{.n = n};
  header.salt.fill(salt);
  Bytes out = to_bytes(session::encode(header));
  out.resize(session::kMinMessage, content);
  return out;
}

TEST(Wiretap, LetsAMessageBeSentAgainButNoOtherUnderItsKey) {
  Wiretap wiretap;
  EXPECT_EQ(wiretap.note(envelope(0, 1, 1), false), std::nullopt);
  EXPECT_EQ(wiretap.note(envelope(0, 1, 1), false), std::nullopt);
  EXPECT_EQ(wiretap.note(envelope(1, 1, 2), false), std::nullopt);
  EXPECT_EQ(wiretap.note(envelope(0, 2, 2), false), "uses a message key twice");
}

TEST(Wiretap, ForgivesARolledBackDeviceItsIndexButNotItsKeystream) {
  Wiretap wiretap;
  EXPECT_EQ(wiretap.note(envelope(0, 1, 1), true), std::nullopt);
  EXPECT_EQ(wiretap.note(envelope(0, 2, 2), true), std::nullopt);
  EXPECT_EQ(wiretap.note(envelope(0, 1, 3), true), "encrypts two messages with one keystream");
}

TEST(Wiretap, NoticesWhatIsNoEnvelope) {
  Wiretap wiretap;
  EXPECT_TRUE(wiretap.note(as_bytes("nothing"), false));
  EXPECT_EQ(wiretap.envelopes(), 1U);
}

}  // namespace
}  // namespace sotto::simulation
