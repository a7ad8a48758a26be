#include "recovery/splitting.h"

#include "recovery/gf256.h"
#include "recovery/secret_codec.h"
#include "result/check.h"

namespace sotto::recovery {

class Splitting {
 public:
  static std::vector<ShareValue> split(const RecoverySeed& seed, std::size_t threshold, std::size_t count,
                                       crypto::RandomSource& random) {
    // For each octet of the seed a polynomial: the octet first, then what is random.
    crypto::WipedOctets coefficients(RecoverySeed::kSize * threshold);
    random.fill(coefficients);
    const ByteView octets = seed.reveal(SecretCodec::access());
    for (std::size_t i = 0; i < octets.size(); ++i) coefficients[i * threshold] = octets[i];
    std::vector<ShareValue> out;
    out.reserve(count);
    crypto::WipedOctets value(RecoverySeed::kSize);
    for (std::size_t x = 1; x <= count; ++x) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        value[i] = gf256::evaluate(ByteView(coefficients).subspan(i * threshold, threshold),
                                   static_cast<gf256::Element>(x));
      }
      out.push_back(ShareValue::copy_of(value));
    }
    return out;
  }

  static RecoverySeed combine(std::span<const SharePoint> points) {
    std::vector<gf256::Element> x;
    x.reserve(points.size());
    for (const SharePoint& point : points) x.push_back(point.index);
    crypto::WipedOctets octets(RecoverySeed::kSize);
    for (std::size_t j = 0; j < points.size(); ++j) {
      const gf256::Element weight = gf256::weight_at_zero(x, j);
      const ByteView value = points[j].value.reveal(SecretCodec::access());
      for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= gf256::multiply(weight, value[i]);
    }
    return RecoverySeed::copy_of(octets);
  }
};

std::vector<ShareValue> split(const RecoverySeed& seed, std::size_t threshold, std::size_t count,
                              crypto::RandomSource& random) {
  SOTTO_CHECK(threshold >= 1 && threshold <= count && count <= 255);
  return Splitting::split(seed, threshold, count, random);
}

RecoverySeed combine(std::span<const SharePoint> points) {
  SOTTO_CHECK(!points.empty());
  return Splitting::combine(points);
}

}  // namespace sotto::recovery
