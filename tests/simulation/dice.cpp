#include "dice.h"

#include <algorithm>
#include <bit>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "result/check.h"

namespace sotto::simulation {
namespace {

std::uint64_t number(ByteView octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

}  // namespace

std::uint64_t Dice::child_seed(std::string_view name) const {
  Encoder named;
  named.u64(seed_).raw(as_bytes(name));
  return number(ByteView(crypto::sha256(std::move(named).take())).first(8));
}

std::uint64_t Dice::below(std::uint64_t bound) {
  SOTTO_CHECK(bound > 0);
  // Bounds are far below 2^64, so the remainder's bias is nothing.
  return number(random_.array<8>()) % bound;
}

DurationMs Dice::spread(DurationMs longest) {
  const auto magnitudes = static_cast<std::uint64_t>(std::bit_width(longest.value));
  const std::uint64_t highest = std::uint64_t{1} << below(magnitudes + 1);
  return {std::min(below(highest), longest.value)};
}

}  // namespace sotto::simulation
