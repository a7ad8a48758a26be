#include "groups/operation.h"

#include <gtest/gtest.h>

#include "bytes/encoder.h"
#include "groups/signed_operation.h"
#include "groups/test_support.h"
#include "identity/test_support.h"

namespace sotto::groups {
namespace {

using testing::people;
using testing::person;

OperationHash parent(std::uint8_t number) {
  OperationHash out{};
  out[0] = number;
  return out;
}

Operation with(Act act) {
  return {.group = {1},
          .author = person(1),
          .time = {99},
          .parents = {parent(1), parent(2)},
          .act = std::move(act)};
}

Bytes number(std::string_view text) { return to_bytes(as_bytes(text)); }

std::vector<Operation> one_of_each() {
  std::vector<Operation> out = {
      with(Add{people(2, 256)}),
      with(Remove{{person(2).account, person(3).account}}),
      with(SetRole{person(2).account, Role::admin}),
      with(Rename{{'n'}}),
      with(SetPhoto{Bytes(kMaxPhoto, 3)}),
      with(SetLink{LinkSecret{5}}),
      with(SetLink{}),
      with(Approve{person(2).member(), parent(9)}),
      with(Refuse{person(2).account, parent(9)}),
      with(Leave{}),
      with(Set{Setting::timer, kMaxTimer.value}),
      with(Set{Setting::guests, 1}),
      with(DevicesLeft{{person(1, 1).device_key, person(1, 2).device_key}}),
      with(Merge{}),
      with(AddGuest{number("+46701112233"), Bytes(kMaxGroupName, 'e')}),
      with(RemoveGuest{number("+123456789012345")}),
  };
  out.push_back(with(Create{Bytes(kMaxGroupName, 'x'), people(2, 3)}));
  out.back().parents.clear();
  return out;
}

TEST(OperationForm, ComesBackAndHasOneEncoding) {
  for (const Operation& operation : one_of_each()) {
    const Bytes o = encode(operation);
    const auto parsed = parse_operation(o);
    ASSERT_TRUE(parsed) << operation.act.index();
    EXPECT_EQ(*parsed, operation);
    EXPECT_EQ(encode(*parsed), o);
    EXPECT_LE(o.size() + crypto::kHybridSignatureSize + 4, kMaxSignedOperation);
  }
}

TEST(OperationForm, EveryTruncationIsRefused) {
  for (const Operation& operation : one_of_each()) {
    Bytes o = encode(operation);
    for (std::size_t length = 0; length < o.size(); ++length) {
      ASSERT_EQ(parse_operation(ByteView(o).first(length)).error(), GroupError::malformed) << length;
    }
    o.push_back(0);
    EXPECT_EQ(parse_operation(o).error(), GroupError::malformed);
  }
}

TEST(OperationForm, WhatBreaksARuleIsRefused) {
  const auto refused = [](const Operation& operation) {
    const auto parsed = parse_operation(encode(operation));
    return !parsed && parsed.error() == GroupError::malformed;
  };
  const auto name = [](std::uint16_t number) { return person(number).member(); };
  EXPECT_TRUE(refused(with(Add{})));
  EXPECT_TRUE(refused(with(Add{people(2, 257)})));
  EXPECT_TRUE(refused(with(Add{{name(3), name(2)}})));
  EXPECT_TRUE(refused(with(Add{{name(2), name(2)}})));
  EXPECT_TRUE(refused(with(Add{{{name(2).account, name(2).key}, {name(2).account, name(3).key}}})));
  EXPECT_TRUE(refused(with(Remove{})));
  EXPECT_TRUE(refused(with(Remove{{name(2).account, name(2).account}})));
  EXPECT_TRUE(refused(with(SetRole{name(2).account, Role{0}})));
  EXPECT_TRUE(refused(with(SetRole{name(2).account, Role{4}})));
  EXPECT_TRUE(refused(with(Rename{})));
  EXPECT_TRUE(refused(with(Rename{Bytes(kMaxGroupName + 1)})));
  EXPECT_TRUE(refused(with(SetPhoto{Bytes(kMaxPhoto + 1)})));
  EXPECT_TRUE(refused(with(Set{Setting::timer, kMaxTimer.value + 1})));
  EXPECT_TRUE(refused(with(Set{Setting::guests, 2})));
  EXPECT_TRUE(refused(with(Set{Setting{3}, 0})));
  for (const char* wrong :
       {"", "46701112233", "+4670111", "+0701112233", "+4670111223a", "+1234567890123456"}) {
    EXPECT_TRUE(refused(with(AddGuest{number(wrong), {'e'}}))) << wrong;
    EXPECT_TRUE(refused(with(RemoveGuest{number(wrong)}))) << wrong;
  }
  EXPECT_TRUE(refused(with(AddGuest{number("+46701112233"), {}})));
  EXPECT_TRUE(refused(with(AddGuest{number("+46701112233"), Bytes(kMaxGroupName + 1, 'e')})));
  EXPECT_TRUE(refused(with(DevicesLeft{})));
  EXPECT_TRUE(refused(with(DevicesLeft{{person(1).device_key}}))) << "its own author";
  EXPECT_TRUE(refused(with(Create{{'n'}, people(2, 2)}))) << "a beginning with parents";
  Operation operation = with(Create{{'n'}, people(1, 2)});
  operation.parents.clear();
  EXPECT_TRUE(refused(operation)) << "the author among the members";
  operation = with(Leave{});
  operation.parents.clear();
  EXPECT_TRUE(refused(operation)) << "no parent";
  operation.parents = {parent(2), parent(1)};
  EXPECT_TRUE(refused(operation)) << "unordered";
  operation.parents = {parent(1), parent(1)};
  EXPECT_TRUE(refused(operation)) << "twice";
  operation.parents.clear();
  for (std::size_t i = 0; i <= kMaxParents; ++i)
    operation.parents.push_back(parent(static_cast<std::uint8_t>(i)));
  EXPECT_TRUE(refused(operation)) << "too many";
  operation = with(Leave{});
  operation.author.manifest_version = 0;
  EXPECT_TRUE(refused(operation));
  Bytes o = encode(with(Leave{}));
  o.back() = 14;
  EXPECT_EQ(parse_operation(o).error(), GroupError::malformed) << "a kind that is not known";
}

/// An account with a manifest, and what its device signs.
class SignedOperationTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{1};
  identity::testing::TestAccount alice{random};
  Author author{alice.account.id, alice.account.key.public_key().fingerprint(),
                alice.device.key.public_key().fingerprint(), 1};
  Operation operation{{1}, author, {5}, {parent(1)}, Leave{}};
};

TEST_F(SignedOperationTest, IsBelievedUnderTheManifestItNames) {
  const Signed made = sign(operation, alice.device.key, random);
  const auto parsed = parse_signed_operation(encode(made.octets));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, made.octets);
  const auto verified = verify(*parsed, alice.manifest);
  ASSERT_TRUE(verified) << describe(verified.error());
  EXPECT_EQ(verified->operation(), operation);
  EXPECT_EQ(verified->hash(), made.verified.hash());
  EXPECT_EQ(verified->group(), operation.group);
}

TEST_F(SignedOperationTest, AGroupIsNamedByTheOctetsThatBeganIt) {
  Operation create{{1}, author, {5}, {}, Create{{'n'}, people(2, 2)}};
  const auto one = sign(create, alice.device.key, random);
  EXPECT_EQ(one.verified.group(), group_id(one.octets.o));
  create.act = Create{{'m'}, people(2, 2)};
  EXPECT_NE(sign(create, alice.device.key, random).verified.group(), one.verified.group());
}

TEST_F(SignedOperationTest, EveryChangedOctetIsRefused) {
  const Signed made = sign(operation, alice.device.key, random);
  for (std::size_t at = 0; at < made.octets.o.size(); ++at) {
    SignedOperation changed = made.octets;
    changed.o[at] ^= 1U;
    EXPECT_FALSE(verify(changed, alice.manifest)) << at;
  }
  for (const std::size_t at : {0U, 63U, 64U, 3372U}) {
    SignedOperation changed = made.octets;
    changed.signature[at] ^= 1U;
    EXPECT_EQ(verify(changed, alice.manifest).error(), GroupError::bad_signature) << at;
  }
  const Bytes octets = encode(made.octets);
  for (std::size_t length = 0; length < octets.size(); length += 17) {
    EXPECT_EQ(parse_signed_operation(ByteView(octets).first(length)).error(), GroupError::malformed);
  }
}

TEST_F(SignedOperationTest, TheManifestMustBeItsAuthorsAndListTheDevice) {
  const auto verdict = [&](const Author& claimed) {
    const Bytes o = encode(Operation{{1}, claimed, {5}, {parent(1)}, Leave{}});
    return verify({o, alice.device.key.sign(o, random)}, alice.manifest).error();
  };
  const identity::testing::TestAccount bob(random);
  Author claimed = author;
  claimed.account = bob.account.id;
  EXPECT_EQ(verdict(claimed), GroupError::wrong_author);
  claimed = author;
  claimed.account_key = bob.account.key.public_key().fingerprint();
  EXPECT_EQ(verdict(claimed), GroupError::wrong_author);
  claimed = author;
  claimed.device_key = bob.device.key.public_key().fingerprint();
  EXPECT_EQ(verdict(claimed), GroupError::wrong_author);
  claimed = author;
  claimed.manifest_version = 2;
  EXPECT_EQ(verdict(claimed), GroupError::wrong_author);
}

TEST_F(SignedOperationTest, ADeviceThatIsListedHasNotLeft) {
  const auto other = identity::DeviceIdentity::generate(random);
  const auto two = alice.successor(random, testing::kNow, [&](identity::Manifest& draft) {
    ASSERT_TRUE(identity::add_device(draft, identity::testing::listing(other)));
  });
  operation.act = DevicesLeft{{other.key.public_key().fingerprint()}};
  EXPECT_TRUE(verify(sign(operation, alice.device.key, random).octets, alice.manifest));
  operation.author.manifest_version = 2;
  EXPECT_EQ(verify(sign(operation, alice.device.key, random).octets, two).error(), GroupError::wrong_author);
}

}  // namespace
}  // namespace sotto::groups
