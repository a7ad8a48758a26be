// Handing wire octets to the server: one submission in flight per account, so that each device's order holds.
#pragma once

#include "client/core/work.h"

namespace sotto::client {

/// What fits one submission.
struct SubmitRoom {
  std::uint32_t envelopes = 0;
  std::size_t octets = 0;
};
SubmitRoom submit_room(const Work& work);
RequestKey submit_key(const identity::AccountId& account);

void submit_encrypted(Work& work);
void on_submitted(Work& work, const Request& request, const v1::Submitted& answer);
void on_submit_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client
