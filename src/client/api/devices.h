// Service Devices.
#pragma once

#include <string>

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

/// Makes the keys of a new device, which waits for an account from then on; where there are some, they stay.
/// Without a name it has this machine's. Errors: usage.
CommandResult<void> set_up_device(Client& client, const std::string& server, const std::string& pin,
                                  const std::string& name);

CommandResult<v1::DeviceList> list_devices(Client& client, const v1::Nothing& request);
/// Once the newest list of devices shows it. A device is named as find_own_device() has it.
CommandResult<Wait<v1::DeviceList>> rename_device(Client& client, const v1::DeviceRequest& request);
CommandResult<Wait<v1::DeviceList>> remove_device(Client& client, const v1::DeviceRequest& request);
/// Once there is a code to show.
CommandResult<Wait<v1::LinkProgress>> offer_link(Client& client, const v1::OfferLinkRequest& request);
CommandResult<v1::Nothing> withdraw_link(Client& client, const v1::Nothing& request);
/// On the new device, until the account is its own.
CommandResult<Wait<v1::LinkProgress>> link(Client& client, const v1::LinkRequest& request);
/// The same with a password that never was a text; that of the request is not looked at.
CommandResult<Wait<v1::LinkProgress>> link_with(Client& client, const v1::LinkRequest& request,
                                                crypto::SecretBytes password);

}  // namespace sotto::client::api
