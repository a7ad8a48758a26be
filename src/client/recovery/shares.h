// Being somebody's recovery contact: keeping a share, and giving it back to whoever its owner turns out to be
// (docs/specs/recovery.md 3, 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/core/work.h"
#include "client/recovery/error.h"
#include "recovery/share.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

void take_share(Work& work, const identity::AccountId& owner, const v1::RecoveryMessage::Share& message);
void take_withdrawal(Work& work, const identity::AccountId& owner,
                     const v1::RecoveryMessage::Withdraw& message);
void answer_share_drill(Work& work, const identity::AccountId& owner,
                        const v1::RecoveryMessage::Drill& message);
/// A device of the owner refuses a request, which may not have come here yet.
void take_veto(Work& work, const identity::AccountId& owner, const v1::RecoveryMessage::Veto& message);

/// For showing before anything is done.
struct RecoveryRequestSummary {
  std::string handle;
  std::string fingerprint;
};
RecoveryOutcome<RecoveryRequestSummary> summarize_recovery_request(std::string_view armored_request);

struct Release {
  UnixMs not_before;                   ///< when the share may be given
  std::optional<std::string> armored;  ///< the share, once it may
};
/// The first call tells the owner's devices and begins the delay; a later one gives the share. Errors:
/// not_registered, bad_request, no_share, vetoed, not_connected, not_told.
RecoveryOutcome<Release> release_share(Work& work, std::string_view armored_request);

}  // namespace sotto::client
