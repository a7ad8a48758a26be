// What one input to the core works with. Everything in it lives until the input's transaction ends.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "client/accounts/self.h"
#include "client/core/effects.h"
#include "client/core/link.h"
#include "client/devices/link_runs.h"
#include "client/groups/histories.h"
#include "client/recovery/runs.h"
#include "client/sessions/peers.h"
#include "client/store/database.h"
#include "client/transparency/known_log.h"
#include "clock/clock.h"
#include "crypto/random.h"
#include "session/content_signature.h"

namespace sotto::client {

/// From one opening of the store to the next. A store that was restored from an older copy does not know
/// which numbers it used, so each run numbers anew (docs/specs/session-protocol.md 6).
struct Run {
  std::optional<UnixMs> opened;                ///< first input
  std::set<session::ConversationId> numbered;  ///< conversations that have numbers of this run
  RecoveryRuns recovery;
  bool prekeys_renewed = false;  ///< because somebody used ones that this store does not have
  LinkRuns linking;
  std::optional<UnixMs> audited;  ///< the last self-audit began
  bool account_to_audit = false;
  std::set<std::string> handles_to_audit;
  bool fork_told = false;
  Histories histories;
  std::map<std::pair<groups::GroupId, identity::AccountId>, UnixMs> asked_about_groups;
  UnixMs asked_guardian;  ///< for its policy; 0: not yet
};

struct Work {
  store::Database& db;
  crypto::RandomSource& random;
  UnixMs now;
  Self& self;
  Link& link;
  Run& run;
  Effects& effects;
  Peers& peers;
  KnownLog& log;
};

/// Adds a Problem event.
void report_problem(Work& work, v1::Problem::Code code, std::string_view detail,
                    std::string_view subject = {});

}  // namespace sotto::client
