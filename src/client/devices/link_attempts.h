// How often linking failed on this device, and telling the account's other devices who tried.
#pragma once

#include "client/core/work.h"
#include "client/devices/link_runs.h"
#include "linking/attempts.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

linking::LinkAttempts load_attempts(store::Database& database);
void save_attempts(Work& work, const linking::LinkAttempts& attempts);

/// To the other devices of the account, except the one that is being linked.
void tell_devices(Work& work, const OfferRun& run, v1::SyncEvent::LinkAttempt::Outcome outcome);
/// From another device of the account: a Notice.
void on_link_attempt(Work& work, const identity::DeviceId& device, const v1::SyncEvent::LinkAttempt& attempt);

v1::LinkProgress& announce_link(Work& work, v1::LinkProgress::Stage stage);
/// With PAUSED after it, if this failure was one too many.
void announce_link_failure(Work& work, std::string_view failure);

/// A message to the other side; `link` is needed from the trusted device only.
void send_link_message(Work& work, const LinkName& link, const linking::LinkMessage& message);
/// Tells the other side that this one gave up, and the server that the link is over.
void abort_link(Work& work, const LinkName& link);

}  // namespace sotto::client
