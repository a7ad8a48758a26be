#include "client/api/conversations.h"

#include "bytes/hex.h"
#include "client/api/contacts.h"
#include "client/api/messages.h"
#include "client/conversations/commands.h"
#include "client/conversations/history.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "client/sms/numbers.h"
#include "identity/handle.h"

namespace sotto::client::api {
namespace {

using Write = v1::SyncEvent::Write;

/// A draft is a message that is not sent yet; a name is a line.
constexpr std::size_t kMaxName = 256;

CommandResult<v1::Conversation> record_now(Client& client, const std::string& typed) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::Conversation> {
    SOTTO_TRY(const auto conversation, conversation_named(client.database(), self, typed));
    return conversation_record(client.database(), self, conversation, client.now());
  }));
}

/// It is there from now on, said in or not.
CommandResult<v1::Conversation> ensured(Client& client, const std::string& typed) {
  return run_in(client, [&](Work& work) -> Result<v1::Conversation, ComposeError> {
    SOTTO_TRY(const auto conversation, conversation_for(work, typed));
    return conversation_record(work.db, work.self, conversation, work.now);
  });
}

/// The writes that a request asks for.
struct Setting {
  RegisterKind kind;
  std::uint64_t number = 0;
  std::string text = {};
};

std::vector<Setting> settings_in(const v1::SettingsRequest& request) {
  std::vector<Setting> out;
  if (request.has_muted_until_ms()) out.push_back({Write::MUTED_UNTIL, request.muted_until_ms()});
  if (request.has_read_receipts())
    out.push_back({Write::NO_READ_RECEIPTS, request.read_receipts() ? 0U : 1U});
  if (request.has_delivery_receipts()) {
    out.push_back({Write::NO_DELIVERY_RECEIPTS, request.delivery_receipts() ? 0U : 1U});
  }
  if (request.has_typing()) out.push_back({Write::NO_TYPING, request.typing() ? 0U : 1U});
  if (request.has_pinned()) out.push_back({Write::PINNED, request.pinned() ? 1U : 0U});
  if (request.has_blocked()) out.push_back({Write::BLOCKED, request.blocked() ? 1U : 0U});
  if (request.has_name()) out.push_back({Write::NAME, 0, request.name()});
  return out;
}

CommandResult<void> check_line(const std::string& text, std::size_t most) {
  if (text.size() <= most && is_utf8(text)) return {};
  return err(failure_of(text.size() > most ? ComposeError::too_long : ComposeError::not_utf8));
}

}  // namespace

CommandResult<ConversationRecord> conversation_named(store::Database& database, const Self& self,
                                                     const std::string& typed) {
  if (auto conversation = find_conversation(database, self, typed)) return *std::move(conversation);
  const bool other = typed.starts_with(kGroupMark) || sms_number(typed);
  if (!other && !identity::Handle::parse(typed)) return err(failure_of(ComposeError::bad_handle));
  return err(Failure{ExitCode::no_such_user,
                     "there is no conversation with " + typed + "; see `sotto conversations`"});
}

CommandResult<v1::ConversationList> list_conversations(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::ConversationList list;
    for (auto& record : conversation_records(client.database(), self, client.now())) {
      *list.add_conversations() = std::move(record);
    }
    return list;
  });
}

CommandResult<v1::Conversation> get_conversation(Client& client, const v1::ConversationRequest& request) {
  return record_now(client, request.conversation());
}

CommandResult<Wait<v1::Conversation>> open_conversation(Client& client,
                                                        const v1::ConversationRequest& request) {
  SOTTO_TRY(const Self* self, registered(client.core));
  std::vector<std::string> people;
  const std::string& typed = request.conversation();
  if (!find_conversation(client.database(), *self, typed)) people.push_back(typed);
  SOTTO_TRY(auto known, until_known(client, people));
  return followed_by(std::move(known),
                     [&client, typed](const v1::Nothing&) { return ensured(client, typed); });
}

CommandResult<v1::MessagePage> conversation_history(Client& client, const v1::HistoryRequest& request) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::MessagePage> {
    SOTTO_TRY(const auto conversation, conversation_named(client.database(), self, request.conversation()));
    auto page = message_page(client.database(), self, conversation.id, request, client.now());
    if (!page) return err(failure_of(page.error()));
    return *std::move(page);
  }));
}

CommandResult<v1::Conversation> mark_read(Client& client, const v1::ConversationRequest& request) {
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return read_conversation(work, request.conversation()); }));
  return record_now(client, request.conversation());
}

CommandResult<bool> signal_typing(Client& client, const v1::TypingRequest& request) {
  return run_in(client, [&](Work& work) {
    return client::signal_typing(work, request.conversation(), request.active());
  });
}

CommandResult<v1::Nothing> set_typing(Client& client, const v1::TypingRequest& request) {
  SOTTO_CHECK_OK(signal_typing(client, request));
  return v1::Nothing();
}

CommandResult<v1::Message> say_timer(Client& client, const v1::TimerRequest& request) {
  if (request.seconds() > kLongestTimer.value / 1000) return err(failure_of(ComposeError::bad_lifetime));
  SOTTO_TRY(const auto id, run_in(client, [&](Work& work) {
              return client::set_timer(work, request.conversation(), seconds(request.seconds()));
            }));
  SOTTO_TRY(auto message, own_message(client, to_hex(id)));
  if (!message) return err(failure_of(ComposeError::no_message));
  return *std::move(message);
}

CommandResult<v1::Conversation> set_timer(Client& client, const v1::TimerRequest& request) {
  SOTTO_CHECK_OK(say_timer(client, request));
  return record_now(client, request.conversation());
}

CommandResult<v1::Conversation> change_settings(Client& client, const v1::SettingsRequest& request) {
  const auto settings = settings_in(request);
  SOTTO_CHECK_OK(check_line(request.name(), kMaxName));
  if (settings.empty()) return record_now(client, request.conversation());
  return run_in(client, [&](Work& work) -> Result<v1::Conversation, ComposeError> {
    v1::Conversation record;
    for (const Setting& setting : settings) {
      SOTTO_TRY(record,
                set_register(work, request.conversation(), setting.kind, setting.number, setting.text));
    }
    return record;
  });
}

CommandResult<v1::Conversation> set_draft(Client& client, const v1::DraftRequest& request) {
  SOTTO_CHECK_OK(check_line(request.text(), kMaxText));
  return run_in(client, [&](Work& work) {
    return set_register(work, request.conversation(), Write::DRAFT, 0, request.text());
  });
}

}  // namespace sotto::client::api
