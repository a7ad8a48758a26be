// What the screen wants of the client: calls of client/api, whose answers come back to the model.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "sotto/v1/client_service.pb.h"

namespace sotto::terminal_ui {

struct Look {  ///< answer: Model::take_page(), or Model::lose_place()
  v1::HistoryRequest request;
};
struct Find {  ///< answer: Model::take_found()
  v1::SearchRequest request;
};
struct Send {  ///< if it fails: Model::give_back()
  v1::SendRequest request;
};
struct Edit {
  v1::EditRequest request;
};
struct React {
  v1::ReactRequest request;
};
struct Forward {
  v1::ForwardRequest request;
};
struct Unsend {
  v1::MessageRequest request;
};
struct Erase {
  v1::MessageRequest request;
};
struct RevealLinks {
  v1::MessageRequest request;
};
struct MarkRead {
  std::string conversation;
};
struct TellTyping {
  v1::TypingRequest request;
};
struct KeepDraft {
  v1::DraftRequest request;
};
struct Change {
  v1::SettingsRequest request;
};
/// Somebody, or a group, as a person types it. Answer: Model::opened()
struct Open {
  std::string name;
};
struct Decide {
  enum class What : std::uint8_t { accept, remove, block };
  What what = What::accept;
  std::string conversation;
};
struct Ring {};     ///< something new that is not before the eyes
struct Redraw {};   ///< everything, whatever the terminal thinks it shows
struct Suspend {};  ///< to the shell
struct Quit {};

using Wish = std::variant<Look, Find, Send, Edit, React, Forward, Unsend, Erase, RevealLinks, MarkRead,
                          TellTyping, KeepDraft, Change, Open, Decide, Ring, Redraw, Suspend, Quit>;

}  // namespace sotto::terminal_ui
