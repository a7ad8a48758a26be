// One store shared by several modules that each number their own commits: the top octet of a ticket says
// whose it is.
#pragma once

#include <cstdint>

#include "result/check.h"
#include "storage/store.h"

namespace sotto::storage {

inline constexpr int kTicketSpaceShift = 56;

/// Which module a completion belongs to.
constexpr std::uint8_t ticket_space(Ticket ticket) {
  return static_cast<std::uint8_t>(ticket.value >> kTicketSpaceShift);
}

/// The ticket as the module chose it.
constexpr Ticket own_ticket(Ticket ticket) {
  return {ticket.value & ((std::uint64_t{1} << kTicketSpaceShift) - 1)};
}

/// A module's view of the shared store.
class TicketSpace final : public Store {
 public:
  TicketSpace(Store& shared, std::uint8_t space) : shared_(shared), space_(space) {}

  StorageResult<std::optional<Bytes>> get(const Partition& partition, ByteView key) override {
    return shared_.get(partition, key);
  }
  StorageResult<Page> scan(const Partition& partition, ByteView from, std::optional<ByteView> to,
                           ScanLimits limits) override {
    return shared_.scan(partition, from, to, limits);
  }
  StorageResult<PartitionVersion> version(const Partition& partition) override {
    return shared_.version(partition);
  }
  StorageResult<void> commit(Batch batch, Ticket ticket) override {
    SOTTO_CHECK(own_ticket(ticket) == ticket);
    return shared_.commit(std::move(batch), {ticket.value | std::uint64_t{space_} << kTicketSpaceShift});
  }

 private:
  Store& shared_;
  std::uint8_t space_;
};

}  // namespace sotto::storage
