// An answer that is not there yet: it comes with an event, or with what another input makes of the store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "client/api/failure.h"
#include "clock/clock.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client::api {

/// What the server is given to answer in.
inline constexpr DurationMs kServerPatience = seconds(20);

template <typename T>
struct Wait {
  /// Asked at once, with every event, and without one after every input: the answer, once there is one.
  std::function<std::optional<CommandResult<T>>(const v1::Event*)> look;
  DurationMs deadline = kServerPatience;
  /// The answer when that is over; no function: a failure that says so.
  std::function<CommandResult<T>()> late = {};
};

/// The problem that an event tells of, if it is one of those.
inline const v1::Problem* problem_in(const v1::Event* event, std::initializer_list<v1::Problem::Code> codes) {
  if (event == nullptr || !event->has_problem()) return nullptr;
  for (const auto code : codes) {
    if (event->problem().code() == code) return &event->problem();
  }
  return nullptr;
}

/// Goes on with `then` once the first answer is there: it gives a CommandResult.
template <typename T, typename Then>
auto followed_by(Wait<T> first, Then then) -> Wait<typename std::invoke_result_t<Then, T>::value_type> {
  using Out = typename std::invoke_result_t<Then, T>::value_type;
  return {.look = [look = std::move(first.look),
                   then = std::move(then)](const v1::Event* event) -> std::optional<CommandResult<Out>> {
            auto answer = look(event);
            if (!answer) return std::nullopt;
            if (!*answer) return CommandResult<Out>(err(std::move(*answer).error()));
            return then(**std::move(answer));
          },
          .deadline = first.deadline};
}

}  // namespace sotto::client::api
