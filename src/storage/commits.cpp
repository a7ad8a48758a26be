#include "storage/commits.h"

namespace sotto::storage {

void Commits::commit(Batch batch, Then then) {
  const Ticket ticket{++last_ticket_};
  // Before the commit, because a store may complete from inside it.
  const auto slot = in_flight_.emplace(ticket.value, std::move(then)).first;
  if (const auto queued = store_.commit(std::move(batch), ticket); !queued) {
    Then refused = std::move(slot->second);
    in_flight_.erase(slot);
    refused(err(queued.error()));
  }
}

void Commits::on_completion(const Completion& completion) {
  auto found = in_flight_.extract(completion.ticket.value);
  if (!found.empty()) found.mapped()(completion.result);
}

}  // namespace sotto::storage
