// What the owner's devices hear about recovery: contacts that are asked for shares, contacts that still have
// theirs, and lists of devices that the recovery key authored or that name another one.
#pragma once

#include "client/core/work.h"
#include "client/recovery/error.h"
#include "identity/verify.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// A contact was asked for its share.
void take_alarm(Work& work, const identity::AccountId& contact,
                const v1::RecoveryMessage::Requested& message);
/// A contact has its share.
void take_confirmation(Work& work, const identity::AccountId& contact,
                       const v1::RecoveryMessage::Kept& message);
/// Tells every contact that what it was asked is not the owner's wish. Gives how many requests there were.
/// Errors: not_registered, nothing_asked.
RecoveryOutcome<std::size_t> veto_recovery(Work& work);

/// A verified own manifest became the newest one known here: notices, and new slots when a device left.
void note_recovery_in_manifest(Work& work, const identity::VerifiedManifest& before,
                               const identity::VerifiedManifest& newest);

}  // namespace sotto::client
