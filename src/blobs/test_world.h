// For tests: blobs over a memory store, and some accounts.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "blobs/blobs.h"
#include "crypto/hash.h"
#include "storage/memory_store.h"

namespace sotto::blobs::testing {

class BlobsTest : public ::testing::Test {
 protected:
  BlobsTest() { start(); }

  void start() { blobs = std::make_unique<Blobs>(store, random, limits); }
  void crash_and_restart() {
    blobs.reset();
    store.crash();
    start();
  }
  void settle() {
    for (bool more = true; more;) more = store.sync() > 0 || blobs->turn_end(now);
  }
  AccountId somebody() { return AccountId(random.array<16>()); }
  Bytes some_octets(std::size_t length) {
    Bytes out(length);
    random.fill(out);
    return out;
  }
  /// What `request` is answered once everything is durable.
  template <typename T, typename Request>
  BlobResult<T> answer(Request request) {
    std::optional<BlobResult<T>> out;
    request([&out](BlobResult<T> result) { out = result; });
    settle();
    EXPECT_TRUE(out) << "not answered";
    return *out;
  }
  BlobResult<Created> create(const AccountId& account, std::uint64_t size, DurationMs time = {}) {
    return answer<Created>([&](auto reply) { blobs->create(account, size, time, now, std::move(reply)); });
  }
  BlobResult<Progress> write(const Created& blob, std::uint64_t offset, ByteView octets) {
    return answer<Progress>([&](auto reply) {
      blobs->write(blob.capability, blob.token, offset, octets, now, std::move(reply));
    });
  }
  BlobResult<Progress> upload(const Created& blob, ByteView octets) {
    BlobResult<Progress> last = err(BlobError::empty);
    for (std::size_t at = 0; at < octets.size(); at += kMaxWriteOctets) {
      last = write(blob, at, octets.subspan(at, std::min(kMaxWriteOctets, octets.size() - at)));
      if (!last) return last;
    }
    return last;
  }
  Created create_complete(const AccountId& account, ByteView octets, DurationMs time = {}) {
    const Created blob = create(account, octets.size(), time).value();
    EXPECT_TRUE(upload(blob, octets));
    return blob;
  }
  BlobResult<UnixMs> keep(const AccountId& account, ByteView capability, DurationMs time = {}) {
    return answer<UnixMs>([&](auto reply) { blobs->keep(account, capability, time, now, std::move(reply)); });
  }
  BlobResult<void> release(const AccountId& account, ByteView capability) {
    return answer<void>([&](auto reply) { blobs->release(account, capability, now, std::move(reply)); });
  }
  BlobResult<SweepReport> sweep(bool dry_run) {
    return answer<SweepReport>([&](auto reply) { blobs->sweep(dry_run, std::move(reply)); });
  }
  Sum sum(const AccountId& account) { return blobs->sum(account).value(); }
  Bytes download(ByteView capability) {
    Bytes out;
    const std::uint64_t size = blobs->size(capability, now).value_or(0);
    while (out.size() < size) {
      const auto part = blobs->read(capability, out.size(), size, now);
      if (!part) return {};
      out.insert(out.end(), part->begin(), part->end());
    }
    return out;
  }
  /// Octets and keys left of all blobs together.
  std::size_t entries() {
    std::size_t count = 0;
    for (unsigned shard = 0; shard < kShards; ++shard) {
      count +=
          store.scan(shard_partition(static_cast<std::uint8_t>(shard)), {}, std::nullopt, {})->entries.size();
    }
    return count;
  }

  crypto::DeterministicRandom random{21};
  AccountId alice = somebody();
  AccountId bob = somebody();
  AccountId carol = somebody();
  Limits limits;
  UnixMs now{days(20'000).value};
  std::unique_ptr<Blobs> blobs;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) blobs->on_completion(completion);
  }};
};

}  // namespace sotto::blobs::testing
