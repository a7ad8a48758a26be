// A source for tests that gives handed-in octets once and nothing after.
#pragma once

#include <algorithm>

#include "crypto/random.h"
#include "result/check.h"

namespace sotto::crypto {

class FixedRandom final : public RandomSource {
 public:
  explicit FixedRandom(ByteView octets) : rest_(to_bytes(octets)) {}

  void fill(MutableByteView out) override {
    SOTTO_CHECK(out.size() <= rest_.size());
    const auto end = rest_.begin() + static_cast<std::ptrdiff_t>(out.size());
    std::copy(rest_.begin(), end, out.begin());
    rest_.erase(rest_.begin(), end);
  }

 private:
  Bytes rest_;
};

}  // namespace sotto::crypto
