// The newest verified manifest of every account that matters here: fetching, verifying, pinning.
#pragma once

#include <optional>

#include "client/core/work.h"
#include "identity/verify.h"
#include "session/incoming.h"

namespace sotto::client {

std::optional<identity::VerifiedManifest> load_manifest(store::Database& database,
                                                        const identity::AccountId& account);
/// Stores a manifest as the newest one known.
void save_manifest(Work& work, const identity::VerifiedManifest& manifest);
/// Of the question what is new in an account's chain.
RequestKey manifests_key(const identity::AccountId& account);
/// A newer version exists: it is fetched before anything more is sent to that account.
void mark_stale(store::Database& database, const identity::AccountId& account);
/// Of the newest verified manifest; 0 when none is known.
std::uint64_t known_version(store::Database& database, const identity::AccountId& account);
/// Whether the log shows the newest manifest known; only such a one is encrypted to. One that the log
/// contradicts is reported, and forgotten if it is a contact's. With `answer`: the log was just asked.
void compare_with_log(Work& work, const Request* answer, const identity::AccountId& account);

/// A device for the session layer, if it stands in the newest verified manifest.
std::optional<session::PeerDevice> peer_device(const identity::VerifiedManifest& manifest,
                                               const identity::DeviceId& device);
std::optional<session::PeerDevice> peer_device(store::Database& database,
                                               const identity::DeviceAddress& address);

/// What this device knows of both manifests.
session::Gossip manifest_gossip(store::Database& database, const identity::AccountId& own,
                                const identity::AccountId& peer);
/// What messages to an account say about both manifests and the log.
session::Gossip gossip_for(Work& work, const identity::AccountId& peer);
/// Compares what a peer said with what is known here: fetches newer manifests, reports forks, takes up what
/// it says about the log.
void compare_gossip(Work& work, const identity::AccountId& peer, const session::Gossip& theirs);

/// Asks for what is newer than the manifest known, unless that was just done or refused.
void fetch_manifests(Work& work, const identity::AccountId& account);
/// Asks for every manifest that something waits for.
void fetch_wanted_manifests(Work& work);
void on_manifests(Work& work, const Request& request, const v1::Manifests& answer);
void on_manifests_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client
