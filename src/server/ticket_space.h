// One store shared by several modules that each number their own commits: the top octet of a ticket says
// whose it is.
#pragma once

#include <cstdint>

#include "result/check.h"
#include "storage/store.h"

namespace sotto::server {

inline constexpr int kTicketSpaceShift = 56;

/// Which module a completion belongs to.
constexpr std::uint8_t ticket_space(storage::Ticket ticket) {
  return static_cast<std::uint8_t>(ticket.value >> kTicketSpaceShift);
}

/// The ticket as the module chose it.
constexpr storage::Ticket own_ticket(storage::Ticket ticket) {
  return {ticket.value & ((std::uint64_t{1} << kTicketSpaceShift) - 1)};
}

/// A module's view of the shared store.
class TicketSpace final : public storage::Store {
 public:
  TicketSpace(storage::Store& shared, std::uint8_t space) : shared_(shared), space_(space) {}

  storage::StorageResult<std::optional<Bytes>> get(const storage::Partition& partition,
                                                   ByteView key) override {
    return shared_.get(partition, key);
  }
  storage::StorageResult<storage::Page> scan(const storage::Partition& partition, ByteView from,
                                             std::optional<ByteView> to,
                                             storage::ScanLimits limits) override {
    return shared_.scan(partition, from, to, limits);
  }
  storage::StorageResult<storage::PartitionVersion> version(const storage::Partition& partition) override {
    return shared_.version(partition);
  }
  storage::StorageResult<void> commit(storage::Batch batch, storage::Ticket ticket) override {
    SOTTO_CHECK(own_ticket(ticket) == ticket);
    return shared_.commit(std::move(batch), {ticket.value | std::uint64_t{space_} << kTicketSpaceShift});
  }

 private:
  storage::Store& shared_;
  std::uint8_t space_;
};

}  // namespace sotto::server
