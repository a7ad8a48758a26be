#include "delivery.h"

#include <chrono>
#include <thread>

#include "client/contacts/changed_key.h"
#include "client/contacts/contact_records.h"
#include "client/outbox/queue.h"

namespace sotto::cli {
namespace {

/// After the server has it: time for answers to what arrived meanwhile.
constexpr DurationMs kSettle = seconds(2);
/// How often to look when another process holds the connection.
constexpr std::chrono::milliseconds kPoll{50};

/// What keeps everything, or everything to this recipient, from being sent until a person acts.
const v1::Problem* stopped(const Connection& connection) {
  for (const auto code :
       {v1::Problem::ACCOUNT_KEY_CHANGED, v1::Problem::LOG_FORKED, v1::Problem::LOG_DISPUTED,
        v1::Problem::LOG_PROOF_REFUSED, v1::Problem::LOG_STALE, v1::Problem::WITNESSES_MISSING}) {
    if (const auto* problem = connection.problem(code)) return problem;
  }
  return nullptr;
}

/// The server lets what is left wait for hours, because this account wrote to many: nothing else is under
/// way.
const v1::Problem* held_back(const Connection& connection, Profile& profile) {
  const auto* problem = connection.problem(v1::Problem::FIRST_CONTACT_LIMITED);
  return problem != nullptr && profile.core().settled() ? problem : nullptr;
}

}  // namespace

std::optional<Failure> wait_until(Profile& profile, const Output& output, DurationMs wait,
                                  const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait.value);
  const auto remaining = [&deadline] {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    return DurationMs{left > 0 ? static_cast<std::uint64_t>(left) : 0};
  };
  while (remaining().value > 0) {
    auto connection = Connection::open(profile, output, {}, {});
    if (connection) {
      auto& runtime = (*connection)->runtime();
      const auto end = runtime.run(remaining(), [&] {
        return done() || stopped(**connection) != nullptr || held_back(**connection, profile) != nullptr;
      });
      const auto* problem = stopped(**connection);
      const auto* held = held_back(**connection, profile);
      if (problem != nullptr && !done()) return Failure{ExitCode::refused, problem->detail()};
      if (held != nullptr && !done()) return Failure{ExitCode::queued, held->detail()};
      if (end != client::RunEnd::condition) return (*connection)->explain(end, profile.server_name());
      runtime.run(kSettle, [&] { return profile.core().settled(); });
      runtime.close();
      return std::nullopt;
    }
    if (connection.error().code != ExitCode::locked) return connection.error();
    if (done()) return std::nullopt;
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

std::optional<Failure> stopped_by_changed_key(Profile& profile, const std::string& user) {
  const auto contact = client::find_called(profile.database(), user);
  if (!contact || !contact->changed) return std::nullopt;
  const bool again = contact->known_key == client::KnownKey::again;
  return Failure{ExitCode::refused, std::string(again ? client::kKnownKeyAgain : client::kChangedKey)};
}

std::optional<Failure> wait_until_all_sent(Profile& profile, const Output& output, DurationMs wait) {
  return wait_until(profile, output, wait, [&] { return client::unsent(profile.database()) == 0; });
}

}  // namespace sotto::cli
