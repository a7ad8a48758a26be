// Where answers, pushes, time and lost connections of linking go: to the side that runs here.
#pragma once

#include <optional>

#include "client/core/work.h"

namespace sotto::client {

/// An answer to a request of RequestKind::linking, of whatever kind it is, errors included.
void on_linking_answer(Work& work, const Request& request, const v1::ServerFrame& frame);
void on_link_event(Work& work, const v1::LinkEvent& event);
/// Ends runs whose time is over.
void expire_links(Work& work);
void links_disconnected(Work& work);
/// Something here has a deadline: how soon to look again.
std::optional<UnixMs> next_link_tick(const Run& run, UnixMs now);

}  // namespace sotto::client
