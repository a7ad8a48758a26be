#include "session_bench/floor.h"

#include <utility>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "result/check.h"

namespace sotto::bench {
namespace {

using crypto::CipherIv;
using crypto::CipherKey;
using crypto::hkdf_expand;
using crypto::hkdf_extract;
using ChainKey = crypto::SecretArray<48, struct ChainKeyTag>;
using MacKey = crypto::SecretArray<48, struct MacKeyTag>;

constexpr std::size_t kHeaderSize = 88;
constexpr std::size_t kTagSize = 32;
// Lengths of what is hashed or expanded, labels included; the octets do not matter to the time.
constexpr ByteArray<7> kChainInfo{};              // LBL("ec-mk") and its like
constexpr ByteArray<53> kMessageInfo{};           // LBL("msg") || SID || dir || n || pq_epoch || pq_n || salt
constexpr ByteArray<92> kRatchetInfo{};           // LBL("ec-rk") || SID || both ratchet keys
constexpr ByteArray<126> kEpochInfo{};            // LBL("pq-ep") || SID || e || H(ek) || H(ct)
constexpr ByteArray<60> kTranscriptInfo{};        // LBL("hs-keys") || TH0
constexpr ByteArray<127> kRatchetTranscript{};    // LBL("rk-sig") || TH0 || dir || both ratchet keys
constexpr ByteArray<160> kStepTranscript{};       // LBL("pq-sig") || TH0 || dir || e || H(ek) || H(ct)
constexpr ByteArray<171> kContentTranscript{};    // LBL("ct-sig") || who, where, which || H(content)
constexpr ByteArray<330> kBatchTranscript{};      // m of a PrekeyBatch with a 16-octet account and device
constexpr ByteArray<400> kPreTranscript{};        // pre || id of the initiator
constexpr ByteArray<107> kHandshakeTranscript{};  // LBL("hs-sig") || TH0 || H(claim)
constexpr std::size_t kInclusionPath = 5;         // of 32 one-time pairs
constexpr std::size_t kSealedClaimSize = 3584;    // claim, SIG_A and padding

template <typename T>
T must(crypto::CryptoResult<T> result) {
  SOTTO_CHECK(result.has_value());
  return std::move(*result);
}

/// The key material of one side.
struct Side {
  ChainKey ec;
  ChainKey pq;
  ChainKey root;

  explicit Side(crypto::RandomSource& random)
      : ec(crypto::random_secret<ChainKey>(random)),
        pq(crypto::random_secret<ChainKey>(random)),
        root(crypto::random_secret<ChainKey>(random)) {}

  /// Steps both chains, derives the keys of one message, applies the cipher and makes the tag.
  ByteArray<48> process(MutableByteView body) {
    const auto ec_key = hkdf_expand<ChainKey>(ec, kChainInfo);
    ec = hkdf_expand<ChainKey>(ec, kChainInfo);
    const auto pq_key = hkdf_expand<ChainKey>(pq, kChainInfo);
    pq = hkdf_expand<ChainKey>(pq, kChainInfo);
    const auto prk = hkdf_extract(pq_key, ec_key);
    const auto [cipher, iv, mac] = hkdf_expand<CipherKey, CipherIv, MacKey>(prk, kMessageInfo);
    constexpr ByteArray<kHeaderSize + 20> kMacPrefix{};  // LBL("tag"), the header and both lengths
    crypto::aes256_ctr(cipher, iv, body);
    return crypto::hmac_sha384(mac, {kMacPrefix, body});
  }

  /// One EC step after the ECDH.
  void turn(const crypto::EcdhSecret& secret) {
    const auto prk = hkdf_extract(root, secret);
    std::tie(root, ec) = hkdf_expand<ChainKey, ChainKey>(prk, kRatchetInfo);
  }

  /// One PQ epoch after the KEM.
  void install(const crypto::KemSecret& secret) {
    const auto prk = hkdf_extract(root, secret);
    auto keys = hkdf_expand<ChainKey, ChainKey, ChainKey, ChainKey, ChainKey>(prk, kEpochInfo);
    pq = std::move(std::get<1>(keys));
  }

  /// The key schedule of the handshake: HSK and its keys, the root secrets, PQ epoch 0.
  void begin(const crypto::KemSecret& kem, const crypto::EcdhSecret& spk, const crypto::EcdhSecret& opk) {
    const auto salt = crypto::sha384(kChainInfo);
    const auto prk = hkdf_extract(salt, kem, spk, opk);
    (void)crypto::sha384({kPreTranscript, kChainInfo});
    const auto handshake_key = hkdf_expand<ChainKey>(prk, kTranscriptInfo);
    const auto sealing = hkdf_expand<CipherKey, CipherIv, MacKey>(handshake_key, kChainInfo);
    ByteArray<kSealedClaimSize> claim{};
    crypto::aes256_ctr(std::get<0>(sealing), std::get<1>(sealing), claim);
    (void)crypto::hmac_sha384(std::get<2>(sealing), {kPreTranscript, claim});
    auto keys =
        hkdf_expand<ChainKey, ChainKey, ChainKey, ChainKey, ChainKey, ByteArray<16>>(prk, kTranscriptInfo);
    root = std::move(std::get<0>(keys));
    ec = std::move(std::get<1>(keys));
    auto epoch = hkdf_expand<ChainKey, ChainKey, ChainKey>(std::get<2>(keys), kTranscriptInfo);
    pq = std::move(std::get<1>(epoch));
  }
};

}  // namespace

class Floor::Impl {
 public:
  Impl(std::size_t body_size, std::size_t content_size) : body_(body_size), content_(content_size) {}

  void message() {
    seal();
    const auto computed = receiver_.process(body_);
    (void)wire_hash(tag_);
    SOTTO_CHECK(!crypto::constant_time_equal(tag_, computed));  // the two sides share no keys here
  }

  void seal() {
    (void)random_.array<16>();
    tag_ = sender_.process(body_);
    (void)wire_hash(tag_);
  }

  void sign() {
    (void)crypto::sha384(content_);
    content_signature_ = dik_a_.ecdsa_key().sign(kContentTranscript);
  }

  void signed_message() {
    sign();
    message();
    (void)crypto::sha384(content_);
    SOTTO_CHECK(
        ecdsa_verify(dik_a_.public_key().ecdsa_key(), kContentTranscript, content_signature_).has_value());
  }

  void ratchet_message() {
    auto mine = crypto::P256PrivateKey::generate(random_);
    sender_.turn(must(mine.ecdh(peer_.public_key())));
    const auto signature = dik_a_.ecdsa_key().sign(kRatchetTranscript);
    message();
    const auto received = must(crypto::P256PublicKey::decode(mine.public_key().encoded()));
    receiver_.turn(must(peer_.ecdh(received)));
    SOTTO_CHECK(ecdsa_verify(dik_a_.public_key().ecdsa_key(), kRatchetTranscript, signature).has_value());
    peer_ = std::move(mine);
  }

  void pq_epoch() {
    const auto proposed = crypto::MlKem768DecapsulationKey::generate(random_);
    authenticate_step();
    const auto received = must(crypto::MlKem768EncapsulationKey::decode(proposed.encapsulation_key()));
    const auto answer = must(received.encapsulate(random_));
    hash_step(proposed.encapsulation_key(), answer.ciphertext);
    receiver_.install(answer.secret);
    authenticate_step();
    hash_step(proposed.encapsulation_key(), answer.ciphertext);
    sender_.install(must(proposed.decapsulate(answer.ciphertext)));
  }

  void ml_dsa() {
    const auto signature = dik_a_.ml_dsa_key().sign(kStepTranscript, random_);
    SOTTO_CHECK(dik_a_.public_key().ml_dsa_key().verify(kStepTranscript, signature).has_value());
  }

  void establishment() {
    SOTTO_CHECK(dik_b_.public_key().verify(kBatchTranscript, batch_signature_).has_value());
    hash_bundle();
    const auto ek_a = crypto::P256PrivateKey::generate(random_);
    const auto spk = must(crypto::P256PublicKey::decode(spk_.public_key().encoded()));
    const auto opk = must(crypto::P256PublicKey::decode(opk_.public_key().encoded()));
    const auto kpk = must(crypto::MlKem1024EncapsulationKey::decode(kpk_.encapsulation_key()));
    const auto kem = must(kpk.encapsulate(random_));
    sender_.begin(kem.secret, must(ek_a.ecdh(spk)), must(ek_a.ecdh(opk)));
    const auto signature = dik_a_.sign(kHandshakeTranscript, random_);
    message();
    const auto received = must(crypto::P256PublicKey::decode(ek_a.public_key().encoded()));
    const auto restored = crypto::MlKem1024DecapsulationKey::from_seed(kpk_.seed().clone());
    const auto secret = must(restored.decapsulate(kem.ciphertext));
    (void)crypto::sha384(kem.ciphertext);
    const auto spk_restored = must(crypto::P256PrivateKey::from_scalar(spk_.scalar().clone()));
    const auto opk_restored = must(crypto::P256PrivateKey::from_scalar(opk_.scalar().clone()));
    receiver_.begin(secret, must(spk_restored.ecdh(received)), must(opk_restored.ecdh(received)));
    SOTTO_CHECK(dik_a_.public_key().verify(kHandshakeTranscript, signature).has_value());
  }

 private:
  [[nodiscard]] crypto::Sha384Digest wire_hash(const crypto::Sha384Digest& tag) const {
    constexpr ByteArray<kHeaderSize> kHeader{};
    return crypto::sha384({kHeader, body_, ByteView(tag).first(kTagSize)});
  }

  void authenticate_step() {
    const auto signature = dik_a_.ecdsa_key().sign(kStepTranscript);
    SOTTO_CHECK(ecdsa_verify(dik_a_.public_key().ecdsa_key(), kStepTranscript, signature).has_value());
  }

  static void hash_step(ByteView ek, ByteView ct) {
    (void)crypto::sha384(ek);
    (void)crypto::sha384(ct);
  }

  /// H(KPK) and the leaf's inclusion path, bundle_hash, H(ct0), the transcript; the handshake key's own
  /// hashes are in begin().
  void hash_bundle() {
    (void)crypto::sha384(kpk_.encapsulation_key());
    for (std::size_t level = 0; level <= kInclusionPath; ++level) (void)crypto::sha256(ByteArray<65>{});
    (void)crypto::sha384(kBatchTranscript);
    (void)crypto::sha384(ByteArray<crypto::MlKem1024::kCiphertextSize>{});
  }

  crypto::SystemRandom random_;
  Bytes body_;
  Bytes content_;
  Side sender_{random_};
  Side receiver_{random_};
  crypto::HybridPrivateKey dik_a_ = crypto::HybridPrivateKey::generate(random_);
  crypto::HybridPrivateKey dik_b_ = crypto::HybridPrivateKey::generate(random_);
  crypto::HybridSignature batch_signature_ = dik_b_.sign(kBatchTranscript, random_);
  crypto::P256PrivateKey peer_ = crypto::P256PrivateKey::generate(random_);
  crypto::P256PrivateKey spk_ = crypto::P256PrivateKey::generate(random_);
  crypto::P256PrivateKey opk_ = crypto::P256PrivateKey::generate(random_);
  crypto::MlKem1024DecapsulationKey kpk_ = crypto::MlKem1024DecapsulationKey::generate(random_);
  crypto::Sha384Digest tag_{};
  crypto::EcdsaSignature content_signature_{};
};

Floor::Floor(std::size_t body_size, std::size_t content_size)
    : impl_(std::make_unique<Impl>(body_size, content_size)) {}
Floor::~Floor() = default;
void Floor::message() { impl_->message(); }
void Floor::seal() { impl_->seal(); }
void Floor::sign() { impl_->sign(); }
void Floor::signed_message() { impl_->signed_message(); }
void Floor::ratchet_message() { impl_->ratchet_message(); }
void Floor::pq_epoch() { impl_->pq_epoch(); }
void Floor::ml_dsa() { impl_->ml_dsa(); }
void Floor::establishment() { impl_->establishment(); }

}  // namespace sotto::bench
