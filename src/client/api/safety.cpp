#include "client/api/safety.h"

#include "client/safety/cards.h"

namespace sotto::client::api {

CommandResult<v1::SafetyCardList> safety_cards(Client&, const v1::SafetyRequest& request) {
  v1::SafetyCardList list;
  for (auto& card : client::safety_cards(request.language())) *list.add_cards() = std::move(card);
  return list;
}

}  // namespace sotto::client::api
