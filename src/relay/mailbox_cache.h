// The mailboxes in memory: loaded at first use, kept while anything needs them, then the longest unused one
// goes first. So the cost of a message depends neither on how many devices exist nor on how much waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "relay/delivery.h"
#include "relay/mailbox.h"

namespace sotto::relay {

/// A mailbox in memory. While `pins` is above zero it stays, at the same address.
struct Box {
  explicit Box(Mailbox loaded) : mailbox(std::move(loaded)) {}

  Mailbox mailbox;
  std::unique_ptr<Delivery> delivery;  ///< while the device is connected
  std::uint32_t pins = 0;              ///< batches in flight, queues it stands in, a connected device
  bool delivery_due = false;
  bool trim_due = false;
  std::list<DeviceAddress>::iterator idle;  ///< its place among the unused, while pins is zero
};

class MailboxCache {
 public:
  MailboxCache(storage::Store& store, std::size_t max_idle) : store_(store), max_idle_(max_idle) {}

  /// Pinned once more: the caller owes an unpin().
  RelayResult<Box*> open(const DeviceAddress& address);
  /// Null when it is not in memory. Not pinned.
  [[nodiscard]] Box* find(const DeviceAddress& address);
  void pin(Box& box);
  /// May destroy the box, if too many are unused.
  void unpin(Box& box);

  [[nodiscard]] std::size_t size() const { return boxes_.size(); }
  [[nodiscard]] std::uint64_t loads() const { return loads_; }

 private:
  struct AddressHash {
    std::size_t operator()(const DeviceAddress& address) const noexcept;
  };

  storage::Store& store_;
  std::size_t max_idle_;
  std::unordered_map<DeviceAddress, std::unique_ptr<Box>, AddressHash> boxes_;
  std::list<DeviceAddress> idle_;  ///< longest unused first
  std::uint64_t loads_ = 0;
};

/// Holds one pin; released when it dies.
class PinnedBox {
 public:
  PinnedBox(MailboxCache& cache, Box& opened) : cache_(&cache), box_(&opened) {}
  PinnedBox(PinnedBox&& other) noexcept : cache_(other.cache_), box_(std::exchange(other.box_, nullptr)) {}
  PinnedBox& operator=(PinnedBox&&) = delete;
  PinnedBox(const PinnedBox&) = delete;
  PinnedBox& operator=(const PinnedBox&) = delete;
  ~PinnedBox() {
    if (box_ != nullptr) cache_->unpin(*box_);
  }

  Box& operator*() const { return *box_; }
  Box* operator->() const { return box_; }

 private:
  MailboxCache* cache_;
  Box* box_;
};

}  // namespace sotto::relay
