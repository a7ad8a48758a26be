// The field of Shamir's scheme (docs/specs/recovery.md 3): GF(2^8) with x^8 + x^4 + x^3 + x + 1. No table and
// no branch: operands are secret. OpenSSL has no such field (docs/decisions/0005-shamir.md).
#pragma once

#include <cstdint>
#include <span>

namespace sotto::recovery::gf256 {

using Element = std::uint8_t;

/// Addition and subtraction are exclusive or.
constexpr Element multiply(Element a, Element b) {
  unsigned left = a;
  unsigned right = b;
  unsigned product = 0;
  for (int bit = 0; bit < 8; ++bit) {
    product ^= left & (0U - (right & 1U));
    right >>= 1U;
    left = ((left << 1U) ^ (0x1bU & (0U - (left >> 7U)))) & 0xffU;
  }
  return static_cast<Element>(product);
}

/// a^254: the inverse of every element but zero, whose result is zero.
constexpr Element inverse(Element a) {
  Element power = a;
  Element out = 1;
  for (int bit = 1; bit < 8; ++bit) {
    power = multiply(power, power);
    out = multiply(out, power);
  }
  return out;
}

/// The polynomial with these coefficients, the constant term first, at x.
constexpr Element evaluate(std::span<const Element> coefficients, Element x) {
  Element out = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) {
    out = static_cast<Element>(multiply(out, x) ^ coefficients[i]);
  }
  return out;
}

/// What the value of point `which` counts in the value at zero of the polynomial through all points.
/// Precondition: the x are distinct and not zero.
constexpr Element weight_at_zero(std::span<const Element> x, std::size_t which) {
  Element out = 1;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (j == which) continue;
    out = multiply(out, multiply(x[j], inverse(static_cast<Element>(x[j] ^ x[which]))));
  }
  return out;
}

}  // namespace sotto::recovery::gf256
