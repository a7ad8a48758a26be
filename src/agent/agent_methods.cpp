// Services Profile, Events and Webhooks: what the agent answers itself.
#include <array>

#include "agent/agent.h"
#include "client/events/event_log.h"

namespace sotto::agent {
namespace {

namespace api = client::api;
using api::CommandResult;
using api::ExitCode;
using api::Failure;
using api::Wait;

/// A passphrase is stretched meanwhile.
constexpr DurationMs kOpening = minutes(1);
/// As the command line has it.
constexpr std::size_t kMaxPassphrase = 1024;

CommandResult<v1::ProfileState> state(Caller& caller, const v1::Nothing&) {
  return caller.agent.profile_state();
}

Wait<v1::ProfileState> opened(Agent& agent) {
  return {.look = [&agent](const v1::Event*) -> std::optional<CommandResult<v1::ProfileState>> {
            if (agent.is_opening()) return std::nullopt;
            if (agent.opening_failure()) return err(*agent.opening_failure());
            return agent.profile_state();
          },
          .deadline = kOpening};
}

CommandResult<Wait<v1::ProfileState>> open(Caller& caller, const v1::Passphrase& request, Agent::Door door) {
  if (request.passphrase().empty() || request.passphrase().size() > kMaxPassphrase) {
    return err(Failure{ExitCode::usage, "a passphrase has 1 to 1024 octets; it protects your keys"});
  }
  if (caller.agent.is_opening()) {
    return err(Failure{ExitCode::locked, "the profile is being opened already; wait for that"});
  }
  caller.agent.unlock(crypto::SecretBytes::copy_of(as_bytes(request.passphrase())), door);
  return opened(caller.agent);
}

CommandResult<Wait<v1::ProfileState>> create(Caller& caller, const v1::Passphrase& request) {
  if (caller.agent.profile_state().stage() != v1::ProfileState::NO_PROFILE) {
    return err(api::failure_of(client::store::StoreError::profile_exists));
  }
  return open(caller, request, Agent::Door::make);
}

CommandResult<Wait<v1::ProfileState>> unlock(Caller& caller, const v1::Passphrase& request) {
  const auto stage = caller.agent.profile_state().stage();
  if (stage == v1::ProfileState::NO_PROFILE) {
    return err(api::failure_of(client::store::StoreError::no_profile));
  }
  // Open already: the passphrase need not be right, so this is no way to try some.
  if (stage == v1::ProfileState::OPEN) return opened(caller.agent);
  return open(caller, request, Agent::Door::existing);
}

CommandResult<v1::ProfileState> lock(Caller& caller, const v1::Nothing&) {
  caller.agent.lock();
  return caller.agent.profile_state();
}

Failure failure_of(client::EventError error) {
  return {ExitCode::usage, std::string(client::describe(error))};
}

Failure failure_of(client::WebhookError error) {
  return {ExitCode::usage, std::string(client::describe(error))};
}

/// Events are of an open profile that was set up.
CommandResult<api::Client*> client_of(Caller& caller) {
  api::Client* client = caller.agent.client();
  if (client == nullptr) return err(Failure{ExitCode::no_profile, "no profile is open; see profile.state"});
  return client;
}

/// A change of the log's bookkeeping, all of it or none.
template <typename Body>
auto change(api::Client& client, Body&& body)
    -> CommandResult<typename std::invoke_result_t<Body, client::store::Database&>::value_type> {
  auto transaction = client::store::Transaction::begin(client.database());
  if (!transaction) return err(api::failure_of(transaction.error()));
  auto value = std::forward<Body>(body)(client.database());
  if (!value) return err(failure_of(value.error()));
  const auto committed = transaction->commit();
  if (!committed) return err(api::failure_of(committed.error()));
  if constexpr (std::is_void_v<typename decltype(value)::value_type>) {
    return {};
  } else {
    return *std::move(value);
  }
}

/// Where a reader goes on. A consumer is made where it is not known.
CommandResult<std::uint64_t> begin_of(api::Client& client, const std::string& consumer,
                                      std::optional<std::uint64_t> since) {
  if (consumer.empty()) return since ? *since : client::event_range(client.database()).newest;
  SOTTO_TRY(const auto known, change(client, [&](client::store::Database& database) {
              return client::open_consumer(database, consumer, client.now());
            }));
  return since ? *since : known.acknowledged();
}

CommandResult<v1::Subscription> subscribe(Caller& caller, const v1::SubscribeRequest& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  Session* session = caller.agent.session(caller.session);
  if (session == nullptr) {
    return err(Failure{ExitCode::usage,
                       "events come over a connection that stays: a WebSocket, or the agent's "
                       "socket; read them with events.read"});
  }
  SOTTO_TRY(const std::uint64_t since,
            begin_of(*client, request.consumer(),
                     request.has_since() ? std::optional(request.since()) : std::nullopt));
  const auto range = client::event_range(client->database());
  v1::Subscription out;
  out.set_since(since);
  out.set_newest(range.newest);
  out.set_oldest(range.oldest);
  out.set_gap(client::has_gap(range, since));
  // A gap is told once, here.
  session->told = out.gap() ? (range.oldest > 0 ? range.oldest - 1 : 0) : since;
  caller.agent.pump_soon();
  return out;
}

CommandResult<v1::Nothing> unsubscribe(Caller& caller, const v1::Nothing&) {
  if (Session* session = caller.agent.session(caller.session)) session->told.reset();
  return v1::Nothing();
}

CommandResult<v1::EventPage> read(Caller& caller, const v1::ReadEventsRequest& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  SOTTO_TRY(const std::uint64_t since,
            begin_of(*client, request.consumer(),
                     request.has_since() ? std::optional(request.since()) : std::nullopt));
  const std::uint32_t limit =
      request.limit() == 0 ? client::kDefaultEvents : std::min(request.limit(), client::kMaxEvents);
  return api::read_in(*client, [&](const client::Self& self) {
    return client::read_events(client->database(), self, since, limit, client->now());
  });
}

CommandResult<v1::Consumer> acknowledge(Caller& caller, const v1::AcknowledgeRequest& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  return change(*client, [&](client::store::Database& database) {
    return client::acknowledge_events(database, request.consumer(), request.sequence(), client->now());
  });
}

v1::ConsumerList list(client::store::Database& database) {
  v1::ConsumerList out;
  for (auto& consumer : client::event_consumers(database)) *out.add_consumers() = std::move(consumer);
  return out;
}

CommandResult<v1::ConsumerList> consumers(Caller& caller, const v1::Nothing&) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  return list(client->database());
}

CommandResult<v1::ConsumerList> forget(Caller& caller, const v1::ConsumerRef& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  SOTTO_CHECK_OK(change(*client, [&](client::store::Database& database) {
    return client::forget_consumer(database, request.name());
  }));
  return list(client->database());
}

v1::WebhookList webhook_list(client::store::Database& database) {
  v1::WebhookList out;
  for (auto& webhook : client::webhooks(database)) *out.add_webhooks() = std::move(webhook);
  return out;
}

CommandResult<v1::WebhookList> list_webhooks(Caller& caller, const v1::Nothing&) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  return webhook_list(client->database());
}

CommandResult<v1::Webhook> add_webhook(Caller& caller, const v1::Webhook& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  return change(*client, [&](client::store::Database& database) {
    return client::add_webhook(database, request, client->random);
  });
}

CommandResult<v1::WebhookList> remove_webhook(Caller& caller, const v1::Webhook& request) {
  SOTTO_TRY(api::Client * client, client_of(caller));
  SOTTO_CHECK_OK(change(*client, [&](client::store::Database& database) {
    return client::remove_webhook(database, request.name());
  }));
  return webhook_list(client->database());
}

}  // namespace

std::span<const api::Method<Caller>> agent_methods() {
  using api::method;
  static const std::array kMethods = {
      method("profile.state", state),
      method("profile.create", create),
      method("profile.unlock", unlock),
      method("profile.lock", lock),
      method("events.subscribe", subscribe),
      method("events.unsubscribe", unsubscribe),
      method("events.read", read),
      method("events.acknowledge", acknowledge),
      method("events.consumers", consumers),
      method("events.forget", forget),
      method("webhooks.list", list_webhooks),
      method("webhooks.add", add_webhook),
      method("webhooks.remove", remove_webhook),
  };
  return kMethods;
}

}  // namespace sotto::agent
