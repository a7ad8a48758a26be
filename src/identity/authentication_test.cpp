#include "identity/authentication.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "identity/server_statement.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "sotto/v1/session.pb.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::identity {
namespace {

using testing::kNow;

class AuthenticationTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{4};
  crypto::HybridPrivateKey key = crypto::HybridPrivateKey::generate(random);
  AuthenticationContext context{.server_name = "example.org",
                                .device = {AccountId(random.array<16>()), DeviceId(random.array<16>())},
                                .server_nonce = random.array<32>(),
                                .client_nonce = random.array<32>(),
                                .channel = random.array<48>()};
};

TEST_F(AuthenticationTest, MessageHasTheSpecifiedOctets) {
  Encoder expected;
  expected.raw(as_bytes(std::string_view("sp1.tls\0", 8))).u32(11).raw(as_bytes("example.org"));
  expected.raw(context.device.account.view()).raw(context.device.device.view());
  expected.raw(crypto::sha384({context.server_nonce, context.client_nonce})).raw(context.channel);
  EXPECT_EQ(authentication_message(context), to_bytes(expected.view()));
}

TEST_F(AuthenticationTest, ASignatureIsBoundToEveryPartOfItsConnection) {
  const auto signature = sign_authentication(context, key, random);
  EXPECT_TRUE(verify_authentication(context, key.public_key(), signature));
  std::vector<AuthenticationContext> others(6, context);
  others[0].server_name = "example.com";
  others[1].device.account = AccountId(random.array<16>());
  others[2].device.device = DeviceId(random.array<16>());
  others[3].server_nonce[0] ^= 1U;
  others[4].client_nonce[31] ^= 1U;
  others[5].channel[47] ^= 1U;
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto refused = verify_authentication(others[i], key.public_key(), signature);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error(), IdentityError::bad_device_signature);
  }
  const auto stranger = crypto::HybridPrivateKey::generate(random);
  EXPECT_FALSE(verify_authentication(context, stranger.public_key(), signature));
  EXPECT_FALSE(verify_authentication(context, key.public_key(), ByteView(signature).first(64)));
}

class ServerStatementTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{5};
  crypto::HybridPrivateKey key = crypto::HybridPrivateKey::generate(random);
  ServerStatement statement{
      .name = "example.org", .tls_key = {1, 2, 3}, .created = kNow, .expires = kNow + days(30)};
  ServerExpectation expected{.name = "example.org", .tls_key = {1, 2, 3}, .now = kNow};

  IdentityError error_of(const ServerExpectation& expectation) {
    const auto made = sign_server_statement(statement, key, random);
    const auto verified =
        verify_server_statement(key.public_key(), made.statement, made.signature, expectation);
    EXPECT_FALSE(verified);
    return verified ? IdentityError::empty_chain : verified.error();
  }
};

TEST_F(ServerStatementTest, RoundTripsAndVerifies) {
  const auto made = sign_server_statement(statement, key, random);
  const auto verified = verify_server_statement(key.public_key(), made.statement, made.signature, expected);
  ASSERT_TRUE(verified);
  EXPECT_EQ(*verified, statement);
  for (std::size_t length = 0; length < made.statement.size(); ++length) {
    EXPECT_FALSE(parse_server_statement(ByteView(made.statement).first(length))) << length;
  }
}

TEST_F(ServerStatementTest, SaysWhereTlsEndsAndKnowsNoThirdPlace) {
  statement.tls_end = TlsEnd::proxy;
  const auto made = sign_server_statement(statement, key, random);
  EXPECT_EQ(verify_server_statement(key.public_key(), made.statement, made.signature, expected)->tls_end,
            TlsEnd::proxy);
  statement.tls_end = static_cast<TlsEnd>(3);
  EXPECT_EQ(error_of(expected), IdentityError::malformed);
}

TEST_F(ServerStatementTest, SaysWhyItIsRefused) {
  auto other = expected;
  other.name = "example.com";
  EXPECT_EQ(error_of(other), IdentityError::wrong_server_name);
  other = expected;
  other.tls_key[0] ^= 1U;
  EXPECT_EQ(error_of(other), IdentityError::wrong_server_key);
  other = expected;
  other.now = statement.expires;
  EXPECT_EQ(error_of(other), IdentityError::expired);
  other.now = {kNow.value - kMaxClockSkew.value - 1};
  EXPECT_EQ(error_of(other), IdentityError::from_future);
  statement.expires = statement.created;
  EXPECT_EQ(error_of(expected), IdentityError::invalid_lifetime);
  statement.name = "";
  EXPECT_EQ(error_of(expected), IdentityError::malformed);
}

TEST_F(ServerStatementTest, IsRefusedUnderAnotherKeyOrWithAnyChangedOctet) {
  const auto made = sign_server_statement(statement, key, random);
  const auto other = crypto::HybridPrivateKey::generate(random);
  EXPECT_EQ(verify_server_statement(other.public_key(), made.statement, made.signature, expected).error(),
            IdentityError::bad_server_signature);
  for (std::size_t at = 0; at < made.statement.size(); ++at) {
    Bytes bad = made.statement;
    bad[at] ^= 1U;
    EXPECT_FALSE(verify_server_statement(key.public_key(), bad, made.signature, expected)) << at;
  }
}

TEST(PrivateIdentity, SecretFormsRoundTripAndRefuseEachOther) {
  crypto::DeterministicRandom random{6};
  const auto account = AccountIdentity::generate(random);
  const auto device = DeviceIdentity::generate(random);
  const auto account_form = SecretCodec::encode(account);
  const auto device_form = SecretCodec::encode(device);
  const auto server_form = SecretCodec::encode_server_key(account.key);
  EXPECT_EQ(SecretCodec::decode_account(account_form)->id, account.id);
  EXPECT_EQ(SecretCodec::decode_account(account_form)->key.public_key(), account.key.public_key());
  EXPECT_EQ(SecretCodec::decode_device(device_form)->id, device.id);
  EXPECT_EQ(SecretCodec::decode_device(device_form)->key.public_key(), device.key.public_key());
  EXPECT_EQ(SecretCodec::decode_server_key(server_form)->public_key(), account.key.public_key());
  EXPECT_EQ(SecretCodec::decode_account(device_form).error(), IdentityError::malformed);
  EXPECT_EQ(SecretCodec::decode_device(account_form).error(), IdentityError::malformed);
  EXPECT_EQ(SecretCodec::decode_server_key(account_form).error(), IdentityError::malformed);
  EXPECT_EQ(SecretCodec::decode_link_request_keys(account_form).error(), IdentityError::malformed);
  const auto zero_scalar = crypto::SecretBytes::copy_of(Bytes(97, 3));
  EXPECT_TRUE(SecretCodec::decode_link_request_keys(zero_scalar));
  Bytes zeros(97, 0);
  zeros[0] = 3;
  EXPECT_EQ(SecretCodec::decode_link_request_keys(crypto::SecretBytes::copy_of(zeros)).error(),
            IdentityError::malformed);
}

TEST(WireForm, RoundTripsManifestsAndReferencesAndRefusesWrongLengths) {
  crypto::DeterministicRandom random{7};
  const testing::TestAccount alice{random};
  v1::SignedManifest message;
  to_wire(alice.manifest.signed_manifest(), message);
  EXPECT_EQ(*from_wire(message), alice.manifest.signed_manifest());
  message.mutable_author_signature()->pop_back();
  EXPECT_EQ(from_wire(message).error(), IdentityError::malformed);

  v1::ManifestRef reference;
  to_wire(alice.manifest.ref(), reference);
  EXPECT_EQ(*from_wire(reference), alice.manifest.ref());
  reference.mutable_hash16()->push_back('x');
  EXPECT_EQ(from_wire(reference).error(), IdentityError::malformed);
}

TEST(Errors, EveryOneHasItsOwnText) {
  std::vector<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(IdentityError::bad_server_signature); ++i) {
    const auto text = describe(static_cast<IdentityError>(i));
    EXPECT_EQ(std::count(seen.begin(), seen.end(), text), 0) << text;
    EXPECT_NE(text, "unknown identity error");
    seen.push_back(text);
  }
}

}  // namespace
}  // namespace sotto::identity
