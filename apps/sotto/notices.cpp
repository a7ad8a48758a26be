#include "notices.h"

#include "client/accounts/notices.h"

namespace sotto::cli {

CommandResult<void> print_notices(Profile& profile, const Output& output) {
  const auto unshown = client::unshown_notices(profile.database());
  if (const auto failure = profile.database().take_failure()) return err(failure_of(*failure));
  if (unshown.empty()) return {};
  for (const auto& [row, notice] : unshown) output.notice(notice);
  auto transaction = client::store::Transaction::begin(profile.database());
  if (!transaction) return err(failure_of(transaction.error()));
  client::mark_notices_shown(profile.database(), unshown.back().first);
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return {};
}

}  // namespace sotto::cli
