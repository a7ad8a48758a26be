// How the directory lies in the store: partitions, keys and values. docs/specs/directory.md 2 has the octets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "identity/ids.h"
#include "storage/store.h"

namespace sotto::directory {

using identity::AccountId;
using identity::DeviceAddress;
using identity::DeviceId;

/// Everything about an account lies in its own partition, so one batch changes it as a whole.
storage::Partition account_partition(const AccountId& account);
/// Handles lie in kHandlePartitions partitions by their hash.
inline constexpr std::size_t kHandlePartitions = 256;
storage::Partition handle_partition(std::string_view handle);
storage::Partition handle_partition(std::uint8_t number);

Bytes account_key();
Bytes manifest_key(std::uint64_t version);
Bytes batch_key(const DeviceId& device);
Bytes cursor_key(const DeviceId& device);
Bytes pair_key(const DeviceId& device, std::uint32_t index);
Bytes handle_key(std::string_view handle);
Bytes hold_key(std::string_view handle);
/// Where the keys of holds begin and end in a partition.
Bytes first_hold_key();
Bytes holds_end();

struct AccountRecord {
  UnixMs created;
  UnixMs retired{};  ///< zero: it was not turned off
  std::uint64_t newest_version = 0;
  std::vector<std::string> handles;

  [[nodiscard]] bool is_retired() const { return retired != UnixMs{}; }

  friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

/// Who has a handle. Changes together with the account's record, which lists it, and the log.
struct HandleClaim {
  AccountId account;
  std::string handle;

  friend bool operator==(const HandleClaim&, const HandleClaim&) = default;
};

/// Who gave a handle up, and when; without the handle itself, of which the key has the hash.
struct HandleHold {
  AccountId account;
  UnixMs since;

  friend bool operator==(const HandleHold&, const HandleHold&) = default;
};

/// A device's prekey batch without its one-time pairs.
struct BatchRecord {
  Bytes m;
  crypto::HybridSignature signature;
  ByteArray<crypto::MlKem1024::kEncapsulationKeySize> last_resort;
  std::vector<crypto::Sha256Digest> leaves;

  friend bool operator==(const BatchRecord&, const BatchRecord&) = default;
};

struct PairRecord {
  ByteArray<33> ec;
  ByteArray<crypto::MlKem1024::kEncapsulationKeySize> kem;

  friend bool operator==(const PairRecord&, const PairRecord&) = default;
};

Bytes encode(const AccountRecord& record);
Bytes encode(const HandleClaim& claim);
Bytes encode(const HandleHold& hold);
Bytes encode(const BatchRecord& record);
Bytes encode(const PairRecord& record);
/// What gives a handle to somebody, and ends a hold.
storage::Batch claim_batch(const HandleClaim& claim);
/// What takes it from its owner and holds it.
storage::Batch hold_batch(std::string_view handle, const HandleHold& hold);

/// The index of the next pair to hand out.
Bytes encode_cursor(std::uint32_t next);

/// All: empty when the octets are not what encode makes.
std::optional<AccountRecord> decode_account(ByteView octets);
std::optional<HandleClaim> decode_claim(ByteView octets);
std::optional<HandleHold> decode_hold(ByteView octets);
std::optional<BatchRecord> decode_batch_record(ByteView octets);
std::optional<PairRecord> decode_pair(ByteView octets);
std::optional<std::uint32_t> decode_cursor(ByteView octets);

}  // namespace sotto::directory
