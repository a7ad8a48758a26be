#include "client/apps/error.h"

namespace sotto::client {

std::string_view describe(AppError error) {
  switch (error) {
    case AppError::bad_name:
      return "an app's name has 1 to 32 of a-z, 0-9 and -, and begins with a letter; it is what you type "
             "after /";
    case AppError::taken: return "there is an app of this name; remove it first, or take another name";
    case AppError::too_many: return "20 apps are connected already; remove one with `sotto app remove`";
    case AppError::no_app: return "there is no app of this name; see `sotto app list`";
    case AppError::no_conversation:
      return "others can ask an app in conversations with people whom you accepted, and in groups; see "
             "`sotto "
             "conversations`";
    case AppError::too_many_places: return "others may ask one app in at most 100 conversations";
    case AppError::no_message:
      return "no message of this id can be answered: it is not this app's, is gone, or is older than a day";
    case AppError::bad_answer: return "an answer has 1 to 4096 octets of UTF-8";
    case AppError::too_many_answers: return "a message is answered at most four times";
    case AppError::too_often: return "an app answers at most 30 times in a minute; try again in one";
    case AppError::not_sent: return "nothing can be said there now";
  }
  return "unknown error";
}

}  // namespace sotto::client
