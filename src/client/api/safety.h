// Service Safety: what to look out for.
#pragma once

#include "client/api/client.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::SafetyCardList> safety_cards(Client& client, const v1::SafetyRequest& request);

}  // namespace sotto::client::api
