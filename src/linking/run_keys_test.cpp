// The key schedule agrees with tests/vectors/linking.json, value by value.
#include "linking/run_keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "paths/paths.h"

namespace sotto::linking {
namespace {

using Json = nlohmann::json;

Bytes octets(const Json& vector, const char* name) {
  return from_hex(vector.at(name).get<std::string>()).value();
}
template <std::size_t N>
ByteArray<N> fixed(const Json& vector, const char* name) {
  return to_array<N>(octets(vector, name));
}
crypto::Fingerprint fingerprint(const Json& vector, const char* name) {
  return crypto::Fingerprint::from_octets(fixed<32>(vector, name));
}

void expect_keys(const identity::SealKeys& keys, ByteView expected) {
  EXPECT_TRUE(crypto::constant_time_equal(keys.cipher, expected.first(32)));
  EXPECT_TRUE(crypto::constant_time_equal(keys.iv, expected.subspan(32, 16)));
  EXPECT_TRUE(crypto::constant_time_equal(keys.mac, expected.last(48)));
}

TEST(RunKeys, AreWhatTheVectorsSay) {
  std::ifstream file(paths::source_dir() + "/tests/vectors/linking.json");
  const Json vectors = Json::parse(file);
  ASSERT_EQ(vectors.size(), 4U);
  for (const Json& vector : vectors) {
    const identity::AccountId account(fixed<16>(vector, "account"));
    const RunSecret secret = vector.contains("code")
                                 ? LinkCode::parse(vector.at("code").get<std::string>())->for_account(account)
                                 : run_secret(account, QrSecret::copy_of(octets(vector, "qr_secret")));
    EXPECT_TRUE(crypto::constant_time_equal(secret.password, octets(vector, "password")));

    const Transcript transcript{account,
                                fingerprint(vector, "account_key"),
                                fingerprint(vector, "trusted_key"),
                                fingerprint(vector, "new_key"),
                                fixed<48>(vector, "encapsulation_key_hash"),
                                fixed<48>(vector, "ciphertext_hash"),
                                fixed<33>(vector, "new_share"),
                                fixed<33>(vector, "trusted_share")};
    EXPECT_EQ(transcript.hash(), fixed<48>(vector, "transcript"));
    const RunKeys keys(transcript, crypto::KemSecret::copy_of(octets(vector, "kem")),
                       crypto::Spake2Key::copy_of(octets(vector, "spake2")), secret.qr);
    EXPECT_EQ(keys.new_confirmation(), fixed<48>(vector, "new_confirmation"));
    EXPECT_EQ(keys.trusted_confirmation(), fixed<48>(vector, "trusted_confirmation"));
    expect_keys(keys.device_seal(), octets(vector, "device_seal"));
    expect_keys(keys.grant_seal(), octets(vector, "grant_seal"));
  }
}

}  // namespace
}  // namespace sotto::linking
