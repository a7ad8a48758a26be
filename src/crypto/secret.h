// Octet strings that must not leak: move-only, wiped when they die, with no comparison, no formatter and no
// implicit view. The octets come out through one door, reveal(SecretAccess); who can construct a SecretAccess
// is the friend list below, and that list is what an auditor reads.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "bytes/bytes.h"
#include "result/check.h"

namespace sotto::session {
class SecretCodec;
}
namespace sotto::identity {
class SecretCodec;
}
namespace sotto::linking {
class SecretCodec;
}
namespace sotto::recovery {
class SecretCodec;
}
namespace sotto::client {
class SecretCodec;
}

namespace sotto::crypto {

class Primitives;

/// The key to reveal(). Only its friends can make one: the OpenSSL wall itself and the one codec of each
/// module that writes secrets into an encrypted store, or onto a screen for people to carry.
class SecretAccess {
 private:
  constexpr SecretAccess() = default;
  friend class Primitives;
  friend class session::SecretCodec;
  friend class identity::SecretCodec;
  friend class linking::SecretCodec;
  friend class recovery::SecretCodec;
  friend class client::SecretCodec;
};

/// Overwrites memory in a way compilers may not remove (OPENSSL_cleanse).
void wipe(void* data, std::size_t size);

/// Wipes every block before it is freed, so that growing or moving a container leaves no copy behind.
template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor): required by Allocator
  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) {
    wipe(p, n * sizeof(T));
    std::allocator<T>().deallocate(p, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// Work space for plaintext with secrets in it, on its way into or out of a seal.
using WipedOctets = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

/// N secret octets held in place. Tag makes each meaning its own type:
///   using RootKey = SecretArray<48, struct RootKeyTag>;
template <std::size_t N, typename Tag>
class SecretArray {
 public:
  static constexpr std::size_t kSize = N;

  /// Copies exactly N octets; the caller wipes its own copy. Precondition: octets.size() == N.
  static SecretArray copy_of(ByteView octets) {
    SOTTO_CHECK(octets.size() == N);
    SecretArray out;
    out.octets_ = to_array<N>(octets);
    return out;
  }
  SecretArray(SecretArray&& other) noexcept : octets_(other.octets_) { wipe(other.octets_.data(), N); }
  SecretArray& operator=(SecretArray&& other) noexcept {
    if (this != &other) {
      octets_ = other.octets_;
      wipe(other.octets_.data(), N);
    }
    return *this;
  }
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { wipe(octets_.data(), N); }

  /// The only way to copy.
  [[nodiscard]] SecretArray clone() const { return copy_of(octets_); }
  /// The octets; the view is valid as long as this object is.
  [[nodiscard]] ByteView reveal(SecretAccess) const { return octets_; }
  [[nodiscard]] MutableByteView reveal_mutable(SecretAccess) { return octets_; }

 private:
  SecretArray() = default;
  friend class Primitives;

  ByteArray<N> octets_{};
};

template <typename T>
inline constexpr bool kIsSecretArray = false;
template <std::size_t N, typename Tag>
inline constexpr bool kIsSecretArray<SecretArray<N, Tag>> = true;

/// Any SecretArray<N, Tag>.
template <typename T>
concept AnySecretArray = kIsSecretArray<T>;

/// SecretArray<N, Tag> or ByteArray<N>: what a key derivation can produce.
template <typename T>
concept FixedOctets = AnySecretArray<T> || std::same_as<T, ByteArray<std::tuple_size<T>::value>>;

/// Secret octets of a length known at run time.
class SecretBytes {
 public:
  SecretBytes() = default;
  static SecretBytes copy_of(ByteView octets) {
    SecretBytes out;
    out.octets_.assign(octets.begin(), octets.end());
    return out;
  }
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) noexcept = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() = default;

  [[nodiscard]] SecretBytes clone() const { return copy_of(octets_); }
  [[nodiscard]] std::size_t size() const { return octets_.size(); }
  [[nodiscard]] ByteView reveal(SecretAccess) const { return octets_; }

 private:
  WipedOctets octets_;
};

}  // namespace sotto::crypto
