// Bugs put in on purpose, to prove that the simulator finds their kind. They work on what the product stores
// and sends, from outside: the product's code contains none of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "bytes/bytes.h"
#include "client/store/database.h"
#include "identity/ids.h"
#include "transport/http.h"

namespace sotto::simulation {

/// The device no longer knows which envelopes and contents it has accepted.
void forget_accepted_messages(client::store::Database& database);
/// Its ratchets stand again where they stood in `before`, a snapshot: the next messages use their keys again.
void put_back_sessions(client::store::Database& database, ByteView before);

/// Newest version of an account's manifest at the server, if there is such an account.
using NewestManifest = std::function<std::optional<std::uint64_t>(const identity::AccountId&)>;
/// A ClientFrame as it came, but any submission in it claims to know the newest manifest.
Bytes with_newest_manifest(ByteView frame, const NewestManifest& newest);

/// The answer that a server gives for the last octets of a blob; empty if these are others.
std::optional<transport::HttpResponse> acknowledgement_of_end(const transport::HttpRequest& request);

}  // namespace sotto::simulation
