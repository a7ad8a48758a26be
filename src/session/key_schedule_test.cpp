// Property 1: the key schedule agrees with tests/vectors/sp1_kat.json, value by value. The vectors come from
// an independent Python implementation; their accounts are "alice@example" and "bob@example", devices "devA"
// and "devB".
#include "session/key_schedule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/encoder.h"
#include "bytes/hex.h"
#include "crypto/hash.h"
#include "paths/paths.h"
#include "session/chains.h"
#include "session/header.h"
#include "session/padding.h"
#include "session/secret_codec.h"

namespace sotto::session {
namespace {

class Vectors {
 public:
  explicit Vectors(const char* file)
      : json_(nlohmann::json::parse(std::ifstream(paths::source_dir() + "/tests/vectors/" + file))) {}
  [[nodiscard]] Bytes octets(const char* name) const { return *from_hex(json_.at(name).get<std::string>()); }
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> array(const char* name) const {
    const Bytes value = octets(name);
    EXPECT_EQ(value.size(), N) << name;
    return to_array<N>(value);
  }
  template <typename Secret>
  [[nodiscard]] Secret secret(const char* name) const {
    return Secret::copy_of(octets(name));
  }
  [[nodiscard]] const nlohmann::json& json() const { return json_; }

 private:
  nlohmann::json json_;
};

template <typename Secret>
std::string hex(const Secret& secret) {
  return to_hex(SecretCodec::view(secret));
}

#define EXPECT_SECRET(secret, name) EXPECT_EQ(hex(secret), to_hex(kat.octets(name))) << (name)

Bytes identity(const char* account, const char* device, ByteView account_key, ByteView device_key) {
  Encoder out;
  out.var(as_bytes(account)).var(as_bytes(device)).raw(account_key).raw(device_key);
  return std::move(out).take();
}

HandshakePrefix prefix(const Vectors& kat) {
  return {.responder = identity("bob@example", "devB", kat.octets("fp_AIK_B"), kat.octets("fp_B")),
          .signed_prekey = kat.array<33>("SPK_B"),
          .one_time_prekey = kat.array<33>("OPK_B"),
          .kem_key_hash = kat.array<48>("H(KPK)"),
          .initiator_key = kat.array<33>("EK_A"),
          .ciphertext_hash = kat.array<48>("H(ct0)"),
          .bundle = kat.array<48>("bundle_hash")};
}

crypto::P256PrivateKey private_key(const Vectors& kat, const char* name) {
  return *crypto::P256PrivateKey::from_scalar(kat.secret<crypto::P256Scalar>(name));
}

TEST(KeySchedule, P1_AgreesOnTheTranscriptAndTheSecretsOfTheHandshake) {
  const Vectors kat("sp1_kat.json");
  const auto th_pre = transcript_prefix(prefix(kat));
  EXPECT_EQ(to_hex(th_pre), to_hex(kat.octets("TH_pre")));
  const auto th0 =
      transcript(th_pre, identity("alice@example", "devA", kat.octets("fp_AIK_A"), kat.octets("fp_A")));
  EXPECT_EQ(to_hex(th0), to_hex(kat.octets("TH0")));

  const auto ephemeral = private_key(kat, "eka_priv");
  EXPECT_EQ(to_hex(ephemeral.public_key().encoded()), to_hex(kat.octets("EK_A")));
  EXPECT_EQ(to_hex(private_key(kat, "spk_priv").public_key().encoded()), to_hex(kat.octets("SPK_B")));
  EXPECT_EQ(to_hex(private_key(kat, "opk_priv").public_key().encoded()), to_hex(kat.octets("OPK_B")));
  const auto dh1 = ephemeral.ecdh(*crypto::P256PublicKey::decode(kat.octets("SPK_B")));
  const auto dh2 = ephemeral.ecdh(*crypto::P256PublicKey::decode(kat.octets("OPK_B")));
  EXPECT_SECRET(*dh1, "dh1");
  EXPECT_SECRET(*dh2, "dh2");
  const auto prk0 = handshake_secret(kat.secret<crypto::KemSecret>("ss_pq0"), *dh1, &*dh2);
  EXPECT_SECRET(prk0, "PRK0");
  const auto hsk = identity_key(prk0, th_pre);
  EXPECT_SECRET(hsk, "HSK");
  const auto sealing = identity_sealing_keys(hsk);
  EXPECT_SECRET(sealing.enc, "hs_enc");
  EXPECT_SECRET(sealing.iv, "hs_iv");
  EXPECT_SECRET(sealing.mac, "hs_mac");
}

TEST(KeySchedule, P1_AgreesOnTheFirstKeysOfBothRatchets) {
  const Vectors kat("sp1_kat.json");
  const auto keys = handshake_keys(kat.secret<crypto::PseudorandomKey>("PRK0"), kat.array<48>("TH0"));
  EXPECT_SECRET(keys.root, "RK0");
  EXPECT_SECRET(keys.chain, "CK0");
  EXPECT_SECRET(keys.pq_seed, "PQR");
  EXPECT_SECRET(keys.tk_a2b, "TK_A2B");
  EXPECT_SECRET(keys.tk_b2a, "TK_B2A");
  EXPECT_EQ(to_hex(keys.session.view()), to_hex(kat.octets("SID")));
  const auto pq = pq_start(keys.pq_seed, keys.session);
  EXPECT_SECRET(pq.root, "PQRK_0");
  EXPECT_SECRET(pq.chain_a2b, "CKpq_A2B_0");
  EXPECT_SECRET(pq.chain_b2a, "CKpq_B2A_0");
  // Section 11: hint_i = HMAC-SHA384(TK_dir, LBL("hint") || u64 i)[0:8].
  for (std::uint64_t i = 0; i < 2; ++i) {
    Encoder input;
    input.label("hint").u64(i);
    const auto hint = crypto::hmac_sha384(keys.tk_a2b, {input.view()});
    EXPECT_EQ(to_hex(ByteView(hint).first(8)), to_hex(kat.octets(i == 0 ? "hint_A2B_0" : "hint_A2B_1")));
  }
}

TEST(KeySchedule, P1_AgreesOnTheFirstMessage) {
  const Vectors kat("sp1_kat.json");
  const SessionId session(kat.array<16>("SID"));
  SendingChain<EcChainKind> ec{kat.secret<EcChainKey>("CK0"), 0};
  SendingChain<PqChainKind> pq{kat.secret<PqChainKey>("CKpq_A2B_0"), 0};
  const auto ec_key = ec.take();
  const auto pq_key = pq.take();
  EXPECT_SECRET(ec_key, "A0.mk_ec");
  EXPECT_SECRET(pq_key, "A0.mk_pq");
  EXPECT_SECRET(ec.key, "A0.CK_next");
  Header header{.session = session, .ratchet_key = kat.array<33>("EK_A")};
  for (std::size_t i = 0; i < 16; ++i) header.salt[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(to_hex(encode(header)), to_hex(kat.octets("A0.hdr")));
  const auto keys = message_keys(ec_key, pq_key, session, {Direction::a_to_b, 0, 0, 0, header.salt});
  EXPECT_SECRET(keys.enc, "A0.enc");
  EXPECT_SECRET(keys.iv, "A0.iv");
  EXPECT_SECRET(keys.mac, "A0.mac");
  EXPECT_EQ(padded_size(1), kat.json().at("A0.pt_len").get<std::size_t>());
}

TEST(KeySchedule, P1_AgreesOnTheEcStepThePqEpochAndTheAnswer) {
  const Vectors kat("sp1_kat.json");
  const SessionId session(kat.array<16>("SID"));
  const auto own = private_key(kat, "rb1_priv");
  EXPECT_EQ(to_hex(own.public_key().encoded()), to_hex(kat.octets("RB1")));
  const auto secret = own.ecdh(*crypto::P256PublicKey::decode(kat.octets("EK_A")));
  EXPECT_SECRET(*secret, "dh_rb1_eka");
  const auto step =
      ec_step(kat.secret<RootKey>("RK0"), *secret, session, kat.array<33>("RB1"), kat.array<33>("EK_A"));
  EXPECT_SECRET(step.root, "RK1");
  EXPECT_SECRET(step.chain, "CK_B1");
  const auto epoch =
      pq_epoch(kat.secret<PqRootKey>("PQRK_0"), kat.secret<crypto::KemSecret>("ss_pq1"), session,
               {.epoch = 1, .ek = kat.array<48>("H(ek1)"), .ct = kat.array<48>("H(ct1)")});
  EXPECT_SECRET(epoch.keys.root, "PQRK_1");
  EXPECT_SECRET(epoch.keys.chain_a2b, "CKpq_A2B_1");
  EXPECT_SECRET(epoch.keys.chain_b2a, "CKpq_B2A_1");
  EXPECT_SECRET(epoch.tk_a2b, "TK_A2B_1");
  EXPECT_SECRET(epoch.tk_b2a, "TK_B2A_1");
}

TEST(KeySchedule, P3_ChangingEitherSecretChangesEveryKey) {
  const Vectors kat("sp1_kat.json");
  const auto derive = [&](bool change_kem, bool change_dh) {
    auto kem = kat.octets("ss_pq0");
    auto dh = kat.octets("dh1");
    if (change_kem) kem[31] ^= 1;
    if (change_dh) dh[31] ^= 1;
    const auto dh2 = kat.secret<crypto::EcdhSecret>("dh2");
    const auto prk0 =
        handshake_secret(crypto::KemSecret::copy_of(kem), crypto::EcdhSecret::copy_of(dh), &dh2);
    auto keys = handshake_keys(prk0, kat.array<48>("TH0"));
    return std::vector<std::string>{hex(prk0),         hex(identity_key(prk0, kat.array<48>("TH_pre"))),
                                    hex(keys.root),    hex(keys.chain),
                                    hex(keys.pq_seed), hex(keys.tk_a2b),
                                    hex(keys.tk_b2a),  to_hex(keys.session.view())};
  };
  const auto base = derive(false, false);
  for (const auto& other : {derive(true, false), derive(false, true)}) {
    for (std::size_t i = 0; i < base.size(); ++i) EXPECT_NE(base[i], other[i]) << i;
  }
  // Per message: a change of either ratchet's key changes all three sealing keys.
  const auto message = [&](std::uint8_t ec_change, std::uint8_t pq_change) {
    auto ec = kat.octets("A0.mk_ec");
    auto pq = kat.octets("A0.mk_pq");
    ec[0] ^= ec_change;
    pq[0] ^= pq_change;
    const auto keys = message_keys(EcMessageKey::copy_of(ec), PqMessageKey::copy_of(pq), SessionId(),
                                   {Direction::a_to_b, 0, 0, 0, {}});
    return std::vector<std::string>{hex(keys.enc), hex(keys.iv), hex(keys.mac)};
  };
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NE(message(0, 0)[i], message(1, 0)[i]);
    EXPECT_NE(message(0, 0)[i], message(0, 1)[i]);
  }
}

TEST(KeySchedule, P2_NoTwoFieldsOfTheTranscriptCanTradeOctets) {
  const Vectors kat("sp1_kat.json");
  const auto base = transcript_prefix(prefix(kat));
  // The boundary between account and device moves: same octets after the lengths, other lengths.
  auto moved = prefix(kat);
  moved.responder = identity("bob@exampled", "evB", kat.octets("fp_AIK_B"), kat.octets("fp_B"));
  EXPECT_NE(transcript_prefix(moved), base);
  // The optional field: leaving it out differs from every other value, also from one that begins like what
  // follows.
  auto without = prefix(kat);
  without.one_time_prekey.reset();
  EXPECT_NE(transcript_prefix(without), base);
  auto shifted = prefix(kat);
  shifted.one_time_prekey = to_array<33>(ByteView(shifted.kem_key_hash).first(33));
  EXPECT_NE(transcript_prefix(shifted), transcript_prefix(without));
  // Every octet of every field counts.
  for (std::size_t i = 0; i < moved.responder.size(); ++i) {
    auto changed = prefix(kat);
    changed.responder[i] ^= 1;
    EXPECT_NE(transcript_prefix(changed), base) << i;
  }
  for (std::size_t i = 0; i < 33; ++i) {
    auto changed = prefix(kat);
    changed.initiator_key[i] ^= 1;
    EXPECT_NE(transcript_prefix(changed), base) << i;
  }
  const ByteView initiator = as_bytes("initiator");
  EXPECT_NE(transcript(base, initiator), transcript(base, initiator.first(8)));
}

TEST(Padding, P30_AgreesWithThePadmeVectors) {
  const Vectors vectors("padme.json");
  for (const auto& pair : vectors.json().at("vectors")) {
    EXPECT_EQ(padme(pair[0].get<std::size_t>()), pair[1].get<std::size_t>());
  }
}

TEST(Padding, P30_TotalsAreOnlyThoseOfThePaddingSet) {
  std::size_t sizes = 0;
  for (std::size_t total = 0; total <= 65'536; ++total) sizes += is_padded_size(total) ? 1 : 0;
  std::set<std::size_t> produced;
  for (std::size_t inner = 0; inner + 4 <= 65'536; ++inner) {
    const std::size_t total = padded_size(inner);
    ASSERT_TRUE(is_padded_size(total)) << inner;
    ASSERT_GE(total, 4 + inner);
    produced.insert(total);
  }
  EXPECT_EQ(produced.size(), sizes);
  EXPECT_EQ(*produced.begin(), kMinPadded);
}

TEST(Padding, RoundTripsAndRefusesEveryOtherForm) {
  for (const std::size_t length : {0U, 1U, 100U, 252U, 253U, 1000U}) {
    const Bytes payload(length, 0x5a);
    Bytes padded(padded_size(length));
    pad_into(payload, padded);
    const auto back = unpad(padded);
    ASSERT_TRUE(back);
    EXPECT_TRUE(equal(*back, payload));
    for (std::size_t i = 4 + length; i < padded.size(); ++i) {
      Bytes changed = padded;
      changed[i] = 1;
      EXPECT_FALSE(unpad(changed)) << i;
    }
    Bytes longer = padded;
    longer.resize(padded.size() + 64, 0);
    ASSERT_FALSE(unpad(longer));
    EXPECT_EQ(unpad(longer).error(), SessionError::bad_padding);
    EXPECT_FALSE(unpad(ByteView(padded).first(padded.size() - 1)));
  }
  EXPECT_FALSE(unpad({}));
}

}  // namespace
}  // namespace sotto::session
