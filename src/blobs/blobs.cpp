#include "blobs/blobs.h"

#include <algorithm>

#include "crypto/hash.h"

namespace sotto::blobs {
namespace {

using State = BlobRecord::State;

bool expired(const BlobRecord& record, UnixMs now) {
  return std::ranges::all_of(record.keepers, [now](const Keeper& keeper) { return keeper.expires <= now; });
}

}  // namespace

Blobs::Blobs(storage::Store& store, crypto::RandomSource& random, const Limits& limits)
    : store_(store), commits_(store), random_(random), limits_(limits), holdings_(store, commits_, limits_) {}

UnixMs Blobs::expiry(DurationMs keep, UnixMs now) const {
  return now + (keep == DurationMs{} ? limits_.ttl : std::min(keep, limits_.ttl));
}

std::unexpected<BlobError> Blobs::missing() {
  ++counts_.not_found;
  return err(BlobError::no_such_blob);
}

BlobResult<std::optional<BlobRecord>> Blobs::load(const BlobName& name) {
  const auto value = store_.get(blob_partition(name), record_key(name));
  if (!value) return err(error_of(value.error()));
  if (!*value) return std::nullopt;
  auto record = decode_blob(**value);
  if (!record) return err(BlobError::corrupt);
  return record;
}

BlobResult<Blobs::Found> Blobs::find(ByteView capability, UnixMs now) {
  if (capability.size() != std::tuple_size_v<Capability>) return missing();
  const BlobName name = crypto::sha256(capability);
  SOTTO_TRY(auto record, load(name));
  if (!record || record->state == State::erasing || expired(*record, now)) return missing();
  return Found{name, *std::move(record)};
}

BlobResult<Blobs::Found> Blobs::find_complete(ByteView capability, UnixMs now) {
  SOTTO_TRY(Found found, find(capability, now));
  if (found.record.state != State::complete) return missing();
  return found;
}

BlobResult<Blobs::Found> Blobs::find_upload(ByteView capability, ByteView token, UnixMs now) {
  SOTTO_TRY(Found found, find(capability, now));
  if (!crypto::constant_time_equal(crypto::sha256(token), found.record.upload_hash)) return missing();
  return found;
}

void Blobs::put(const BlobName& name, const BlobRecord& record, Reply<void> reply) {
  storage::Batch batch(blob_partition(name));
  batch.put(record_key(name), encode(record));
  commits_.commit(std::move(batch), [reply = std::move(reply)](const auto& result) mutable {
    if (!result) return reply(err(error_of(result.error())));
    reply({});
  });
}

// The record first, then the account's list: a crash in between leaves a blob that nobody was told of and
// that expires, and never one that the account is charged with for ever.
void Blobs::create(const AccountId& account, std::uint64_t size, DurationMs keep, UnixMs now,
                   Reply<Created> reply) {
  if (size == 0) return reply(err(BlobError::empty));
  if (size > limits_.blob_octets) return reply(err(BlobError::too_large));
  if (const auto room = holdings_.reserve(account, size); !room) {
    if (room.error() == BlobError::over_quota) ++counts_.refused_quota;
    return reply(err(room.error()));
  }
  const Created created{random_.array<32>(), random_.array<32>(), expiry(keep, now)};
  const BlobName name = crypto::sha256(created.capability);
  const BlobRecord record{.size = size,
                          .written = now,
                          .upload_hash = crypto::sha256(created.token),
                          .keepers = {{account, created.expires}}};
  put(name, record,
      [this, account, name, size, created, reply = std::move(reply)](BlobResult<void> put) mutable {
        if (!put) {
          holdings_.unreserve(account, size);
          return reply(err(put.error()));
        }
        holdings_.add(account, name, size,
                      [this, created, reply = std::move(reply)](BlobResult<void> added) mutable {
                        if (!added) return reply(err(added.error()));
                        ++counts_.created;
                        reply(created);
                      });
      });
}

namespace {

BlobResult<void> check_write(const BlobRecord& record, std::uint64_t offset, std::size_t length) {
  if (length == 0) return err(BlobError::empty);
  if (length > kMaxWriteOctets) return err(BlobError::too_large);
  if (offset != record.received) return err(BlobError::wrong_offset);
  if (length > record.size - record.received) return err(BlobError::past_end);
  const bool last = offset + length == record.size;
  if (!last && length % kPieceOctets != 0) return err(BlobError::not_whole_pieces);
  return {};
}

}  // namespace

void Blobs::write(ByteView capability, ByteView token, std::uint64_t offset, ByteView octets, UnixMs now,
                  Reply<Progress> reply) {
  auto found = find_upload(capability, token, now);
  if (!found) return reply(err(found.error()));
  auto& [name, record] = *found;
  if (busy_.contains(name)) return reply(err(BlobError::busy));
  if (const auto fits = check_write(record, offset, octets.size()); !fits) return reply(err(fits.error()));
  storage::Batch batch(blob_partition(name));
  for (std::size_t at = 0; at < octets.size(); at += kPieceOctets) {
    const ByteView piece = octets.subspan(at, std::min(kPieceOctets, octets.size() - at));
    batch.put(piece_key(name, static_cast<std::uint32_t>((offset + at) / kPieceOctets)), to_bytes(piece));
  }
  record.received += octets.size();
  record.written = now;
  if (record.received == record.size) record.state = State::complete;
  batch.put(record_key(name), encode(record));
  busy_.insert(name);
  commits_.commit(std::move(batch),
                  [this, name, length = octets.size(), now_is = Progress{record.received, record.size},
                   reply = std::move(reply)](const auto& result) mutable {
                    busy_.erase(name);
                    if (!result) {
                      if (result.error() == storage::StorageError::no_space) ++counts_.refused_space;
                      return reply(err(error_of(result.error())));
                    }
                    counts_.octets_written += length;
                    if (now_is.received == now_is.size) ++counts_.completed;
                    reply(now_is);
                  });
}

BlobResult<Progress> Blobs::progress(ByteView capability, ByteView token, UnixMs now) {
  SOTTO_TRY(const Found found, find_upload(capability, token, now));
  return Progress{found.record.received, found.record.size};
}

BlobResult<std::uint64_t> Blobs::size(ByteView capability, UnixMs now) {
  SOTTO_TRY(const Found found, find_complete(capability, now));
  return found.record.size;
}

BlobResult<Bytes> Blobs::read(ByteView capability, std::uint64_t offset, std::uint64_t length, UnixMs now) {
  SOTTO_TRY(const Found found, find_complete(capability, now));
  if (offset >= found.record.size || length == 0) return err(BlobError::past_end);
  const auto index = static_cast<std::uint32_t>(offset / kPieceOctets);
  auto piece = store_.get(blob_partition(found.name), piece_key(found.name, index));
  if (!piece) return err(error_of(piece.error()));
  const std::uint64_t start = std::uint64_t{index} * kPieceOctets;
  if (!*piece || (*piece)->size() != std::min<std::uint64_t>(kPieceOctets, found.record.size - start)) {
    return err(BlobError::corrupt);
  }
  Bytes out = *std::move(*piece);
  const std::size_t skipped = offset - start;
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (out.size() > length) out.resize(length);
  counts_.octets_read += out.size();
  return out;
}

void Blobs::keep(const AccountId& account, ByteView capability, DurationMs keep, UnixMs now,
                 Reply<UnixMs> reply) {
  auto found = find_complete(capability, now);
  if (!found) return reply(err(found.error()));
  auto& [name, record] = *found;
  if (busy_.contains(name)) return reply(err(BlobError::busy));
  UnixMs until = expiry(keep, now);
  const auto mine = std::ranges::find(record.keepers, account, &Keeper::account);
  if (mine != record.keepers.end()) {
    until = mine->expires = std::max(mine->expires, until);
  } else if (record.keepers.size() < kMaxKeepers) {
    record.keepers.push_back({account, until});
  } else {
    return reply(err(BlobError::too_many_keepers));
  }
  // Not whether it is among the keepers: a failure between record and list is made good here.
  const auto counted = holdings_.contains(account, name);
  if (!counted) return reply(err(counted.error()));
  if (!*counted) {
    if (const auto room = holdings_.reserve(account, record.size); !room) return reply(err(room.error()));
  }
  busy_.insert(name);
  put(name, record,
      [this, name, account, charge = !*counted, until, size = record.size,
       reply = std::move(reply)](BlobResult<void> put) mutable {
        auto finish = [this, name, until, reply = std::move(reply)](BlobResult<void> done) mutable {
          busy_.erase(name);
          if (!done) return reply(err(done.error()));
          reply(until);
        };
        if (put && charge) return holdings_.add(account, name, size, std::move(finish));
        if (charge) holdings_.unreserve(account, size);
        finish(put);
      });
}

void Blobs::release(const AccountId& account, ByteView capability, UnixMs now, Reply<void> reply) {
  const auto found = find(capability, now);
  if (!found) return reply(err(found.error()));
  if (std::ranges::find(found->record.keepers, account, &Keeper::account) == found->record.keepers.end()) {
    return reply(missing());
  }
  if (busy_.contains(found->name)) return reply(err(BlobError::busy));
  drop_keepers(found->name, {account}, std::move(reply));
}

}  // namespace sotto::blobs
