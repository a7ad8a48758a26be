#include "crypto/spake2.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "bytes/hex.h"
#include "crypto/fixed_random.h"
#include "crypto/hash.h"

namespace sotto::crypto {
namespace {

/// RFC 9382 Appendix B, SPAKE2-P256-SHA256-HKDF-SHA256-HMAC-SHA256, all four, field by field. The printed TT
/// is left out: it is the other fields in a row, and the test puts it together itself.
struct Vector {
  const char* a;
  const char* b;
  const char* w;
  const char* x;
  const char* share_a;
  const char* y;
  const char* share_b;
  const char* k;
  const char* ke;
  const char* ka;
  const char* confirmation_key_a;
  const char* confirmation_key_b;
  const char* confirmation_a;
  const char* confirmation_b;
};

constexpr Vector kVectors[] = {
    {
        .a = "server",
        .b = "client",
        .w = "2ee57912099d31560b3a44b1184b9b4866e904c49d12ac5042c97dca461b1a5f",
        .x = "43dd0fd7215bdcb482879fca3220c6a968e66d70b1356cac18bb26c84a78d729",
        .share_a = "04a56fa807caaa53a4d28dbb9853b9815c61a411118a6fe516a8798434751470f9"
                   "010153ac33d0d5f2047ffdb1a3e42c9b4e6be662766e1eeb4116988ede5f912c",
        .y = "dcb60106f276b02606d8ef0a328c02e4b629f84f89786af5befb0bc75b6e66be",
        .share_b = "0406557e482bd03097ad0cbaa5df82115460d951e3451962f1eaf4367a420676d0"
                   "9857ccbc522686c83d1852abfa8ed6e4a1155cf8f1543ceca528afb591a1e0b7",
        .k = "0412af7e89717850671913e6b469ace67bd90a4df8ce45c2af19010175e37eed69"
             "f75897996d539356e2fa6a406d528501f907e04d97515fbe83db277b715d3325",
        .ke = "0e0672dc86f8e45565d338b0540abe69",
        .ka = "15bdf72e2b35b5c9e5663168e960a91b",
        .confirmation_key_a = "00c12546835755c86d8c0db7851ae86f",
        .confirmation_key_b = "a9fa3406c3b781b93d804485430ca27a",
        .confirmation_a = "58ad4aa88e0b60d5061eb6b5dd93e80d9c4f00d127c65b3b35b1b5281fee38f0",
        .confirmation_b = "d3e2e547f1ae04f2dbdbf0fc4b79f8ecff2dff314b5d32fe9fcef2fb26dc459b",
    },
    {
        .a = "",
        .b = "client",
        .w = "0548d8729f730589e579b0475a582c1608138ddf7054b73b5381c7e883e2efae",
        .x = "403abbe3b1b4b9ba17e3032849759d723939a27a27b9d921c500edde18ed654b",
        .share_a = "04a897b769e681c62ac1c2357319a3d363f610839c4477720d24cbe32f5fd85f44"
                   "fb92ba966578c1b712be6962498834078262caa5b441ecfa9d4a9485720e918a",
        .y = "903023b6598908936ea7c929bd761af6039577a9c3f9581064187c3049d87065",
        .share_b = "04e0f816fd1c35e22065d5556215c097e799390d16661c386e0ecc84593974a61b"
                   "881a8c82327687d0501862970c64565560cb5671f696048050ca66ca5f8cc7fc",
        .k = "048f83ec9f6e4f87cc6f9dc740bdc2769725f923364f01c84148c049a39a735ebd"
             "a82eac03e00112fd6a5710682767cff5361f7e819e53d8d3c3a2922e0d837aa6",
        .ke = "642f05c473c2cd79909f9a841e2f30a7",
        .ka = "0bf89b18180af97353ba198789c2b963",
        .confirmation_key_a = "c6be376fc7cd1301fd0a13adf3e7bffd",
        .confirmation_key_b = "b7243f4ae60440a49b3f8cab3c1fba07",
        .confirmation_a = "47d29e6666af1b7dd450d571233085d7a9866e4d49d2645e2df975489521232b",
        .confirmation_b = "3313c5cefc361d27fb16847a91c2a73b766ffa90a4839122a9b70a2f6bd1d6df",
    },
    {
        .a = "server",
        .b = "",
        .w = "626e0cdc7b14c9db3e52a0b1b3a768c98e37852d5db30febe0497b14eae8c254",
        .x = "07adb3db6bc623d3399726bfdbfd3d15a58ea776ab8a308b00392621291f9633",
        .share_a = "04f88fb71c99bfffaea370966b7eb99cd4be0ff1a7d335caac4211c4afd855e2e1"
                   "5a873b298503ad8ba1d9cbb9a392d2ba309b48bfd7879aefd0f2cea6009763b0",
        .y = "b6a4fc8dbb629d4ba51d6f91ed1532cf87adec98f25dd153a75accafafedec16",
        .share_b = "040c269d6be017dccb15182ac6bfcd9e2a14de019dd587eaf4bdfd353f031101e7"
                   "cca177f8eb362a6e83e7d5e729c0732e1b528879c086f39ba0f31a9661bd34db",
        .k = "0445ee233b8ecb51ebd6e7da3f307e88a1616bae2166121221fdc0dadb986afaf3"
             "ec8a988dc9c626fa3b99f58a7ca7c9b844bb3e8dd9554aafc5b53813504c1cbe",
        .ke = "005184ff460da2ce59062c87733c299c",
        .ka = "3521297d736598fc0a1127600efa1afb",
        .confirmation_key_a = "f3da53604f0aeecea5a33be7bddf6edf",
        .confirmation_key_b = "9e3f86848736f159bd92b6e107ec6799",
        .confirmation_a = "bc9f9bbe99f26d0b2260e6456e05a86196a3307ec6663a18bf6ac825736533b2",
        .confirmation_b = "c2370e1bf813b086dff0d834e74425a06e6390f48f5411900276dcccc5a297ec",
    },
    {
        .a = "",
        .b = "",
        .w = "7bf46c454b4c1b25799527d896508afd5fc62ef4ec59db1efb49113063d70cca",
        .x = "8cef65df64bb2d0f83540c53632de911b5b24b3eab6cc74a97609fd659e95473",
        .share_a = "04a65b367a3f613cf9f0654b1b28a1e3a8a40387956c8ba6063e8658563890f46c"
                   "a1ef6a676598889fc28de2950ab8120b79a5ef1ea4c9f44bc98f585634b46d66",
        .y = "d7a66f64074a84652d8d623a92e20c9675c61cb5b4f6a0063e4648a2fdc02d53",
        .share_b = "04589f13218822710d98d8b2123a079041052d9941b9cf88c6617ddb2fcc049466"
                   "2eea8ba6b64692dc318250030c6af045cb738bc81ba35b043c3dcb46adf6f58d",
        .k = "041a3c03d51b452537ca2a1fea6110353c6d5ed483c4f0f86f4492ca3f378d40a9"
             "94b4477f93c64d928edbbcd3e85a7c709b7ea73ee97986ce3d1438e135543772",
        .ke = "fc6374762ba5cf11f4b2caa08b2cd1b9",
        .ka = "907ae0e26e8d6234318d91583cd74c86",
        .confirmation_key_a = "5dbd2f477166b7fb6d61febbd77a5563",
        .confirmation_key_b = "7689b4654407a5faeffdc8f18359d8a3",
        .confirmation_a = "dfb4db8d48ae5a675963ea5e6c19d98d4ea028d8e898dad96ea19a80ade95dca",
        .confirmation_b = "d0f0609d1613138d354f7e95f19fb556bf52d751947241e8c7118df5ef0ae175",
    },
};

Bytes octets(std::string_view hex) { return from_hex(hex).value(); }

Spake2Password password(const char* hex) { return Spake2Password::copy_of(octets(hex)); }

Bytes compressed(std::string_view uncompressed_hex) {
  Bytes out = octets(uncompressed_hex);
  out[0] = static_cast<std::uint8_t>(2 + (out.back() & 1));
  out.resize(kP256PublicKeySize);
  return out;
}

P256PublicKey point(ByteView sec1) { return P256PublicKey::decode(sec1).value(); }

Bytes hmac_sha256(ByteView key, ByteView message) {
  Bytes out(32);
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.data(),
       &size);
  return out;
}

/// TT as RFC 9382 3.3 says, from what the appendix prints.
Bytes transcript(const Vector& vector) {
  Bytes out;
  for (const Bytes& field :
       {to_bytes(as_bytes(vector.a)), to_bytes(as_bytes(vector.b)), octets(vector.share_a),
        octets(vector.share_b), octets(vector.k), octets(vector.w)}) {
    out.push_back(static_cast<std::uint8_t>(field.size()));
    out.insert(out.end(), 7, 0);
    out.insert(out.end(), field.begin(), field.end());
  }
  return out;
}

TEST(Spake2Test, BothRolesGiveWhatTheRfcPrints) {
  for (const Vector& vector : kVectors) {
    FixedRandom x(octets(vector.x));
    FixedRandom y(octets(vector.y));
    auto a = Spake2A::start(password(vector.w), x);
    auto b = Spake2B::start(password(vector.w), y);
    EXPECT_EQ(to_hex(a.share()), to_hex(compressed(vector.share_a)));
    EXPECT_EQ(to_hex(b.share()), to_hex(compressed(vector.share_b)));
    const auto share_a = point(a.share());
    const auto share_b = point(b.share());
    const Spake2Identities names{as_bytes(vector.a), as_bytes(vector.b)};
    EXPECT_TRUE(constant_time_equal(*std::move(a).finish(share_b, names), octets(vector.ke)));
    EXPECT_TRUE(constant_time_equal(*std::move(b).finish(share_a, names), octets(vector.ke)));
  }
}

TEST(Spake2Test, TheRfcsKeySchedulePrintsWhatFollowsFromItsTranscript) {
  for (const Vector& vector : kVectors) {
    const Bytes tt = transcript(vector);
    EXPECT_EQ(to_hex(sha256(tt)), std::string(vector.ke) + vector.ka);
    const Bytes prk = hmac_sha256(Bytes(32), octets(vector.ka));
    Bytes info = to_bytes(as_bytes("ConfirmationKeys"));
    info.push_back(1);
    const Bytes keys = hmac_sha256(prk, info);
    EXPECT_EQ(to_hex(keys), std::string(vector.confirmation_key_a) + vector.confirmation_key_b);
    EXPECT_EQ(to_hex(hmac_sha256(ByteView(keys).first(16), tt)), vector.confirmation_a);
    EXPECT_EQ(to_hex(hmac_sha256(ByteView(keys).last(16), tt)), vector.confirmation_b);
  }
}

class Spake2RunTest : public ::testing::Test {
 protected:
  DeterministicRandom random{1};
  Spake2Identities names{as_bytes("new"), as_bytes("trusted")};

  static Spake2Password code(std::string_view text) {
    return spake2_password_from(as_bytes("context"), as_bytes(text));
  }
  static std::string shown(const Spake2Key& key) {
    return to_hex(hmac_sha384(key, {as_bytes("equal keys give equal codes")}));
  }
};

TEST_F(Spake2RunTest, OneCodeGivesOneKeyAndAnotherCodeAnother) {
  for (const std::string_view typed : {"123456", "123457"}) {
    auto a = Spake2A::start(code(typed), random);
    auto b = Spake2B::start(code("123456"), random);
    const auto share_a = point(a.share());
    const auto share_b = point(b.share());
    const auto key_a = std::move(a).finish(share_b, names);
    const auto key_b = std::move(b).finish(share_a, names);
    ASSERT_TRUE(key_a && key_b);
    EXPECT_EQ(shown(*key_a) == shown(*key_b), typed == "123456");
  }
}

TEST_F(Spake2RunTest, TheIdentitiesAndTheirOrderAreBound) {
  const auto key_with = [&](const Spake2Identities& theirs) {
    DeterministicRandom same(7);
    auto a = Spake2A::start(code("123456"), same);
    const auto b = Spake2B::start(code("123456"), same);
    return shown(*std::move(a).finish(point(b.share()), theirs));
  };
  const std::string key = key_with(names);
  EXPECT_EQ(key, key_with(names));
  EXPECT_NE(key, key_with({names.b, names.a}));
  EXPECT_NE(key, key_with({as_bytes("newt"), as_bytes("rusted")}));
  EXPECT_NE(key, key_with({}));
}

TEST_F(Spake2RunTest, AShareSentBackToItsMakerGivesAKeyThatNobodyElseHas) {
  auto a = Spake2A::start(code("123456"), random);
  auto b = Spake2B::start(code("123456"), random);
  const auto share_a = point(a.share());
  const auto reflected = std::move(a).finish(share_a, names);
  const auto key_b = std::move(b).finish(share_a, names);
  ASSERT_TRUE(reflected && key_b);
  EXPECT_NE(shown(*reflected), shown(*key_b));
}

TEST_F(Spake2RunTest, ASharedPointThatIsTheIdentityIsRefused) {
  // The blinding point times w and nothing else: x*(w*N - w*N). With w = 1 that share is N itself.
  constexpr const char* kOne = "0000000000000000000000000000000000000000000000000000000000000001";
  // RFC 9382 4
  const Bytes m = octets("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f");
  const Bytes n = octets("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49");
  auto a = Spake2A::start(password(kOne), random);
  EXPECT_EQ(std::move(a).finish(point(n), names).error(), CryptoError::degenerate_secret);
  auto b = Spake2B::start(password(kOne), random);
  EXPECT_EQ(std::move(b).finish(point(m), names).error(), CryptoError::degenerate_secret);
  auto unaffected = Spake2A::start(password(kOne), random);
  EXPECT_TRUE(std::move(unaffected).finish(point(m), names));
}

TEST_F(Spake2RunTest, ThePasswordIsTheHashReducedByTheGroupOrder) {
  // SHA-512("sp1." "link-pw" 00 || 16 zeros || "123456") mod n, computed with Python's hashlib and integers.
  const Bytes context = octets("7370312e6c696e6b2d707700" + std::string(32, '0'));
  const auto w = spake2_password_from(context, as_bytes("123456"));
  EXPECT_TRUE(
      constant_time_equal(w, octets("9a03a850ff45ea3706b9da80ec4230fe15885d8a3c02c13fadb99eabbda57e21")));
}

}  // namespace
}  // namespace sotto::crypto
