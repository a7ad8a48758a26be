// The methods of client_service.proto by name, with their types taken away, for whoever carries calls.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "client/api/client.h"
#include "client/api/wait.h"

namespace sotto::client::api {

using Record = std::unique_ptr<google::protobuf::Message>;
using Answer = CommandResult<Record>;
using PendingAnswer = Wait<Record>;
/// At once, or later.
using Started = CommandResult<std::variant<Record, PendingAnswer>>;

template <typename Context>
struct Method {
  std::string_view name;                        ///< "messages.send"
  const google::protobuf::Message* parameters;  ///< an empty one
  const google::protobuf::Message* result;
  std::function<Started(Context&, const google::protobuf::Message&)> start;
};

template <typename T>
Answer record_of(CommandResult<T> value) {
  if (!value) return err(std::move(value).error());
  return Record(std::make_unique<T>(*std::move(value)));
}

template <typename T>
PendingAnswer erased(Wait<T> wait) {
  PendingAnswer out{.look = [look = std::move(wait.look)](const v1::Event* event) -> std::optional<Answer> {
                      auto answer = look(event);
                      if (!answer) return std::nullopt;
                      return record_of(*std::move(answer));
                    },
                    .deadline = wait.deadline};
  if (wait.late) out.late = [late = std::move(wait.late)] { return record_of(late()); };
  return out;
}

/// Answers at once.
template <typename Context, typename Request, typename T>
Method<Context> method(std::string_view name, CommandResult<T> (*function)(Context&, const Request&)) {
  return {name, &Request::default_instance(), &T::default_instance(),
          [function](Context& context, const google::protobuf::Message& request) -> Started {
            auto answer = record_of(function(context, static_cast<const Request&>(request)));
            if (!answer) return err(std::move(answer).error());
            return *std::move(answer);
          }};
}

/// Answers when something has happened.
template <typename Context, typename Request, typename T>
Method<Context> method(std::string_view name, CommandResult<Wait<T>> (*function)(Context&, const Request&)) {
  return {name, &Request::default_instance(), &T::default_instance(),
          [function](Context& context, const google::protobuf::Message& request) -> Started {
            auto wait = function(context, static_cast<const Request&>(request));
            if (!wait) return err(std::move(wait).error());
            return erased(*std::move(wait));
          }};
}

/// All that work on an open client, sorted by name.
std::span<const Method<Client>> client_methods();

/// "SetPassword" in service "Account": "account.set_password".
std::string method_name(std::string_view service, std::string_view rpc);

}  // namespace sotto::client::api
