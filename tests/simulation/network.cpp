#include "network.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sotto::simulation {
namespace {

constexpr DurationMs kShortestTrip{2};
constexpr DurationMs kUsualTrip{120};
constexpr DurationMs kLongestTrip = seconds(8);
constexpr std::uint32_t kLongTripsPerMille = 5;
/// Until a lost connection is noticed: at once when a packet is refused, else when keep-alives go unanswered.
constexpr DurationMs kLongestUnnoticed = seconds(60);
constexpr DurationMs kConnectTimeout = seconds(30);
/// As transport::HttpClientOptions has it.
constexpr DurationMs kHttpPatience = seconds(20);

}  // namespace

Network::Connection* Network::find(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

DurationMs Network::trip() {
  return dice_.between(kShortestTrip, dice_.chance(kLongTripsPerMille) ? kLongestTrip : kUsualTrip);
}

UnixMs Network::arrival(Direction& direction) {
  // A stream never reorders: what is late holds up what follows.
  direction.last_arrival = std::max(direction.last_arrival, schedule_.now() + trip());
  return direction.last_arrival;
}

ConnectionId Network::connect(DeviceEnd& device, const std::string& host) {
  const ConnectionId id(++last_id_);
  Connection& connection = connections_[id];
  connection.host = host;
  connection.device = &device;
  schedule_.at(arrival(connection.to_server), [this, id] { accept(id); });
  return id;
}

void Network::accept(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  if (connection->device == nullptr) {
    connections_.erase(id);
    return;
  }
  if (server_ == nullptr || isolated_.contains(connection->host)) {
    return device_learns(id, schedule_.now() + dice_.spread(kConnectTimeout));
  }
  connection->server = true;
  const auto channel = dice_.source().array<transport::kExporterSize>();
  schedule_.at(arrival(connection->to_device), [this, id, channel] {
    Connection* made = find(id);
    if (made != nullptr && made->device != nullptr && !made->to_device.cut)
      made->device->on_connected(id, channel);
  });
  server_->on_open({id, channel, "X25519MLKEM768", "192.0.2.1"});
}

void Network::send_to_server(ConnectionId id, Bytes frame) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->to_server.cut) return;
  ++frames_on_their_way_;
  schedule_.at(arrival(connection->to_server), [this, id, octets = std::move(frame)] {
    --frames_on_their_way_;
    Connection* arrived = find(id);
    if (arrived != nullptr && arrived->server && !arrived->to_server.cut) server_->on_frame(id, octets);
  });
}

void Network::send_to_device(ConnectionId id, Bytes frame) {
  Connection* connection = find(id);
  if (connection == nullptr || !connection->server || connection->to_device.cut) return;
  ++frames_on_their_way_;
  schedule_.at(arrival(connection->to_device), [this, id, octets = std::move(frame)] {
    --frames_on_their_way_;
    Connection* arrived = find(id);
    if (arrived != nullptr && arrived->device != nullptr && !arrived->to_device.cut) {
      arrived->device->on_frame(id, octets);
    }
  });
}

void Network::ask(const std::string& host, transport::HttpRequest request, HttpDone done) {
  const std::uint64_t id = ++last_exchange_;
  exchanges_.emplace(id, Exchange{host, std::move(done)});
  schedule_.after(trip(), [this, id, loss = next_loss(host), asked = std::move(request)] {
    reach_server(id, asked, loss);
  });
  schedule_.after(kHttpPatience, [this, id] {
    const auto unanswered = exchanges_.extract(id);
    if (unanswered) unanswered.mapped().done(nullptr);
  });
}

Network::Loss Network::next_loss(const std::string& host) {
  const auto left = to_lose_.find(host);
  if (left == to_lose_.end()) return Loss::none;
  if (--left->second == 0) to_lose_.erase(left);
  return dice_.chance(500) ? Loss::request : Loss::answer;
}

void Network::reach_server(std::uint64_t id, const transport::HttpRequest& request, Loss loss) {
  const auto exchange = exchanges_.find(id);
  if (exchange == exchanges_.end() || loss == Loss::request) return;
  if (server_ == nullptr || isolated_.contains(exchange->second.host)) return;
  server_->on_http(request, [this, id, loss](transport::HttpResponse response) {
    if (loss == Loss::answer) return;
    schedule_.after(trip(), [this, id, answer = std::move(response)] { reach_device(id, answer); });
  });
}

void Network::reach_device(std::uint64_t id, transport::HttpResponse response) {
  const auto exchange = exchanges_.find(id);
  if (exchange == exchanges_.end() || isolated_.contains(exchange->second.host)) return;
  const HttpDone done = std::move(exchange->second.done);
  exchanges_.erase(exchange);
  const transport::HttpAnswer answer{.status = response.status,
                                     .fields = std::move(response.fields),
                                     .body = to_bytes(as_bytes(std::string_view(response.body))),
                                     .keep_alive = true};
  done(&answer);
}

void Network::lose_next_requests(const std::string& host, std::uint64_t count) {
  transcript_.line(host, fmt::format("will lose {} requests or their answers", count));
  to_lose_[host] += count;
}

void Network::server_learns(ConnectionId id, UnixMs when) {
  schedule_.at(when, [this, id] {
    Connection* connection = find(id);
    if (connection == nullptr || !connection->server) return;
    connection->server = false;
    if (connection->device == nullptr) connections_.erase(id);
    server_->on_close(id);
  });
}

void Network::device_learns(ConnectionId id, UnixMs when) {
  schedule_.at(when, [this, id] {
    Connection* connection = find(id);
    if (connection == nullptr || connection->device == nullptr) return;
    DeviceEnd* device = std::exchange(connection->device, nullptr);
    if (!connection->server) connections_.erase(id);
    device->on_disconnected(id);
  });
}

void Network::close_from_device(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->device = nullptr;
  if (!connection->to_server.cut) server_learns(id, arrival(connection->to_server));
}

void Network::device_died(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->device = nullptr;
  // What the kernel had taken may still arrive, or the whole machine is gone.
  const UnixMs sent = arrival(connection->to_server);
  if (dice_.chance(300)) connection->to_server.cut = true;
  server_learns(id, connection->to_server.cut ? schedule_.now() + dice_.spread(kLongestUnnoticed) : sent);
}

void Network::close_from_server(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->server = false;
  if (!connection->to_device.cut) device_learns(id, arrival(connection->to_device));
}

void Network::server_died() {
  server_ = nullptr;
  const bool machine_gone = dice_.chance(300);
  for (auto& [id, connection] : connections_) {
    if (!connection.server) continue;
    connection.server = false;
    const UnixMs sent = arrival(connection.to_device);
    connection.to_device.cut |= machine_gone;
    device_learns(id, connection.to_device.cut ? schedule_.now() + dice_.spread(kLongestUnnoticed) : sent);
  }
  std::erase_if(connections_,
                [](const auto& entry) { return !entry.second.server && entry.second.device == nullptr; });
}

void Network::cut(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  const bool to_server_first = dice_.chance(500);
  transcript_.line(connection->host, to_server_first ? "is not heard any more" : "hears nothing any more");
  (to_server_first ? connection->to_server : connection->to_device).cut = true;
  schedule_.after(dice_.spread(seconds(2)), [this, id] { lose(id); });
}

void Network::corrupt(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  const bool to_server = dice_.chance(500);
  transcript_.line(connection->host, to_server ? "sends what arrives damaged" : "gets damaged octets");
  Direction& damaged = to_server ? connection->to_server : connection->to_device;
  const UnixMs noticed = arrival(damaged);
  damaged.cut = true;
  // The end that notices says so on the direction that still works.
  const UnixMs told = noticed + dice_.between(kShortestTrip, kUsualTrip);
  server_learns(id, to_server ? noticed : told);
  device_learns(id, to_server ? told : noticed);
}

/// Both directions are dead; each side finds out in its own time.
void Network::lose(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->to_server.cut = true;
  connection->to_device.cut = true;
  server_learns(id, schedule_.now() + dice_.spread(kLongestUnnoticed));
  device_learns(id, schedule_.now() + dice_.spread(kLongestUnnoticed));
}

void Network::isolate(const std::string& host) {
  transcript_.line(host, "has no network");
  isolated_.insert(host);
  for (const auto& [id, connection] : connections_) {
    if (connection.host == host) lose(id);
  }
}

}  // namespace sotto::simulation
