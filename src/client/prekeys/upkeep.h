// Keeps enough fresh prekeys of this device on the server.
#pragma once

#include "client/core/work.h"
#include "session/prekey_ring.h"

namespace sotto::client {

/// A stored ring that does not decode is database_corrupt.
session::PrekeyRing load_ring(store::Database& database);
void save_ring(store::Database& database, const session::PrekeyRing& ring);

/// Uploads a new batch when the old one ages, and repeats an upload that was never confirmed.
void keep_prekeys(Work& work);
/// Somebody used prekeys that this store does not have: one that was restored from an older copy may lack
/// those that the server hands out. Makes new ones, once in a run.
void renew_prekeys(Work& work);
/// The server says how many one-time pairs it has left.
void on_prekeys_remaining(Work& work, std::uint32_t remaining);
void on_prekeys_uploaded(Work& work, const Request& request);
void on_prekeys_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client
