// One store shared by several modules that each number their own commits: the top octet of a ticket says
// whose it is.
#pragma once

#include <cstdint>

#include "result/check.h"
#include "storage/forwarding_store.h"

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
class TicketSpace final : public ForwardingStore {
 public:
  TicketSpace(Store& shared, std::uint8_t space) : ForwardingStore(shared), space_(space) {}

  StorageResult<void> commit(Batch batch, Ticket ticket) override {
    SOTTO_CHECK(own_ticket(ticket) == ticket);
    return ForwardingStore::commit(std::move(batch),
                                   {ticket.value | std::uint64_t{space_} << kTicketSpaceShift});
  }

 private:
  std::uint8_t space_;
};

}  // namespace sotto::storage
