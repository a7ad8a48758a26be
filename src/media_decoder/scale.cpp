#include "media_decoder/scale.h"

#include <algorithm>
#include <cmath>

namespace sotto::media_decoder {
namespace {

constexpr std::size_t kChannels = media::kPixelSize;

/// Which source pixels one target pixel covers along an axis, and how much of the first and the last.
struct Span {
  std::uint32_t first;
  std::uint32_t last;
  float first_weight;
  float last_weight;

  [[nodiscard]] float weight(std::uint32_t at) const {
    return at == first ? first_weight : at == last ? last_weight : 1.0F;
  }
};

std::vector<Span> spans_of(std::uint32_t from, std::uint32_t to) {
  std::vector<Span> out(to);
  const double ratio = static_cast<double>(from) / to;
  for (std::uint32_t i = 0; i < to; ++i) {
    const double begin = i * ratio;
    const double end = std::min<double>(begin + ratio, from);
    const auto first = std::min(static_cast<std::uint32_t>(begin), from - 1);
    const auto last = std::clamp(static_cast<std::uint32_t>(std::ceil(end)) - 1, first, from - 1);
    out[i] = {.first = first,
              .last = last,
              .first_weight = static_cast<float>(std::min<double>(end, first + 1.0) - begin),
              .last_weight = static_cast<float>(end - last)};
  }
  return out;
}

/// Adds a source row, made narrower, to the sums of a target row. Colours count by their opacity.
void add_row(const std::uint8_t* row, const std::vector<Span>& columns, float weight,
             std::vector<float>& sums) {
  for (std::size_t x = 0; x < columns.size(); ++x) {
    const Span& span = columns[x];
    float* sum = sums.data() + kChannels * x;
    for (std::uint32_t at = span.first; at <= span.last; ++at) {
      const std::uint8_t* pixel = row + kChannels * at;
      const float part = weight * span.weight(at);
      const float opacity = part * pixel[3];
      sum[0] += opacity * pixel[0];
      sum[1] += opacity * pixel[1];
      sum[2] += opacity * pixel[2];
      sum[3] += opacity;
    }
  }
}

std::uint8_t to_octet(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5F, 0.0F, 255.0F));
}

void write_row(const std::vector<float>& sums, float area, std::uint8_t* row) {
  for (std::size_t i = 0; i < sums.size(); i += kChannels) {
    const float opacity = sums[i + 3];
    for (std::size_t channel = 0; channel < 3; ++channel) {
      row[i + channel] = opacity > 0 ? to_octet(sums[i + channel] / opacity) : std::uint8_t{0};
    }
    row[i + 3] = to_octet(opacity / area);
  }
}

std::uint32_t shortened(std::uint32_t edge, std::uint32_t longest, std::uint32_t max_edge) {
  const std::uint64_t exact = (std::uint64_t{edge} * max_edge + longest / 2) / longest;
  return std::clamp<std::uint32_t>(static_cast<std::uint32_t>(exact), 1, max_edge);
}

}  // namespace

Picture scale_to_fit(Picture picture, std::uint32_t max_edge) {
  const std::uint32_t longest = std::max(picture.width, picture.height);
  if (longest <= max_edge) return picture;
  Picture out(shortened(picture.width, longest, max_edge), shortened(picture.height, longest, max_edge));
  const auto columns = spans_of(picture.width, out.width);
  const auto rows = spans_of(picture.height, out.height);
  const float area = static_cast<float>(static_cast<double>(picture.width) / out.width *
                                        (static_cast<double>(picture.height) / out.height));
  std::vector<float> sums(kChannels * out.width);
  for (std::uint32_t y = 0; y < out.height; ++y) {
    std::ranges::fill(sums, 0.0F);
    for (std::uint32_t at = rows[y].first; at <= rows[y].last; ++at) {
      add_row(picture.row(at), columns, rows[y].weight(at), sums);
    }
    write_row(sums, area, out.row(y));
  }
  return out;
}

}  // namespace sotto::media_decoder
