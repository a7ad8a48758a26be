#include "blobs/holdings.h"

#include <utility>

namespace sotto::blobs {

template <typename Visit>
BlobResult<void> Holdings::for_each(const AccountId& account, Visit visit) {
  Bytes from;
  // One page more than there can be: what a crash left over is there too.
  for (std::size_t pages = 0; pages <= 2 * kMaxBlobsPerAccount / storage::kMaxPageEntries; ++pages) {
    const auto page = store_.scan(holdings_partition(account), from, std::nullopt, {});
    if (!page) return err(error_of(page.error()));
    for (const storage::Entry& entry : page->entries) {
      const auto name = parse_holding_key(entry.key);
      const auto size = decode_holding(entry.value);
      if (!name || !size) return err(BlobError::corrupt);
      visit(*name, *size);
    }
    if (!page->more) break;
    from = page->entries.back().key;
    from.push_back(0);
  }
  return {};
}

void Holdings::make_room() {
  if (sums_.size() < kMaxSums) return;
  for (auto it = sums_.begin(); it != sums_.end();) {
    it = it->second.in_flight == 0 ? sums_.erase(it) : std::next(it);
  }
}

BlobResult<Holdings::Remembered*> Holdings::remembered(const AccountId& account) {
  if (const auto found = sums_.find(account); found != sums_.end()) return &found->second;
  Remembered counted;
  SOTTO_CHECK_OK(for_each(account, [&counted](const BlobName&, std::uint64_t size) {
    counted.sum.octets += size;
    ++counted.sum.blobs;
  }));
  make_room();
  return &sums_.emplace(account, counted).first->second;
}

BlobResult<Sum> Holdings::sum(const AccountId& account) {
  SOTTO_TRY(const Remembered* found, remembered(account));
  return found->sum;
}

BlobResult<void> Holdings::reserve(const AccountId& account, std::uint64_t size) {
  SOTTO_TRY(Remembered * found, remembered(account));
  if (found->sum.blobs >= kMaxBlobsPerAccount || size > limits_.account_octets ||
      found->sum.octets > limits_.account_octets - size) {
    return err(BlobError::over_quota);
  }
  found->sum.octets += size;
  ++found->sum.blobs;
  ++found->in_flight;
  return {};
}

void Holdings::unreserve(const AccountId& account, std::uint64_t size) {
  Remembered& found = sums_.at(account);
  found.sum.octets -= size;
  --found.sum.blobs;
  --found.in_flight;
}

void Holdings::add(const AccountId& account, const BlobName& name, std::uint64_t size, Reply<void> reply) {
  storage::Batch batch(holdings_partition(account));
  batch.put(holding_key(name), encode_holding(size));
  commits_.commit(std::move(batch),
                  [this, account, size, reply = std::move(reply)](const auto& result) mutable {
                    if (!result) {
                      unreserve(account, size);
                      return reply(err(error_of(result.error())));
                    }
                    --sums_.at(account).in_flight;
                    reply({});
                  });
}

BlobResult<bool> Holdings::contains(const AccountId& account, const BlobName& name) {
  const auto value = store_.get(holdings_partition(account), holding_key(name));
  if (!value) return err(error_of(value.error()));
  return value->has_value();
}

void Holdings::remove(const AccountId& account, const BlobName& name, Reply<void> reply) {
  const auto value = store_.get(holdings_partition(account), holding_key(name));
  if (!value) return reply(err(error_of(value.error())));
  if (!*value) return reply({});
  const auto size = decode_holding(**value);
  if (!size) return reply(err(BlobError::corrupt));
  // Counted before it goes: a sum made between the disk and the answer would miss it and then lose it again.
  const auto counted = remembered(account);
  if (!counted) return reply(err(counted.error()));
  ++(*counted)->in_flight;
  storage::Batch batch(holdings_partition(account));
  batch.erase(holding_key(name));
  commits_.commit(std::move(batch),
                  [this, account, size = *size, reply = std::move(reply)](const auto& result) mutable {
                    Remembered& found = sums_.at(account);
                    --found.in_flight;
                    if (!result) return reply(err(error_of(result.error())));
                    found.sum.octets -= size;
                    --found.sum.blobs;
                    reply({});
                  });
}

BlobResult<std::vector<BlobName>> Holdings::list(const AccountId& account) {
  std::vector<BlobName> out;
  SOTTO_CHECK_OK(for_each(account, [&out](const BlobName& name, std::uint64_t) { out.push_back(name); }));
  return out;
}

}  // namespace sotto::blobs
