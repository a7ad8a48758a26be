#include "session/shared_body.h"

#include <gtest/gtest.h>

#include "session/padding.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

TEST(SharedBody, OpensForWhoeverWasSentTheKey) {
  crypto::DeterministicRandom random(1);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{300}, kMaxSharedContent}) {
    const Bytes content(length, 7);
    const SealedBody sealed = seal_body(content, random);
    EXPECT_LE(sealed.octets.size(), std::size_t{64} * 1024);
    v1::SharedBody wire_form;
    to_wire(sealed.ref, wire_form);
    const auto ref = from_wire(wire_form);
    ASSERT_TRUE(ref);
    EXPECT_EQ(open_body(*ref, sealed.octets).value(), content) << length;
  }
}

TEST(SharedBody, IsRefusedWhenAnyOctetIsAnother) {
  crypto::DeterministicRandom random(2);
  const SealedBody sealed = seal_body(as_bytes("what everybody gets"), random);
  for (std::size_t at = 0; at < sealed.octets.size(); ++at) {
    Bytes changed = sealed.octets;
    changed[at] ^= 1U;
    EXPECT_EQ(open_body(sealed.ref, changed).error(), SessionError::bad_mac) << at;
  }
  for (std::size_t length = 0; length < sealed.octets.size(); ++length) {
    EXPECT_EQ(open_body(sealed.ref, ByteView(sealed.octets).first(length)).error(), SessionError::malformed);
  }
  const SealedBody other = seal_body(as_bytes("what everybody gets"), random);
  EXPECT_EQ(open_body(sealed.ref, other.octets).error(), SessionError::bad_mac);
}

TEST(SharedBody, AShorterLengthThanItHasIsNoPadding) {
  crypto::DeterministicRandom random(3);
  const std::size_t length = 200;
  SealedBody sealed = seal_body(Bytes(length, 7), random);
  sealed.ref.length = static_cast<std::uint32_t>(length - 1);
  ASSERT_EQ(padme(length - 1), padme(length));
  EXPECT_EQ(open_body(sealed.ref, sealed.octets).error(), SessionError::bad_padding);
}

TEST(SharedBody, ARefOfWrongSizesIsNone) {
  crypto::DeterministicRandom random(4);
  v1::SharedBody good;
  to_wire(seal_body(as_bytes("x"), random).ref, good);
  EXPECT_TRUE(from_wire(good));
  const auto refused = [&](void (v1::SharedBody::*clear)()) {
    v1::SharedBody bad = good;
    (bad.*clear)();
    return from_wire(bad).error() == SessionError::bad_payload;
  };
  EXPECT_TRUE(refused(&v1::SharedBody::clear_key));
  EXPECT_TRUE(refused(&v1::SharedBody::clear_file_id));
  EXPECT_TRUE(refused(&v1::SharedBody::clear_tags_hash));
  good.set_length(~0U);
  EXPECT_EQ(open_body(from_wire(good).value(), Bytes(100)).error(), SessionError::malformed);
}

}  // namespace
}  // namespace sotto::session
