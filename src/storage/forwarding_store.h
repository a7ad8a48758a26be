// A store in front of another one, for those that change or count only some of the calls.
#pragma once

#include <utility>

#include "storage/store.h"

namespace sotto::storage {

class ForwardingStore : public Store {
 public:
  /// `to` must outlive it; it may still be under construction.
  explicit ForwardingStore(Store& to) : to_(to) {}

  StorageResult<std::optional<Bytes>> get(const Partition& partition, ByteView key) override {
    return to_.get(partition, key);
  }
  StorageResult<Page> scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                           ScanLimits limits) override {
    return to_.scan(partition, from, to, limits);
  }
  StorageResult<PartitionVersion> version(const Partition& partition) override {
    return to_.version(partition);
  }
  StorageResult<void> commit(Batch batch, Ticket ticket) override {
    return to_.commit(std::move(batch), ticket);
  }

 private:
  Store& to_;
};

}  // namespace sotto::storage
