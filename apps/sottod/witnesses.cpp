#include "witnesses.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "bytes/hex.h"
#include "transparency/limits.h"

namespace sotto::sottod {
namespace {

constexpr std::size_t kKeyDigits = 2 * crypto::kHybridPublicKeySize;
/// A key and white space; longer files are no keys.
constexpr std::streamsize kMaxFile = 8192;

bool is_white(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

Outcome<std::string> digits_of(const std::string& entry) {
  if (is_witness_key(entry)) return entry;
  std::ifstream in(entry, std::ios::binary);
  std::string text(static_cast<std::size_t>(kMaxFile), '\0');
  if (!in) return err(Failure{fmt::format("cannot read the witness key {} (transparency.witnesses)", entry)});
  in.read(text.data(), kMaxFile);
  text.resize(static_cast<std::size_t>(in.gcount()));
  std::erase_if(text, is_white);
  return text;
}

}  // namespace

bool is_witness_key(std::string_view text) { return text.size() == kKeyDigits && from_hex(text).has_value(); }

Outcome<std::vector<crypto::HybridPublicKey>> load_witnesses(const std::vector<std::string>& entries) {
  std::vector<crypto::HybridPublicKey> out;
  if (entries.size() > transparency::kMaxCosignatures) {
    return err(Failure{fmt::format("transparency.witnesses: {} witnesses are too many; at most {}",
                                   entries.size(), transparency::kMaxCosignatures)});
  }
  for (const std::string& entry : entries) {
    SOTTO_TRY(const std::string digits, digits_of(entry));
    const auto octets = from_hex(digits);
    auto key = octets ? crypto::HybridPublicKey::decode(*octets) : err(crypto::CryptoError::wrong_length);
    if (!key) {
      return err(
          Failure{fmt::format("transparency.witnesses: {} is not a witness key: expected {} hexadecimal "
                              "digits, as the witness's auditor prints them",
                              is_witness_key(entry) ? "an entry" : entry, kKeyDigits)});
    }
    if (std::ranges::find(out, *key) != out.end()) {
      return err(Failure{"transparency.witnesses: the same key twice"});
    }
    out.push_back(*std::move(key));
  }
  return out;
}

}  // namespace sotto::sottod
