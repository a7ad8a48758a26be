#include "reading.h"

#include "identity/handle.h"

namespace sotto::cli {

CommandResult<client::ConversationRow> conversation_named(Profile& profile, const client::Self& self,
                                                          const std::string& typed) {
  const auto conversation = client::find_conversation(profile.database(), self, typed);
  if (const auto failure = profile.database().take_failure()) return err(failure_of(*failure));
  if (conversation) return conversation->id;
  if (!identity::Handle::parse(typed)) return err(failure_of(client::ComposeError::bad_handle));
  return err(Failure{ExitCode::no_such_user,
                     "there is no conversation with " + typed + "; see `sotto conversations`"});
}

}  // namespace sotto::cli
