// Why a command about an app, or a call of one, was refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::client {

enum class AppError : std::uint8_t {
  // The user:
  bad_name,
  taken,            ///< there is an app of this name
  too_many,         ///< kMaxApps are connected already
  no_app,           ///< none of this name; or, to an app, it was removed
  no_conversation,  ///< none where others could ask
  too_many_places,  ///< kMaxHears conversations already
  // An app:
  no_message,        ///< not one that it was given, or not one that can still be answered
  bad_answer,        ///< empty, too long, or no UTF-8
  too_many_answers,  ///< kMaxAnswersEach to this message already
  too_often,         ///< kMaxAnswersAMinute in this minute already
  not_sent,          ///< nothing can be said in that conversation now
};
/// For people and programs: cause and next step. What a conversation is, or why nothing can be said in it, an
/// app does not learn.
std::string_view describe(AppError error);

template <typename T>
using AppResult = Result<T, AppError>;

}  // namespace sotto::client
