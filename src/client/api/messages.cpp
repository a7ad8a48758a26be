#include "client/api/messages.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/api/conversations.h"
#include "client/api/files.h"
#include "client/attachments/transfers.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/commands.h"
#include "client/conversations/forward.h"
#include "client/conversations/history.h"
#include "client/conversations/markup.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "client/search/search.h"
#include "identity/handle.h"

namespace sotto::client::api {
namespace {

Failure usage(std::string words) { return {ExitCode::usage, std::move(words)}; }

v1::Text text_of(const std::string& typed, bool markup) {
  if (markup) return parse_markup(typed);
  v1::Text text;
  text.set_body(typed);
  return text;
}

CommandResult<v1::Content> checked(Result<v1::Content, KindError> content) {
  if (!content) return err(failure_of(content.error()));
  return *std::move(content);
}

/// What needs no bounds of its own beside those of an entry.
CommandResult<v1::Content> checked_entry(v1::Content content, std::string_view wrong) {
  if (!entry_of(content)) return err(usage(std::string(wrong)));
  return content;
}

CommandResult<v1::Content> content_of(const v1::SendRequest& request, UnixMs now) {
  const int instead = (request.has_location() ? 1 : 0) + (request.has_poll() ? 1 : 0) +
                      (request.has_contact_card() ? 1 : 0) + (request.has_sticker() ? 1 : 0) +
                      (request.has_voice_note() ? 1 : 0) + (request.text().empty() ? 0 : 1);
  if (instead > 1) return err(usage("a message is a text or one of the other kinds, not several of them"));
  v1::Content content;
  if (request.has_location()) {
    const UnixMs until{request.location().live_until_ms()};
    if (until.value > 0 && until <= now) return err(failure_of(KindError::bad_location));
    return checked(
        location_content(request.location(), until.value > 0 ? elapsed(now, until) : DurationMs{}, now));
  }
  if (request.has_poll()) return checked(poll_content(request.poll()));
  if (request.has_contact_card()) return checked(card_content(request.contact_card()));
  if (request.has_sticker()) {
    if (request.files_size() != 1) return err(usage("a sticker goes with one file: the picture"));
    return checked(sticker_content(request.sticker()));
  }
  if (request.has_voice_note()) {
    *content.mutable_voice_note() = request.voice_note();
    if (request.files_size() != 1) return err(usage("a voice note goes with one file: the recording"));
    return checked_entry(std::move(content), "the waveform of a voice note has at most 64 octets");
  }
  v1::Text text = text_of(request.text(), request.markup());
  if (request.has_preview()) return checked(text_with_preview(std::move(text), request.preview()));
  *content.mutable_text() = std::move(text);
  return content;
}

CommandResult<Requirement> requirement_of(const std::string& typed) {
  if (typed.empty()) return Requirement();
  const auto requirement = parse_requirement(typed);
  if (requirement) return *requirement;
  return err(usage("--require takes pq>=2 or pq>=3, verified, or both: --require pq>=3,verified"));
}

CommandResult<EntryOptions> options_of(const v1::SendRequest& request) {
  EntryOptions out{
      .reply_to = request.reply_to(), .lifetime = {}, .without_guests = request.without_guests()};
  out.with_files = request.files_size() > 0;
  SOTTO_TRY(out.requirement, requirement_of(request.require()));
  if (request.expires_in_s() > kLongestTimer.value / 1000) return err(failure_of(ComposeError::bad_lifetime));
  if (request.expires_in_s() > 0) out.lifetime = seconds(request.expires_in_s());
  return out;
}

std::optional<std::int64_t> row_of(store::Database& database, const session::MessageId& id) {
  store::Rows rows = database.query("SELECT id FROM message WHERE msg_id = ?1 AND outgoing = 1", id);
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

CommandResult<v1::Message> message_now(Client& client, std::int64_t row) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::Message> {
    auto record = message_record(client.database(), self, row);
    if (!record) return err(failure_of(ComposeError::no_message));
    return *std::move(record);
  }));
}

/// Says something about a message, which is shown as it is then.
template <typename Body>
CommandResult<v1::Message> about(Client& client, Body&& body) {
  SOTTO_TRY(const std::int64_t row, run_in(client, std::forward<Body>(body)));
  return message_now(client, row);
}

/// A command of two steps: the message named, then what is said about it.
template <typename Request, typename Body>
CommandResult<v1::Message> about_kind(Client& client, const Request& request, Whose whose, Body&& body) {
  std::optional<KindError> wrong;
  auto done = about(client, [&](Work& work) -> Result<std::int64_t, ComposeError> {
    SOTTO_TRY(const auto message, open_message(work, request.conversation(), request.message_id(), whose));
    const Result<void, KindError> said = body(work, message);
    if (!said) wrong = said.error();
    return message.row;
  });
  if (wrong) return err(failure_of(*wrong));
  return done;
}

CommandResult<identity::AccountId> sender_named(store::Database& database, const Self& self,
                                                const std::string& typed) {
  const auto handle = identity::Handle::parse(typed);
  if (handle && is_own_handle(database, self, handle->text())) return self.account_id();
  const auto contact = find_named(database, typed);
  if (contact && contact->account) return *contact->account;
  if (!handle) return err(failure_of(ComposeError::bad_handle));
  return err(Failure{ExitCode::no_such_user,
                     "nobody here is called " + handle->text() + "; see `sotto conversations`"});
}

CommandResult<SearchFilter> filter_of(store::Database& database, const Self& self,
                                      const v1::SearchRequest& request) {
  SearchFilter filter;
  if (!request.conversation().empty()) {
    SOTTO_TRY(const auto conversation, conversation_named(database, self, request.conversation()));
    filter.conversation = conversation.id;
  }
  if (!request.sender().empty()) {
    SOTTO_TRY(filter.sender, sender_named(database, self, request.sender()));
  }
  filter.since = {std::min(request.since_ms(), SearchFilter::kLatestSearchedMs)};
  if (request.until_ms() > 0) filter.until = {std::min(request.until_ms(), SearchFilter::kLatestSearchedMs)};
  for (const int kind : request.kinds()) {
    if (!v1::Message::Kind_IsValid(kind)) return err(usage("there is no such kind of message"));
    filter.kinds.push_back(static_cast<v1::Message::Kind>(kind));
  }
  filter.has_files = request.has_files();
  return filter;
}

/// An address that is asked only if the user says so is told apart from what no word of theirs would change.
Failure failure_of_preview(PreviewError error) {
  return {error == PreviewError::private_address ? ExitCode::refused : ExitCode::failed,
          std::string(describe(error))};
}

}  // namespace

CommandResult<Outgoing> outgoing(Client& client, const v1::SendRequest& request) {
  Outgoing out;
  SOTTO_TRY(out.content, content_of(request, client.now()));
  SOTTO_TRY(out.options, options_of(request));
  SOTTO_TRY(out.files, files_of(client, request));
  if (out.content.has_sticker() && !out.files.front().mime.starts_with("image/"))
    return err(usage("a sticker is a picture: PNG, JPEG, WebP or GIF"));
  return out;
}

CommandResult<void> check_outgoing(const v1::SendRequest& request, UnixMs now) {
  SOTTO_CHECK_OK(content_of(request, now));
  SOTTO_CHECK_OK(options_of(request));
  return {};
}

CommandResult<std::optional<v1::Message>> own_message(Client& client, const std::string& message_id) {
  const auto id = from_hex(message_id);
  if (!id || id->size() != std::tuple_size_v<session::MessageId>)
    return err(failure_of(ComposeError::no_message));
  return read_in(client, [&](const Self& self) {
    const auto row = row_of(client.database(), to_array<16>(*id));
    return row ? message_record(client.database(), self, *row) : std::nullopt;
  });
}

CommandResult<v1::Message> send_message(Client& client, const v1::SendRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  SOTTO_TRY(Outgoing out, outgoing(client, request));
  SOTTO_TRY(const auto id, run_in(client, [&](Work& work) {
              if (out.content.has_text()) resolve_mentions(work, *out.content.mutable_text());
              if (out.files.empty())
                return send_entry(work, request.conversation(), out.content, out.options);
              return send_files(work, request.conversation(), out.content, out.options, out.files);
            }));
  const auto row = row_of(client.database(), id);
  if (!row) return err(failure_of(ComposeError::no_message));
  return message_now(client, *row);
}

CommandResult<v1::Message> get_message(Client& client, const v1::MessageRequest& request) {
  // Naming a message as a person types it is a function of Work; it writes nothing.
  SOTTO_TRY(const auto named, run_in(client, [&](Work& work) {
              return named_message(work, request.conversation(), request.message_id(), Whose::anybody);
            }));
  return message_now(client, named.row);
}

CommandResult<v1::Message> edit_message(Client& client, const v1::EditRequest& request) {
  v1::Text text = text_of(request.text(), request.markup());
  return about(client, [&](Work& work) {
    resolve_mentions(work, text);
    return client::edit_message(work, request.conversation(), request.message_id(), text);
  });
}

CommandResult<v1::Message> unsend_message(Client& client, const v1::MessageRequest& request) {
  return about(client, [&](Work& work) {
    return client::unsend_message(work, request.conversation(), request.message_id());
  });
}

CommandResult<v1::Nothing> erase_message(Client& client, const v1::MessageRequest& request) {
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) {
    return client::erase_message(work, request.conversation(), request.message_id());
  }));
  return v1::Nothing();
}

CommandResult<v1::Message> react(Client& client, const v1::ReactRequest& request) {
  return about(client, [&](Work& work) {
    return client::react(work, request.conversation(), request.message_id(), request.emoji());
  });
}

CommandResult<v1::Message> pin(Client& client, const v1::PinRequest& request) {
  return about_kind(client, request, Whose::anybody,
                    [&](Work& work, const NamedMessage& message) -> Result<void, KindError> {
                      client::pin(work, message, request.pinned());
                      return {};
                    });
}

CommandResult<v1::Message> vote(Client& client, const v1::VoteRequest& request) {
  return about_kind(client, request, Whose::anybody, [&](Work& work, const NamedMessage& message) {
    return client::vote(work, message, {request.options().begin(), request.options().end()});
  });
}

CommandResult<v1::Message> close_poll(Client& client, const v1::MessageRequest& request) {
  return about_kind(client, request, Whose::own, [](Work& work, const NamedMessage& message) {
    return client::close_poll(work, message);
  });
}

CommandResult<v1::Message> move_location(Client& client, const v1::MoveLocationRequest& request) {
  std::optional<v1::Location> location;
  if (request.has_location()) location = request.location();
  return about_kind(client, request, Whose::own, [&](Work& work, const NamedMessage& message) {
    return client::move_location(work, message, location);
  });
}

CommandResult<v1::MessageList> search_messages(Client& client, const v1::SearchRequest& request) {
  if (!is_utf8(request.words())) return err(usage("what is looked for is not UTF-8"));
  const std::uint32_t limit = request.limit() == 0 ? kDefaultPage : std::min(request.limit(), kMaxPage);
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<v1::MessageList> {
    SOTTO_TRY(const auto filter, filter_of(client.database(), self, request));
    v1::MessageList list;
    for (auto& message : search(client.database(), self, request.words(), filter, limit, client.now())) {
      *list.add_messages() = std::move(message);
    }
    return list;
  }));
}

CommandResult<Wait<v1::LinkPreview>> preview_page(Client& client, const v1::PreviewRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  if (!client.preview) return err(Failure{ExitCode::failed, "no previews are made here"});
  const auto outcome = std::make_shared<std::optional<PreviewOutcome>>();
  client.preview(request.url(), request.private_addresses(),
                 [outcome](PreviewOutcome made) { *outcome = std::move(made); });
  return Wait<v1::LinkPreview>{
      .look = [outcome](const v1::Event*) -> std::optional<CommandResult<v1::LinkPreview>> {
        if (!*outcome) return std::nullopt;
        if (!**outcome) return err(failure_of_preview((*outcome)->error()));
        return ***outcome;
      }};
}

CommandResult<v1::Message> forward_message(Client& client, const v1::ForwardRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  EntryOptions options{.reply_to = {}, .lifetime = {}, .without_guests = request.without_guests()};
  SOTTO_TRY(options.requirement, requirement_of(request.require()));
  SOTTO_TRY(const auto id, run_in(client, [&](Work& work) {
              return client::forward_message(work, request.conversation(), request.message_id(), request.to(),
                                             options);
            }));
  const auto row = row_of(client.database(), id);
  if (!row) return err(failure_of(ComposeError::no_message));
  return message_now(client, *row);
}

CommandResult<v1::Scheduled> schedule(Client& client, const v1::SendRequest& request) {
  if (request.files_size() > 0) return err(usage("a message that is sent later goes without files"));
  if (!request.require().empty() || request.expires_in_s() > 0 || !request.reply_to().empty()) {
    return err(
        usage("a message that is sent later answers none, makes no demands and disappears as its "
              "conversation's messages do: schedule it without reply_to, require and expires_in_s"));
  }
  SOTTO_TRY(const v1::Content content, content_of(request, client.now()));
  SOTTO_TRY(const auto conversation,
            run_in(client, [&](Work& work) -> Result<ConversationRecord, ComposeError> {
              if (content.has_text()) SOTTO_CHECK_OK(check_text(content.text()));
              return conversation_for(work, request.conversation());
            }));
  return run_in(client, [&](Work& work) {
    return schedule_entry(work, conversation, content, UnixMs{request.due_ms()});
  });
}

CommandResult<v1::ScheduledList> list_scheduled(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::ScheduledList list;
    for (auto& scheduled : scheduled_records(client.database(), self)) {
      *list.add_scheduled() = std::move(scheduled);
    }
    return list;
  });
}

CommandResult<v1::Scheduled> withdraw_scheduled(Client& client, const v1::MessageRequest& request) {
  return run_in(client, [&](Work& work) { return client::cancel_scheduled(work, request.message_id()); });
}

CommandResult<v1::Nothing> cancel_scheduled(Client& client, const v1::MessageRequest& request) {
  SOTTO_CHECK_OK(withdraw_scheduled(client, request));
  return v1::Nothing();
}

}  // namespace sotto::client::api
