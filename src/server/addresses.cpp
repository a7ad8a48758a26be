#include "server/addresses.h"

namespace sotto::server {
namespace {

constexpr int kGroupsOf64Bits = 4;

}  // namespace

std::string address_group(std::string_view remote) {
  constexpr std::string_view kMapped = "::ffff:";  // an IPv4 peer of a dual-stack socket
  if (remote.starts_with(kMapped) && remote.find('.') != std::string_view::npos) {
    return std::string(remote.substr(kMapped.size()));
  }
  if (remote.find(':') == std::string_view::npos) return std::string(remote);
  // A textual cut suffices: a peer that gains a second group through "::" has gained one other allowance.
  int colons = 0;
  for (std::size_t i = 0; i < remote.size(); ++i) {
    if (remote[i] != ':') continue;
    if (++colons == kGroupsOf64Bits) return std::string(remote.substr(0, i));
    if (i + 1 < remote.size() && remote[i + 1] == ':') return std::string(remote.substr(0, i + 2));
  }
  return std::string(remote);
}

bool Addresses::connect(const std::string& group, UnixMs now) {
  auto& entry = recent_.use(group, now);
  if (entry.connections >= limits_.connections_per_address) return false;
  ++entry.connections;
  return true;
}

DurationMs Addresses::authenticate(const std::string& group, UnixMs now) {
  return recent_.use(group, now).value.authentications.take(limits_.authentications_per_address, 1, now);
}

DurationMs Addresses::register_account(const std::string& group, UnixMs now) {
  return recent_.use(group, now).value.registrations.take(limits_.registrations_per_address, 1, now);
}

DurationMs Addresses::ask_log(const std::string& group, UnixMs now) {
  return recent_.use(group, now).value.log_requests.take(limits_.log_requests_per_address, 1, now);
}

DurationMs Addresses::fetch_recovery(const std::string& group, UnixMs now) {
  return recent_.use(group, now).value.recoveries.take(limits_.recoveries_per_address, 1, now);
}

DurationMs Addresses::ask_blob(const std::string& group, UnixMs now) {
  return recent_.use(group, now).value.blob_requests.take(limits_.blob_requests_per_address, 1, now);
}

}  // namespace sotto::server
