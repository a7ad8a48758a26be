#include "client/devices/link_requests.h"

#include "client/accounts/password.h"
#include "client/devices/link_join.h"
#include "client/devices/link_offer.h"

namespace sotto::client {
namespace {

constexpr DurationMs kLinkPoll = seconds(1);

}  // namespace

void on_linking_answer(Work& work, const Request& request, const v1::ServerFrame& frame) {
  work.link.succeeded(request.key);
  const auto step = static_cast<LinkStep>(request.key.subject.front());
  if (step == LinkStep::set_password) return on_password_answer(work, frame);
  if (work.self.stage == v1::Status::WAITING_FOR_LINK) return on_join_answer(work, step, frame);
  on_offer_answer(work, step, frame);
}

void on_link_event(Work& work, const v1::LinkEvent& event) {
  if (work.self.stage == v1::Status::WAITING_FOR_LINK) return on_join_event(work, event);
  if (work.link.ready()) on_offer_event(work, event);
}

void expire_links(Work& work) {
  expire_join(work);
  expire_offer(work);
}

void links_disconnected(Work& work) {
  join_disconnected(work);
  offer_disconnected(work);
}

std::optional<UnixMs> next_link_tick(const Run& run, UnixMs now) {
  if (!run.linking.offer && !run.linking.join) return std::nullopt;
  return now + kLinkPoll;
}

}  // namespace sotto::client
