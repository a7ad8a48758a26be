#include "client/api/server_address.h"

#include <unistd.h>

#include <array>
#include <charconv>

#include "bytes/hex.h"

namespace sotto::client::api {
namespace {

constexpr std::string_view kBadServer =
    "the server is HOST:PORT or [IPV6]:PORT, and its pin the 64 hexadecimal digits that `sottod` prints at "
    "its "
    "start";

std::optional<ServerRecord> parse(const std::string& server, const std::string& pin) {
  const std::size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  ServerRecord address{.host = server.substr(0, colon)};
  if (address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const char* end = server.data() + server.size();
  const auto parsed = std::from_chars(server.data() + colon + 1, end, address.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || address.port == 0 || address.host.empty()) {
    return std::nullopt;
  }
  if (pin.empty()) return address;
  const auto octets = from_hex(pin);
  if (!octets || octets->size() != 32) return std::nullopt;
  address.tls_pin = to_array<32>(*octets);
  return address;
}

}  // namespace

CommandResult<ServerRecord> parse_server(const std::string& server, const std::string& pin) {
  auto address = parse(server, pin);
  if (!address) return err(Failure{ExitCode::usage, std::string(kBadServer)});
  return *std::move(address);
}

std::string host_name() {
  std::array<char, 65> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("device");
}

}  // namespace sotto::client::api
