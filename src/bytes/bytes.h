// The vocabulary types for octet strings. Not concerned with secrets: those are crypto::Secret*.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sotto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The octets of a character string; the view is valid as long as the characters are.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The octets as a character string view, without any check of their encoding.
inline std::string_view as_chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

/// Copies a view of exactly N octets. Precondition: view.size() == N.
template <std::size_t N>
ByteArray<N> to_array(ByteView view) {
  ByteArray<N> out{};
  for (std::size_t i = 0; i < N && i < view.size(); ++i) out[i] = view[i];
  return out;
}

/// Lexicographic and equality comparison of public octet strings. Secrets use crypto::constant_time_equal.
bool equal(ByteView a, ByteView b);

}  // namespace sotto
