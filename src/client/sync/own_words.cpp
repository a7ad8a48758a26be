#include "client/sync/own_words.h"

#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/outbox/queue.h"

namespace sotto::client {

void tell_own_devices(Work& work, v1::Content& content, const std::optional<identity::DeviceId>& device) {
  const auto own = work.self.account_id();
  const auto manifest = load_manifest(work.db, own);
  if (!manifest || manifest->manifest().devices.size() < 2) return;
  const auto authored = author_content(work, own, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = own, .device = device, .message = {}}, authored);
}

}  // namespace sotto::client
