// What the methods of client_service.proto work on: an open client, and how whoever runs it does for it what
// a core cannot do. One thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "client/api/failure.h"
#include "client/attachments/records.h"
#include "client/core.h"
#include "client/previews/error.h"
#include "crypto/random.h"

namespace sotto::client::api {

struct Client {
  Core& core;
  crypto::RandomSource& random;
  std::filesystem::path folder;  ///< the profile's, where files lie
  std::function<UnixMs()> now;
  /// Sends and shows what a command gave.
  std::function<void(Effects)> perform;
  /// There is something new to connect for: tries at once, whatever kept it from trying before.
  std::function<void()> reconnect;
  /// Why the server cannot be reached, in words; empty while it can, or nothing is known.
  std::function<std::string()> hindrance;
  /// Does `work`, which takes long, where nothing waits for it, then `done` on the client's thread.
  std::function<void(std::function<void()> work, std::function<void()> done)> offload;
  /// Takes a file out of those that were handed over in advance; empty if there is none of that name.
  std::function<std::optional<NewFile>(const std::string&)> take_upload;
  /// The JPEG that travels with an own picture, empty where none can be made; no function: none is.
  std::function<Bytes(ByteView picture)> thumbnail = {};
  /// Asks a page for a preview; the second says whether private networks may be asked. No function: none are
  /// made.
  std::function<void(const std::string& url, bool private_addresses,
                     std::function<void(PreviewOutcome)> done)>
      preview = {};

  [[nodiscard]] store::Database& database() const { return core.database(); }
};

/// The registered device, or why there is none. Errors: no_profile.
CommandResult<const Self*> registered(const Core& core);
/// The same, or a device that left its account, or whose account ended: what it received can be read.
CommandResult<const Self*> reader(const Core& core);

/// For a server that was not heard of in time. `then` says what becomes of what was asked for.
Failure not_answered(const Client& client, std::string_view then = {});

/// Runs a command of the core that gives a Result, on a device that need not be anybody's yet. Errors: those
/// of the store and of the command. Precondition: core.self()
template <typename Body>
auto run_on_new_device(Client& client, Body&& body)
    -> CommandResult<typename std::invoke_result_t<Body, Work&>::value_type> {
  auto outcome = client.core.command(client.now(), std::forward<Body>(body));
  if (!outcome) return err(failure_of(outcome.error()));
  client.perform(std::move(outcome->effects));
  if (!outcome->value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(outcome->value.error())>, ComposeError>) {
      return err(failure_of(outcome->value.error(), client.database()));
    } else {
      return err(failure_of(outcome->value.error()));
    }
  }
  if constexpr (std::is_void_v<typename std::invoke_result_t<Body, Work&>::value_type>) {
    return {};
  } else {
    return *std::move(outcome->value);
  }
}

/// The same on a registered device. Errors: also no_profile.
template <typename Body>
auto run_in(Client& client, Body&& body)
    -> CommandResult<typename std::invoke_result_t<Body, Work&>::value_type> {
  SOTTO_CHECK_OK(registered(client.core));
  return run_on_new_device(client, std::forward<Body>(body));
}

/// Reads in one consistent view, whatever other processes write meanwhile.
template <typename Body>
auto read_in(Client& client, Body&& body) -> CommandResult<std::invoke_result_t<Body, const Self&>> {
  SOTTO_TRY(const Self* self, reader(client.core));
  auto transaction = store::Transaction::begin_reading(client.database());
  if (!transaction) return err(failure_of(transaction.error()));
  auto value = std::forward<Body>(body)(*self);
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return value;
}

/// What it was, or the first failure of reading it.
template <typename T>
CommandResult<T> flatten(CommandResult<CommandResult<T>> nested) {
  if (!nested) return err(std::move(nested).error());
  return *std::move(nested);
}

}  // namespace sotto::client::api
