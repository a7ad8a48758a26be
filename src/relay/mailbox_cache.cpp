#include "relay/mailbox_cache.h"

#include <utility>

#include "result/check.h"

namespace sotto::relay {

std::size_t MailboxCache::AddressHash::operator()(const DeviceAddress& address) const noexcept {
  return std::hash<AccountId>{}(address.account) * 31 + std::hash<DeviceId>{}(address.device);
}

RelayResult<Box*> MailboxCache::open(const DeviceAddress& address) {
  if (Box* box = find(address)) {
    pin(*box);
    return box;
  }
  SOTTO_TRY(Mailbox mailbox, Mailbox::load(store_, address));
  ++loads_;
  auto box = std::make_unique<Box>(std::move(mailbox));
  box->pins = 1;
  return boxes_.emplace(address, std::move(box)).first->second.get();
}

Box* MailboxCache::find(const DeviceAddress& address) {
  const auto found = boxes_.find(address);
  return found == boxes_.end() ? nullptr : found->second.get();
}

void MailboxCache::pin(Box& box) {
  if (box.pins++ == 0) idle_.erase(box.idle);
}

void MailboxCache::unpin(Box& box) {
  SOTTO_CHECK(box.pins > 0);
  if (--box.pins > 0) return;
  box.idle = idle_.insert(idle_.end(), box.mailbox.address());
  if (idle_.size() <= max_idle_) return;
  boxes_.erase(idle_.front());
  idle_.pop_front();
}

}  // namespace sotto::relay
