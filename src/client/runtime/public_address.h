// Which addresses of the network are everybody's. Internal to the runtime.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace sotto::client {

/// Neither this machine's, nor of a network that is nobody else's, nor reserved for something special (IANA's
/// registries of special-purpose addresses, RFC 6890). Addresses that carry one of the other kind in them are
/// not.
bool is_public(const boost::asio::ip::address& address);

}  // namespace sotto::client
