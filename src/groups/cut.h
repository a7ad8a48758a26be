// A set of operations of one graph, by the numbers that the graph gave them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace sotto::groups {

/// A local number: the order of arrival. Never part of anything on which members have to agree.
using Index = std::uint32_t;

class Cut {
 public:
  [[nodiscard]] bool contains(Index index) const {
    const std::size_t word = index / kBits;
    return word < words_.size() && (words_[word] >> index % kBits & 1U) != 0;
  }
  void insert(Index index) {
    const std::size_t word = index / kBits;
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= std::uint64_t{1} << index % kBits;
  }
  void unite(const Cut& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  /// Ascending: whoever came later builds on nothing that came after it.
  [[nodiscard]] std::vector<Index> indices() const {
    std::vector<Index> out;
    for (std::size_t word = 0; word < words_.size(); ++word) {
      for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1) {
        out.push_back(static_cast<Index>(word * kBits + static_cast<std::size_t>(std::countr_zero(rest))));
      }
    }
    return out;
  }

 private:
  static constexpr std::size_t kBits = 64;
  std::vector<std::uint64_t> words_;
};

}  // namespace sotto::groups
