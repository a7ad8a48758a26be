// The last entries of a kind, persisted in small chunks so that one more entry rewrites one chunk.
#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "session/secret_codec.h"

namespace sotto::session {

/// Entry has `void write(RecordWriter&) const` and `static Entry read(RecordReader&)`.
template <typename Entry, std::size_t Capacity, std::size_t ChunkSize>
class RingLog {
 public:
  static_assert(Capacity % ChunkSize == 0);
  static constexpr std::size_t kChunks = Capacity / ChunkSize;
  static_assert(kChunks <= 256, "a chunk's number is one octet of its record key");

  void add(Entry entry) {
    const std::size_t slot = total_ % Capacity;
    if (slot == entries_.size()) {
      entries_.push_back(std::move(entry));
    } else {
      entries_[slot] = std::move(entry);
    }
    ++total_;
    changed_.insert(static_cast<std::uint8_t>(slot / ChunkSize));
  }

  /// Null if no entry satisfies `wanted`. Newest first.
  template <typename Predicate>
  [[nodiscard]] const Entry* find(Predicate wanted) const {
    for (std::size_t back = 1; back <= entries_.size(); ++back) {
      const Entry& entry = entries_[(total_ - back) % Capacity];
      if (wanted(entry)) return &entry;
    }
    return nullptr;
  }
  /// Changes an entry that find() gave.
  template <typename Change>
  void update(const Entry* entry, Change change) {
    const auto slot = static_cast<std::size_t>(entry - entries_.data());
    change(entries_[slot]);
    changed_.insert(static_cast<std::uint8_t>(slot / ChunkSize));
  }

  std::set<std::uint8_t> take_changed() { return std::exchange(changed_, {}); }

  [[nodiscard]] crypto::SecretBytes encode_chunk(std::uint8_t chunk) const {
    const std::size_t begin = chunk * ChunkSize;
    const std::size_t end = std::min(begin + ChunkSize, entries_.size());
    RecordWriter out;
    out.u8(1).u64(total_).u32(static_cast<std::uint32_t>(end - begin));
    for (std::size_t i = begin; i < end; ++i) entries_[i].write(out);
    return out.take();
  }

  /// Chunks must come in ascending order, without a gap. False if the record does not fit.
  bool restore_chunk(std::uint8_t chunk, const crypto::SecretBytes& record) {
    RecordReader in(record);
    const bool known = in.u8() == 1;
    const std::uint64_t total = in.u64();
    const std::size_t count = in.count(ChunkSize, 1);
    if (!known || entries_.size() != chunk * ChunkSize || chunk >= kChunks) return false;
    for (std::size_t i = 0; i < count; ++i) entries_.push_back(Entry::read(in));
    total_ = std::max(total_, total);
    return in.finished();
  }
  /// After the last chunk. False if chunks are missing.
  [[nodiscard]] bool complete() const { return entries_.size() == std::min<std::uint64_t>(total_, Capacity); }

 private:
  std::vector<Entry> entries_;
  std::uint64_t total_ = 0;
  std::set<std::uint8_t> changed_;
};

}  // namespace sotto::session
