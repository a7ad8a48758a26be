// What the log keeps in the store, octet by octet, and where (docs/specs/transparency.md 8).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "storage/store.h"
#include "transparency/entry.h"
#include "transparency/label.h"
#include "transparency/tree_head.h"
#include "transparency_log/page.h"

namespace sotto::transparency_log {

/// SHA-256 of a label: the name of its record.
using LabelHash = Hash;
LabelHash hash_of(const transparency::Label& label);

/// For hashed octets as keys of unordered containers.
struct OctetsHash {
  std::size_t operator()(const Hash& octets) const noexcept;
  std::size_t operator()(const PageId& id) const noexcept;
};

const storage::Partition& log_partition();
storage::Partition page_partition(const PageId& id);
storage::Partition label_partition(const LabelHash& label);
/// Whether the log has this partition for itself.
bool is_ours(const storage::Partition& partition);

Bytes state_key();
Bytes entry_key(std::uint64_t epoch);
Bytes mutations_key(std::uint64_t epoch, std::uint32_t page);
Bytes node_key(const crypto::SubtreeId& id);
Bytes redo_key(std::uint64_t epoch, std::uint32_t chunk);
Bytes page_key(const PageId& id);
Bytes label_key(const LabelHash& label);

struct StateRecord {
  std::uint64_t size = 0;         ///< epochs; the commit point
  std::uint64_t applied = 0;      ///< epochs of which everything derived is written: size, or size - 1
  std::uint32_t redo_chunks = 0;  ///< of epoch size - 1
  transparency::LogId log{};

  friend bool operator==(const StateRecord&, const StateRecord&) = default;
};
Bytes encode(const StateRecord& record);
std::optional<StateRecord> decode_state(ByteView octets);

/// The newest version of a label: all that a proof needs beside the map's path.
struct LabelRecord {
  crypto::VrfProof vrf{};
  std::uint64_t version = 0;
  transparency::Nonce nonce{};
  Bytes value;

  [[nodiscard]] MapLeaf leaf() const;
  friend bool operator==(const LabelRecord&, const LabelRecord&) = default;
};
Bytes encode(const LabelRecord& record);
std::optional<LabelRecord> decode_label(ByteView octets);

/// Everything that follows from an epoch and cannot be computed from its list.
struct Redo {
  struct Labelled {
    LabelHash label{};
    LabelRecord record;

    friend bool operator==(const Labelled&, const Labelled&) = default;
  };
  std::vector<Labelled> labels;
  std::vector<storage::Batch> effects;
};
Bytes encode(const Redo& redo);
std::optional<Redo> decode_redo(ByteView octets);

}  // namespace sotto::transparency_log
