// What each primitive costs on one core. Build: cmake --preset release; run:
// build/release/bench/primitives_bench.
#include <benchmark/benchmark.h>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"

namespace sotto::crypto {
namespace {

using ChainKey = SecretArray<48, struct ChainKeyTag>;
using RootKey = SecretArray<48, struct RootKeyTag>;

DeterministicRandom& source() {
  static DeterministicRandom random(1);
  return random;
}

void Sha256OfAnInnerNode(benchmark::State& state) {
  const Bytes data(65);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(data));
}
BENCHMARK(Sha256OfAnInnerNode);

void Sha384(benchmark::State& state) {
  const Bytes data(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(sha384(data));
}
BENCHMARK(Sha384)->Arg(64)->Arg(1024)->Arg(65536);

void HmacSha384(benchmark::State& state) {
  const auto key = random_secret<ChainKey>(source());
  const Bytes data(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(hmac_sha384(key, {ByteView(data)}));
}
BENCHMARK(HmacSha384)->Arg(64)->Arg(400)->Arg(65536);

void HkdfExtract(benchmark::State& state) {
  const auto salt = random_secret<RootKey>(source());
  const auto input = random_secret<ChainKey>(source());
  for (auto _ : state) benchmark::DoNotOptimize(hkdf_extract(salt, input));
}
BENCHMARK(HkdfExtract);

void HkdfExpandOneKey(benchmark::State& state) {
  const auto key = random_secret<ChainKey>(source());
  for (auto _ : state) benchmark::DoNotOptimize(hkdf_expand<ChainKey>(key, as_bytes("sp1.ec-mk")));
}
BENCHMARK(HkdfExpandOneKey);

void HkdfExpandTwoKeys(benchmark::State& state) {
  const auto key = random_secret<ChainKey>(source());
  for (auto _ : state) benchmark::DoNotOptimize(hkdf_expand<RootKey, ChainKey>(key, as_bytes("sp1.ec-rk")));
}
BENCHMARK(HkdfExpandTwoKeys);

void Aes256Ctr(benchmark::State& state) {
  const auto key = random_secret<CipherKey>(source());
  const auto iv = random_secret<CipherIv>(source());
  Bytes data(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) aes256_ctr(key, iv, data);
}
BENCHMARK(Aes256Ctr)->Arg(256)->Arg(65536);

void P256Generate(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(P256PrivateKey::generate(source()));
}
BENCHMARK(P256Generate);

void P256Decode(benchmark::State& state) {
  const auto key = P256PrivateKey::generate(source());
  for (auto _ : state) benchmark::DoNotOptimize(P256PublicKey::decode(key.public_key().encoded()));
}
BENCHMARK(P256Decode);

void P256Ecdh(benchmark::State& state) {
  const auto key = P256PrivateKey::generate(source());
  const auto peer = P256PrivateKey::generate(source());
  for (auto _ : state) benchmark::DoNotOptimize(key.ecdh(peer.public_key()));
}
BENCHMARK(P256Ecdh);

void EcdsaSign(benchmark::State& state) {
  const auto key = P256PrivateKey::generate(source());
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(as_bytes("message")));
}
BENCHMARK(EcdsaSign);

void EcdsaVerify(benchmark::State& state) {
  const auto key = P256PrivateKey::generate(source());
  const auto signature = key.sign(as_bytes("message"));
  for (auto _ : state)
    benchmark::DoNotOptimize(ecdsa_verify(key.public_key(), as_bytes("message"), signature));
}
BENCHMARK(EcdsaVerify);

template <typename Parameters>
void MlKemGenerate(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(DecapsulationKey<Parameters>::generate(source()));
}
BENCHMARK(MlKemGenerate<MlKem768>);
BENCHMARK(MlKemGenerate<MlKem1024>);

template <typename Parameters>
void MlKemDecodeAndEncapsulate(benchmark::State& state) {
  const auto key = DecapsulationKey<Parameters>::generate(source());
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        EncapsulationKey<Parameters>::decode(key.encapsulation_key())->encapsulate(source()));
  }
}
BENCHMARK(MlKemDecodeAndEncapsulate<MlKem768>);
BENCHMARK(MlKemDecodeAndEncapsulate<MlKem1024>);

template <typename Parameters>
void MlKemDecapsulate(benchmark::State& state) {
  const auto key = DecapsulationKey<Parameters>::generate(source());
  const auto sent = EncapsulationKey<Parameters>::decode(key.encapsulation_key())->encapsulate(source());
  for (auto _ : state) benchmark::DoNotOptimize(key.decapsulate(sent->ciphertext));
}
BENCHMARK(MlKemDecapsulate<MlKem768>);
BENCHMARK(MlKemDecapsulate<MlKem1024>);

void MlDsa65Sign(benchmark::State& state) {
  const auto key = MlDsa65PrivateKey::generate(source());
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(as_bytes("message"), source()));
}
BENCHMARK(MlDsa65Sign);

void MlDsa65Verify(benchmark::State& state) {
  const auto key = MlDsa65PrivateKey::generate(source());
  const auto signature = key.sign(as_bytes("message"), source());
  for (auto _ : state) benchmark::DoNotOptimize(key.public_key().verify(as_bytes("message"), signature));
}
BENCHMARK(MlDsa65Verify);

void HybridDecode(benchmark::State& state) {
  const auto encoded = HybridPrivateKey::generate(source()).public_key().encoded();
  for (auto _ : state) benchmark::DoNotOptimize(HybridPublicKey::decode(encoded));
}
BENCHMARK(HybridDecode);

void HybridFromSeed(benchmark::State& state) {
  const auto seed = HybridPrivateKey::generate(source()).seed();
  for (auto _ : state) benchmark::DoNotOptimize(HybridPrivateKey::from_seed(seed));
}
BENCHMARK(HybridFromSeed);

}  // namespace
}  // namespace sotto::crypto

BENCHMARK_MAIN();
