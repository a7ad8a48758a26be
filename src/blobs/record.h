// How blobs lie in the store. docs/specs/blobs.md 4 has the octets.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "blobs/limits.h"
#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "storage/partition.h"

namespace sotto::blobs {

using identity::AccountId;

/// The capability as the store knows it: SHA-256 of it. Who reads the disk can read the octets and still not
/// ask for them.
using BlobName = ByteArray<32>;

/// Blobs are spread over that many partitions, by the first octet of their name.
inline constexpr unsigned kShards = 256;

/// An account for which a blob is kept.
struct Keeper {
  AccountId account;
  UnixMs expires;

  friend bool operator==(const Keeper&, const Keeper&) = default;
};

struct BlobRecord {
  enum class State : std::uint8_t {
    uploading = 1,
    complete = 2,
    erasing = 3,  ///< its pieces go; nobody finds it any more
  };
  State state = State::uploading;
  std::uint64_t size = 0;       ///< octets when complete; at least 1
  std::uint64_t received = 0;   ///< durable, from the first; whole pieces until complete
  UnixMs written;               ///< the last time that octets came
  ByteArray<32> upload_hash{};  ///< SHA-256 of the upload token
  std::vector<Keeper> keepers;  ///< at most kMaxKeepers, each account once; first who opened it

  friend bool operator==(const BlobRecord&, const BlobRecord&) = default;
};

storage::Partition shard_partition(std::uint8_t shard);
inline storage::Partition blob_partition(const BlobName& name) { return shard_partition(name[0]); }
Bytes record_key(const BlobName& name);
/// Empty for a key of another form.
std::optional<BlobName> parse_record_key(ByteView key);
/// Every record's key lies in [first, second).
std::pair<Bytes, Bytes> record_range();
Bytes piece_key(const BlobName& name, std::uint32_t index);
inline std::uint32_t piece_count(std::uint64_t octets) {
  return static_cast<std::uint32_t>((octets + kPieceOctets - 1) / kPieceOctets);
}

Bytes encode(const BlobRecord& record);
/// Empty when the octets are not what encode makes of a possible record.
std::optional<BlobRecord> decode_blob(ByteView octets);

/// What an account keeps: one partition for each account, one key for each blob, the value its size.
storage::Partition holdings_partition(const AccountId& account);
Bytes holding_key(const BlobName& name);
std::optional<BlobName> parse_holding_key(ByteView key);
Bytes encode_holding(std::uint64_t size);
std::optional<std::uint64_t> decode_holding(ByteView octets);

}  // namespace sotto::blobs
