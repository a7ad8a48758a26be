// What commands that only read the profile have in common.
#pragma once

#include <string>
#include <utility>

#include "client/conversations/conversation.h"
#include "profile.h"

namespace sotto::cli {

/// Runs `body` in one consistent view, whatever other processes write meanwhile.
template <typename Body>
CommandResult<ExitCode> read_only(Profile& profile, Body&& body) {
  auto transaction = client::store::Transaction::begin_reading(profile.database());
  if (!transaction) return err(failure_of(transaction.error()));
  std::forward<Body>(body)();
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return ExitCode::ok;
}

/// As a person names it. Errors: usage, no_such_user, those of the store.
CommandResult<client::ConversationRow> conversation_named(Profile& profile, const client::Self& self,
                                                          const std::string& typed);

}  // namespace sotto::cli
