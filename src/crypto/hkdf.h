// HKDF-SHA384 (RFC 5869) over typed secrets, so that a key schedule never opens one:
//
//   const auto prk = hkdf_extract(root_key, ecdh_secret);
//   auto [new_root, chain] = hkdf_expand<RootKey, ChainKey>(prk, info);
#pragma once

#include <initializer_list>
#include <tuple>
#include <utility>

#include "bytes/bytes.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"

namespace sotto::crypto {

/// The output of HKDF-Extract.
using PseudorandomKey = SecretArray<48, struct PseudorandomKeyTag>;

/// RFC 5869 2.2 over the concatenation of the parts of `ikm`. For test vectors and public inputs.
PseudorandomKey hkdf_extract(ByteView salt, std::initializer_list<ByteView> ikm);

/// RFC 5869 2.2. The salt is a SecretArray or anything that converts to ByteView; the input keying material
/// is the concatenation of secrets of any length and tag.
template <typename Salt, AnySecretArray... Parts>
  requires(sizeof...(Parts) > 0)
PseudorandomKey hkdf_extract(const Salt& salt, const Parts&... ikm) {
  return hkdf_extract(Primitives::view(salt), {Primitives::view(ikm)...});
}

/// RFC 5869 2.3 into `out`. Precondition: out.size() <= 255 * 48. For test vectors.
void hkdf_expand(ByteView prk, ByteView info, MutableByteView out);

namespace detail {
template <FixedOctets Output>
constexpr std::size_t octets_of() {
  if constexpr (AnySecretArray<Output>) {
    return Output::kSize;
  } else {
    return std::tuple_size_v<Output>;
  }
}

/// Cuts one output off the front of `rest`.
template <FixedOctets Output>
Output take_front(ByteView& rest) {
  constexpr std::size_t kSize = octets_of<Output>();
  const ByteView octets = rest.first(kSize);
  rest = rest.subspan(kSize);
  if constexpr (AnySecretArray<Output>) {
    return Output::copy_of(octets);
  } else {
    return to_array<kSize>(octets);
  }
}
}  // namespace detail

/// RFC 5869 2.3: the outputs stand one after the other in the output keying material. One output is returned
/// as itself, several as a std::tuple in the same order. An output that is public by design (a session id) is
/// named as ByteArray<N>. `prk` is any 48-octet secret: a PseudorandomKey or a chain key that serves as one.
template <FixedOctets... Outputs, typename PrkTag>
  requires(sizeof...(Outputs) > 0)
auto hkdf_expand(const SecretArray<48, PrkTag>& prk, ByteView info) {
  constexpr std::size_t kTotal = (detail::octets_of<Outputs>() + ...);
  static_assert(kTotal <= 255 * 48, "RFC 5869 2.3");
  auto material = Primitives::blank<SecretArray<kTotal, struct KeyingMaterialTag>>();
  hkdf_expand(Primitives::view(prk), info, Primitives::writable(material));
  ByteView rest = Primitives::view(material);
  if constexpr (sizeof...(Outputs) == 1) {
    return (detail::take_front<Outputs>(rest), ...);
  } else {
    return std::tuple<Outputs...>{detail::take_front<Outputs>(rest)...};  // braces: from left to right
  }
}

/// Two independent expansions of one key, for a chain that gives a message key and its own successor: cheaper
/// than two calls, because the key's blocks are hashed once. Each output is one digest, as most keys are.
void hkdf_expand_pair(ByteView prk, ByteView info_a, ByteView info_b, MutableByteView out_a,
                      MutableByteView out_b);

template <AnySecretArray OutputA, AnySecretArray OutputB, typename PrkTag>
  requires(OutputA::kSize == 48 && OutputB::kSize == 48)
std::pair<OutputA, OutputB> hkdf_expand_pair(const SecretArray<48, PrkTag>& prk, ByteView info_a,
                                             ByteView info_b) {
  auto out = std::pair{Primitives::blank<OutputA>(), Primitives::blank<OutputB>()};
  hkdf_expand_pair(Primitives::view(prk), info_a, info_b, Primitives::writable(out.first),
                   Primitives::writable(out.second));
  return out;
}

}  // namespace sotto::crypto
