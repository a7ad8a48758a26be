#include "identity/link_grant.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/hkdf.h"
#include "identity/armor.h"
#include "identity/device_name.h"
#include "identity/test_support.h"

namespace sotto::identity {
namespace {

using testing::kNow;
using testing::TestAccount;

class LinkTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{3};
  TestAccount alice{random};
  DeviceIdentity laptop = DeviceIdentity::generate(random);
  OutgoingLinkRequest request = make_link_request(laptop, "Laptop", kNow, random);
  SyncKey sync_key = crypto::random_secret<SyncKey>(random);

  SignedManifest manifest_with(const DeviceIdentity& device) {
    return alice
        .successor(random, kNow,
                   [&](Manifest& draft) { EXPECT_TRUE(add_device(draft, testing::listing(device))); })
        .signed_manifest();
  }
  SignedManifest manifest = manifest_with(laptop);

  IdentityResult<Bytes> grant_with(const SignedManifest& listed) {
    return make_link_grant(request.octets, alice.account, alice.device, sync_key, "alice", listed, random);
  }
  Bytes grant = grant_with(manifest).value();

  IdentityResult<LinkGrant> open(ByteView octets) {
    return open_link_grant(octets, request.octets, laptop, request.keys);
  }
};

TEST_F(LinkTest, ARequestSaysWhatTheDeviceAsksFor) {
  const auto parsed = parse_link_request(request.octets);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->device, laptop.id);
  EXPECT_EQ(parsed->device_key, laptop.key.public_key());
  EXPECT_EQ(parsed->name, "Laptop");
  EXPECT_EQ(parsed->created, kNow);
}

TEST_F(LinkTest, TheNewDeviceReceivesTheAccount) {
  const auto opened = open(grant);
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_EQ(opened->account.id, alice.account.id);
  EXPECT_EQ(opened->account.key.public_key(), alice.account.key.public_key());
  EXPECT_EQ(opened->handle, "alice");
  EXPECT_EQ(opened->manifest, manifest);
  EXPECT_TRUE(verify_chain(nullptr, {alice.manifest.signed_manifest(), opened->manifest}, kNow));
  // Equal sync keys compute equal MACs.
  EXPECT_EQ(crypto::hmac_sha384(opened->sync_key, {}), crypto::hmac_sha384(sync_key, {}));
}

TEST_F(LinkTest, RequestKeysSurviveTheirStoredForm) {
  const auto keys = SecretCodec::decode_link_request_keys(SecretCodec::encode(request.keys));
  ASSERT_TRUE(keys);
  EXPECT_TRUE(open_link_grant(grant, request.octets, laptop, *keys));
}

TEST_F(LinkTest, RequestsFailOnTruncationAtEveryLengthAndOnAnyChangedOctet) {
  for (std::size_t length = 0; length < request.octets.size(); ++length) {
    ASSERT_FALSE(parse_link_request(ByteView(request.octets).first(length))) << length;
  }
  for (std::size_t at = 0; at < request.octets.size(); at += at < 64 ? 1 : 37) {
    Bytes bad = request.octets;
    bad[at] ^= 1U;
    ASSERT_FALSE(parse_link_request(bad)) << at;
  }
  Bytes bad = request.octets;
  bad.back() ^= 1U;
  EXPECT_EQ(parse_link_request(bad).error(), IdentityError::bad_device_signature);
  bad.push_back(0);
  EXPECT_EQ(parse_link_request(bad).error(), IdentityError::malformed);
}

TEST_F(LinkTest, ARequestWithTheRecoveryAuthorsIdIsRefused) {
  const DeviceIdentity nobody{DeviceId{}, crypto::HybridPrivateKey::generate(random)};
  const auto zero = make_link_request(nobody, "", kNow, random);
  EXPECT_EQ(parse_link_request(zero.octets).error(), IdentityError::invalid_device_id);
}

TEST_F(LinkTest, GrantsFailOnTruncationAtEveryLengthAndOnAnyChangedOctet) {
  for (std::size_t length = 0; length < grant.size(); ++length) {
    ASSERT_FALSE(open(ByteView(grant).first(length))) << length;
  }
  for (std::size_t at = 0; at < grant.size(); at += at < 220 ? 1 : 37) {
    Bytes bad = grant;
    bad[at] ^= 1U;
    ASSERT_FALSE(open(bad)) << at;
  }
  Bytes bad = grant;
  bad.back() ^= 1U;
  EXPECT_EQ(open(bad).error(), IdentityError::cannot_open);
  bad.push_back(0);
  EXPECT_EQ(open(bad).error(), IdentityError::malformed);
}

TEST_F(LinkTest, AGrantOpensOnlyForItsRequestAndItsKeys) {
  const auto second = make_link_request(laptop, "Laptop", kNow, random);
  EXPECT_EQ(open_link_grant(grant, second.octets, laptop, second.keys).error(), IdentityError::wrong_request);
  EXPECT_EQ(open_link_grant(grant, request.octets, laptop, second.keys).error(), IdentityError::cannot_open);
  EXPECT_EQ(open_link_grant(grant, request.octets, alice.device, request.keys).error(),
            IdentityError::wrong_request);
  const LinkRequestKeys mixed{crypto::P256PrivateKey::from_scalar(request.keys.ec.scalar().clone()).value(),
                              crypto::MlKem1024DecapsulationKey::from_seed(second.keys.kem.seed().clone())};
  EXPECT_EQ(open_link_grant(grant, request.octets, laptop, mixed).error(), IdentityError::cannot_open);
}

TEST_F(LinkTest, AGrantNeedsAManifestThatListsExactlyTheRequestingDevice) {
  EXPECT_EQ(grant_with(alice.manifest.signed_manifest()).error(), IdentityError::grant_inconsistent);
  const DeviceIdentity same_id{laptop.id, crypto::HybridPrivateKey::generate(random)};
  EXPECT_EQ(grant_with(manifest_with(same_id)).error(), IdentityError::grant_inconsistent);
  TestAccount mallory{random};
  EXPECT_EQ(
      make_link_grant(request.octets, mallory.account, alice.device, sync_key, "", manifest, random).error(),
      IdentityError::wrong_account);
  EXPECT_EQ(make_link_grant(request.octets, alice.account, laptop, sync_key, "", manifest, random).error(),
            IdentityError::grant_inconsistent);
  EXPECT_EQ(make_link_grant(request.octets, alice.account, alice.device, sync_key, "Alice", manifest, random)
                .error(),
            IdentityError::malformed);
  Bytes bad_request = request.octets;
  bad_request.back() ^= 1U;
  EXPECT_EQ(make_link_grant(bad_request, alice.account, alice.device, sync_key, "", manifest, random).error(),
            IdentityError::bad_device_signature);
}

TEST_F(LinkTest, AManifestWithABadSignatureIsNotAccepted) {
  SignedManifest bad = manifest;
  bad.account_signature[0] ^= 1U;
  EXPECT_EQ(open(grant_with(bad).value()).error(), IdentityError::bad_account_signature);
  bad = manifest;
  bad.author_signature[0] ^= 1U;
  EXPECT_EQ(open(grant_with(bad).value()).error(), IdentityError::bad_author_signature);
}

TEST_F(LinkTest, ANameThatCouldDeceiveIsCleanedByTheMakerAndRefusedByTheReader) {
  const auto cleaned = make_link_request(laptop, "Lap\x1b[2Jtop\u202E\xff", kNow, random);
  EXPECT_EQ(parse_link_request(cleaned.octets)->name, "Lap[2Jtop");
  // The same request with the escape octet, properly signed.
  Bytes forged = cleaned.octets;
  forged.resize(forged.size() - crypto::kHybridSignatureSize);
  const auto bracket = std::find(forged.rbegin(), forged.rend(), '[');
  *bracket = 0x1b;
  const auto signature = laptop.key.sign(forged, random);
  forged.insert(forged.end(), signature.begin(), signature.end());
  EXPECT_EQ(parse_link_request(forged).error(), IdentityError::malformed);
}

TEST(DeviceName, KeepsWhatPeopleTypeAndDropsWhatTheyCannotSee) {
  EXPECT_EQ(clean_device_name("Zoë's Büro-PC 💻"), "Zoë's Büro-PC 💻");
  EXPECT_EQ(clean_device_name("👩\u200D💻"), "👩\u200D💻");
  EXPECT_EQ(clean_device_name("a\nb\u0085c\u2028d\u2066e\uE000f\uFEFFg"), "abcdefg");
  EXPECT_EQ(clean_device_name(""), "");
  const std::string full = std::string(63, 'a');
  EXPECT_EQ(clean_device_name(full + "é"), full);  // two octets, and only one fits
  EXPECT_EQ(clean_device_name(full + "bc"), full + "b");
}

/// Builds grants from the specification, with known secrets and whatever key signs as the author.
class HandmadeGrantTest : public LinkTest {
 protected:
  static constexpr std::string_view kLabel{"sp1.link-file\0", 14};
  Bytes seed = Bytes(64, 0x11);
  Bytes sync_octets = Bytes(32, 0x22);
  AccountIdentity bob{AccountId(random.array<16>()),
                      crypto::HybridPrivateKey::from_seed(crypto::HybridSeed::copy_of(seed)).value()};
  DeviceIdentity phone = DeviceIdentity::generate(random);

  SignedManifest listing_both() {
    Manifest draft = draft_first(bob, testing::listing(phone), kNow);
    EXPECT_TRUE(add_device(draft, testing::listing(laptop)));
    return sign_manifest(draft, bob, phone, random);
  }

  static Bytes labelled(std::uint8_t part, ByteView rest) {
    return std::move(Encoder().raw(as_bytes(kLabel)).u8(part).raw(rest)).take();
  }

  Bytes seal(const SignedManifest& listed, const crypto::HybridPrivateKey& author) {
    const auto ephemeral = crypto::P256PrivateKey::generate(random);
    const auto kem = testing::sealing_kem(request.keys).encapsulate(random).value();
    const auto ec = ephemeral.ecdh(request.keys.ec.public_key()).value();
    Encoder fields;
    fields.raw(bob.id.view()).raw(bob.key.public_key().fingerprint().octets());
    fields.raw(phone.key.public_key().fingerprint().octets());
    fields.raw(laptop.key.public_key().fingerprint().octets()).raw(crypto::sha384(request.octets));
    fields.raw(ephemeral.public_key().encoded()).raw(kem.ciphertext);
    const Bytes header = labelled(2, fields.view());
    Encoder payload;
    payload.raw(seed).raw(sync_octets).var(as_bytes("bob")).var(encode(listed));
    const Bytes message =
        std::move(Encoder().raw(crypto::sha384(header)).raw(crypto::sha384(payload.view()))).take();
    payload.raw(author.sign(labelled(3, message), random));

    const auto prk = crypto::hkdf_extract(crypto::sha384(labelled(4, header)), kem.secret, ec);
    auto [key, iv, mac] =
        crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, crypto::SecretArray<48, struct TestMacTag>>(
            prk, labelled(5, {}));
    Bytes ciphertext = to_bytes(payload.view());
    crypto::aes256_ctr(key, iv, ciphertext);
    Encoder maced;
    maced.raw(as_bytes(std::string_view("sp1.tag\0", 8))).u32(static_cast<std::uint32_t>(header.size()));
    maced.raw(header).u64(ciphertext.size()).raw(ciphertext);
    Encoder out;
    out.raw(header).var(ciphertext).raw(ByteView(crypto::hmac_sha384(mac, {maced.view()})).first(32));
    return std::move(out).take();
  }
};

TEST_F(HandmadeGrantTest, AGrantBuiltFromTheSpecificationOpens) {
  const auto opened = open(seal(listing_both(), phone.key));
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_EQ(opened->account.key.public_key(), bob.key.public_key());
  EXPECT_TRUE(crypto::constant_time_equal(opened->sync_key, sync_octets));
}

TEST_F(HandmadeGrantTest, AnotherHolderOfTheAccountKeyCannotGrantInTheAuthorsName) {
  // A removed device holds the AIK and a genuine, public manifest, and puts a sync key of its choice into a
  // grant.
  const auto removed = crypto::HybridPrivateKey::generate(random);
  EXPECT_EQ(open(seal(listing_both(), removed)).error(), IdentityError::bad_device_signature);
}

TEST_F(HandmadeGrantTest, AGrantMustListTheNewDeviceAndBeOfOneAccount) {
  const Manifest without = draft_first(bob, testing::listing(phone), kNow);
  EXPECT_EQ(open(seal(sign_manifest(without, bob, phone, random), phone.key)).error(),
            IdentityError::grant_inconsistent);
  EXPECT_EQ(open(seal(manifest, phone.key)).error(), IdentityError::grant_inconsistent);
}

TEST_F(LinkTest, FingerprintsTellRequestsApart) {
  const std::string fingerprint = link_request_fingerprint(request.octets);
  EXPECT_EQ(fingerprint.size(), 24U);
  EXPECT_EQ(fingerprint, link_request_fingerprint(request.octets));
  const auto other = make_link_request(laptop, "Laptop", kNow, random);
  EXPECT_NE(fingerprint, link_request_fingerprint(other.octets));
}

TEST(Armor, RoundTripsEveryLength) {
  Bytes octets;
  for (int i = 0; i < 200; ++i) {
    const auto back = dearmor(kLinkGrantArmor, armor(kLinkGrantArmor, octets));
    ASSERT_TRUE(back);
    ASSERT_EQ(*back, octets);
    octets.push_back(static_cast<std::uint8_t>(i * 7));
  }
}

TEST(Armor, HasTheUsualForm) {
  EXPECT_EQ(armor(kLinkRequestArmor, as_bytes("foob")),
            "-----BEGIN SOTTO LINK REQUEST-----\nZm9vYg==\n-----END SOTTO LINK REQUEST-----\n");
}

TEST(Armor, SurvivesMailers) {
  const auto back = dearmor(kLinkGrantArmor,
                            "Hello,\r\n-----BEGIN SOTTO LINK GRANT-----  \r\nZm9v\t\r\nYmFy\r\n"
                            "-----END SOTTO LINK GRANT-----\r\nBye");
  ASSERT_TRUE(back);
  EXPECT_EQ(as_chars(*back), "foobar");
}

TEST(Armor, RefusesEverythingElse) {
  const auto block = [](std::string_view body) {
    return "-----BEGIN SOTTO LINK GRANT-----\n" + std::string(body) + "\n-----END SOTTO LINK GRANT-----\n";
  };
  ASSERT_TRUE(dearmor(kLinkGrantArmor, block("Zm9v")));
  for (const char* body : {"Zm9", "Zm9vY", "Zm9vYg=", "Zm9vY===", "Zm9vYh==", "Zm9vYmF=a", "Zm 9v",
                           "Zm9v!AAA", "====", "Zm9v====", "Zg==Zg=="}) {
    EXPECT_FALSE(dearmor(kLinkGrantArmor, block(body))) << body;
  }
  EXPECT_FALSE(dearmor(kLinkRequestArmor, block("Zm9v")));
  EXPECT_FALSE(dearmor(kLinkGrantArmor, ""));
  EXPECT_FALSE(dearmor(kLinkGrantArmor, "-----BEGIN SOTTO LINK GRANT-----\nZm9v\n"));
  EXPECT_FALSE(dearmor(kLinkGrantArmor, block(std::string(kMaxArmor, 'A'))));
}

}  // namespace
}  // namespace sotto::identity
