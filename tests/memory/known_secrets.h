// Secrets that a test knows, and the search for them in everything this process can write: heap, stacks,
// static variables, whether in use, freed or never cleared. Kept masked, so that the search does not find its
// own list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bytes/bytes.h"
#include "crypto/random.h"

namespace sotto::testing {

class KnownSecrets {
 public:
  static constexpr std::size_t kNeedleSize = 16;

  /// The first 16 octets stand for all. Precondition: at least so many.
  void add(std::string_view name, ByteView octets);
  [[nodiscard]] std::size_t size() const { return needles_.size(); }
  /// Where copies are: "name in [stack]", once for each place; empty if there is none.
  [[nodiscard]] std::vector<std::string> found() const;

 private:
  struct Needle {
    std::string name;
    ByteArray<kNeedleSize> masked{};
  };
  std::vector<Needle> needles_;
};

/// The system's generator, which keeps nothing of what it gave. What is drawn in 32 octets or more is a
/// private key's scalar or seed, or a symmetric key, and is noted; shorter draws are ids and salts.
class NotingRandom final : public crypto::RandomSource {
 public:
  explicit NotingRandom(KnownSecrets& secrets) : secrets_(secrets) {}
  void fill(MutableByteView out) override;

 private:
  crypto::SystemRandom source_;
  KnownSecrets& secrets_;
};

}  // namespace sotto::testing
