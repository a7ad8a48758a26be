// The life of one accepted connection. What is needed only before the stream is open lives in inner
// coroutines, whose frames are gone while it idles.
#include <boost/asio/post.hpp>
#include <limits>

#include "transport/listener_core.h"

namespace sotto::transport {
namespace {

using Wait = boost::asio::posix::descriptor_base;

/// A browser loads a page and its parts over one connection; nobody needs more.
constexpr int kMaxRequestsPerConnection = 1000;
/// Each time that much of a body has moved, the request's deadline starts anew.
constexpr std::size_t kProgressOctets = 64 * 1024;
/// For what an answer waits for, a disk: after that long somebody would rather ask again.
constexpr std::chrono::seconds kAnswerPatience{30};
/// For whoever takes a body: its octets, and all of it at the end, must reach a disk that may be slow and
/// busy.
constexpr std::chrono::seconds kSinkPatience{300};

/// The entry our own proxy appended: the last one. Empty when that is no address.
std::string last_forwarded_for(const HttpRequest& request) {
  const std::string_view list = request.field("X-Forwarded-For");
  const std::string_view last = list.substr(list.rfind(',') + 1);
  const std::size_t first = last.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  std::string address(last.substr(first, last.find_last_not_of(' ') - first + 1));
  return literal_address(address, 0) ? address : std::string();
}

HttpResponse short_answer(unsigned status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

}  // namespace

Awaitable<void> ListenerCore::serve(std::shared_ptr<ListenerCore> self, ConnectionPtr connection) {
  if (!co_await establish(connection)) co_return co_await part(connection);
  while (!connection->ended) {
    const Stream::Progress progress = read_turn(*connection);
    if (connection->ended) break;
    if (progress == Stream::Progress::more) {
      co_await boost::asio::post(executor_, kAwait);
    } else {
      const bool to_read = progress == Stream::Progress::drained;
      co_await connection->link.descriptor.async_wait(to_read ? Wait::wait_read : Wait::wait_write, kAwait);
    }
  }
  co_await part(connection);
}

/// True when a stream is open.
Awaitable<bool> ListenerCore::establish(ConnectionPtr connection) {
  if (!co_await secure(connection)) co_return false;
  Bytes surplus;
  for (int i = 0; i < kMaxRequestsPerConnection; ++i) {
    HttpBodySinkPtr sink;
    std::optional<HttpRequest> request = co_await read_request(connection, surplus, sink);
    if (!request) co_return false;
    request->remote_address = remote_address(*connection, *request);
    const bool on_stream_path = handler_ != nullptr && request->path() == options_.stream_path;
    if (on_stream_path && (!options_.answers_on_stream_path || wants_upgrade(*request))) {
      co_return co_await upgrade(connection, std::move(*request), std::move(surplus));
    }
    const bool keep_alive = request->keep_alive && i + 1 < kMaxRequestsPerConnection;
    const bool head = request->method == "HEAD";
    std::optional<HttpResponse> response = co_await answer(connection, std::move(*request), std::move(sink));
    if (!response || !co_await respond(connection, serialize(*response, keep_alive, head))) co_return false;
    if (response->long_body && !head && !co_await write_body(connection, std::move(*response->long_body))) {
      co_return false;
    }
    if (!keep_alive) break;
  }
  end(*connection, TransportError::closed_locally, Parting::polite);
  co_return false;
}

Awaitable<bool> ListenerCore::secure(ConnectionPtr connection) {
  Link& link = connection->link;
  if (!tls_) {
    link.records = plain_records(link.socket());
    co_return true;
  }
  link.records = tls_server_records(link.socket(), *tls_);
  if (!link.records) {
    end(*connection, TransportError::library_failure, Parting::abrupt);
    co_return false;
  }
  arm(*connection, DeadlineKind::handshake);
  const IoStatus status = co_await link.handshake();
  connection->handshaking = false;
  --counts_.handshakes;
  accept_pause_.cancel();
  if (status != IoStatus::done) lose(*connection, status);
  co_return status == IoStatus::done;
}

BodyLimit ListenerCore::body_limit(HttpBodySinkPtr& sink) {
  if (!options_.take_body) return {};
  return [this, &sink](const HttpRequest& head) {
    if (options_.take_body) sink = options_.take_body(head);
    return sink ? std::numeric_limits<std::size_t>::max() : options_.max_http_body_octets;
  };
}

Awaitable<std::optional<HttpRequest>> ListenerCore::read_request(ConnectionPtr connection, Bytes& surplus,
                                                                 HttpBodySinkPtr& sink) {
  Link& link = connection->link;
  arm(*connection, DeadlineKind::request);
  HttpRequestReader reader(options_.max_http_body_octets, body_limit(sink));
  bool begun = !surplus.empty();
  std::size_t progress = 0;
  TransportResult<bool> complete = reader.feed(std::exchange(surplus, {}));
  while (complete && !*complete) {
    const IoResult result = link.records->read(scratch_);
    if (result.status == IoStatus::done) {
      begun = true;
      progress += result.octets;
      complete = reader.feed(ByteView(scratch_).first(result.octets));
      if (!complete || progress < kProgressOctets) continue;
      progress = 0;
      if (sink && !co_await hand_over(connection, *sink, reader.take_body())) co_return std::nullopt;
      arm(*connection, DeadlineKind::request);
    } else if (!co_await link.ready(result.status)) {
      const bool between = result.status == IoStatus::closed && !begun;
      if (between) end(*connection, TransportError::closed_by_peer, Parting::polite);
      lose(*connection, result.status);
      co_return std::nullopt;
    }
  }
  if (!complete) {
    const unsigned status = complete.error() == TransportError::too_large ? 413 : 400;
    co_await refuse(connection, short_answer(status, "request refused"), complete.error());
    co_return std::nullopt;
  }
  if (sink && !co_await hand_over(connection, *sink, reader.take_body())) co_return std::nullopt;
  surplus = to_bytes(reader.rest());
  ++counts_.http_requests;
  co_return reader.take();
}

Awaitable<bool> ListenerCore::hand_over(ConnectionPtr connection, HttpBodySink& sink, std::string octets) {
  if (octets.empty()) co_return true;
  const auto pending = std::make_shared<PendingAnswer>(executor_);
  try {
    sink.take(std::move(octets),
              [pending](std::optional<HttpResponse> refusal) { pending->settle(std::move(refusal)); });
  } catch (const std::exception&) {
    pending->settle(short_answer(500, "internal error"));
  }
  if (!co_await wait(connection, pending, kSinkPatience)) co_return false;
  if (!pending->settled) pending->settle(short_answer(503, "this takes too long, try again"));
  if (!pending->response) co_return true;
  co_return co_await refuse(connection, std::move(*pending->response), TransportError::closed_locally);
}

Awaitable<bool> ListenerCore::respond(ConnectionPtr connection, std::string octets) {
  co_return co_await write(connection, as_bytes(octets));
}

Awaitable<bool> ListenerCore::write(ConnectionPtr connection, ByteView rest) {
  while (!rest.empty()) {
    arm(*connection, DeadlineKind::request);
    const ByteView piece = rest.first(std::min(rest.size(), kProgressOctets));
    const IoStatus status = co_await connection->link.write_all(piece);
    if (status != IoStatus::done) {
      lose(*connection, status);
      co_return false;
    }
    rest = rest.subspan(piece.size());
  }
  co_return true;
}

Awaitable<bool> ListenerCore::write_body(ConnectionPtr connection, HttpBody body) {
  for (std::uint64_t left = body.octets; left > 0;) {
    const Bytes part = body.next();
    if (part.empty() || part.size() > left) {
      end(*connection, TransportError::closed_locally, Parting::abrupt);
      co_return false;
    }
    if (!co_await write(connection, part)) co_return false;
    left -= part.size();
    // A peer that reads as fast as we write must not keep the others waiting.
    co_await boost::asio::post(executor_, kAwait);
  }
  co_return true;
}

Awaitable<bool> ListenerCore::refuse(ConnectionPtr connection, HttpResponse response, TransportError reason) {
  if (co_await respond(connection, serialize(response, false))) end(*connection, reason, Parting::polite);
  co_return false;
}

void PendingAnswer::settle(std::optional<HttpResponse> given) {
  if (std::exchange(settled, true)) return;
  response = std::move(given);
  timer.cancel();
}

Awaitable<bool> ListenerCore::wait(ConnectionPtr connection, PendingAnswerPtr pending,
                                   std::chrono::seconds patience) {
  if (pending->settled) co_return true;
  deadlines_.disarm(*connection);
  pending->timer.expires_after(patience);
  connection->waits_for_answer = &pending->timer;
  co_await pending->timer.async_wait(kAwait);
  connection->waits_for_answer = nullptr;
  co_return !connection->ended;
}

Awaitable<std::optional<HttpResponse>> ListenerCore::answer(ConnectionPtr connection, HttpRequest request,
                                                            HttpBodySinkPtr sink) {
  if (!http_) co_return short_answer(404, "not found");
  const auto pending = std::make_shared<PendingAnswer>(executor_);
  const HttpReply reply = [pending](HttpResponse response) { pending->settle(std::move(response)); };
  try {
    if (sink) {
      sink->finish(reply);
    } else {
      http_(request, reply);
    }
  } catch (const std::exception&) {
    pending->settle(short_answer(500, "internal error"));
  }
  request = {};
  if (!co_await wait(connection, pending, sink ? kSinkPatience : kAnswerPatience)) co_return std::nullopt;
  if (!pending->settled) co_return short_answer(503, "this takes too long, try again");
  co_return std::move(pending->response);
}

std::string ListenerCore::remote_address(ServerConnection& connection, const HttpRequest& request) const {
  if (!tls_ && options_.behind_proxy) {
    if (std::string forwarded = last_forwarded_for(request); !forwarded.empty()) return forwarded;
  }
  return peer_address(connection.link.socket());
}

std::optional<std::pair<HttpResponse, TransportError>> ListenerCore::objection(
    const HttpRequest& request, const RecordsInfo& info) const {
  if (tls_ && options_.require_post_quantum && !is_post_quantum(info.tls_group)) {
    return std::pair{short_answer(403, "the stream needs a post-quantum TLS group"),
                     TransportError::not_post_quantum};
  }
  if (options_.admit_stream) {
    if (auto refusal = options_.admit_stream(request)) {
      return std::pair{std::move(*refusal), TransportError::upgrade_refused};
    }
  }
  return std::nullopt;
}

Awaitable<bool> ListenerCore::upgrade(ConnectionPtr connection, HttpRequest request, Bytes surplus) {
  if (!wants_upgrade(request)) {
    HttpResponse response = short_answer(426, "this path speaks WebSocket");
    response.fields.emplace_back("Upgrade", "websocket");
    co_return co_await refuse(connection, std::move(response), TransportError::bad_request);
  }
  TransportResult<RecordsInfo> info = connection->link.records->info();
  if (!info) {
    end(*connection, info.error(), Parting::abrupt);
    co_return false;
  }
  if (auto refusal = objection(request, *info)) {
    co_return co_await refuse(connection, std::move(refusal->first), refusal->second);
  }
  TransportResult<std::string> accepted = accept_upgrade(request, options_.subprotocol);
  if (!accepted) {
    HttpResponse response = short_answer(400, "not a WebSocket request");
    response.fields.emplace_back("Sec-WebSocket-Version", "13");
    co_return co_await refuse(connection, std::move(response), accepted.error());
  }
  if (!co_await respond(connection, std::move(*accepted))) co_return false;
  open_stream(*connection, std::move(*info), std::move(request.remote_address), std::move(surplus));
  co_return true;
}

void ListenerCore::open_stream(ServerConnection& connection, RecordsInfo info, std::string remote,
                               Bytes surplus) {
  if (connection.ended) return;
  connection.stream.emplace(Role::server, *connection.link.records, options_.max_message_octets,
                            options_.max_unsent_octets, options_.stream_messages);
  ++counts_.streams;
  arm(connection, DeadlineKind::idle);
  if (handler_ != nullptr) {
    handler_->on_open({.id = connection.id,
                       .exporter = info.exporter,
                       .tls_group = std::move(info.tls_group),
                       .remote_address = std::move(remote)});
  }
  if (!connection.ended) settle(connection, connection.stream->decode(surplus, connection));
}

Stream::Progress ListenerCore::read_turn(ServerConnection& connection) {
  const Stream::Progress progress = connection.stream->read(scratch_, connection);
  settle(connection, progress);
  return progress;
}

/// What reading left to do: output, deadlines, the end.
void ListenerCore::settle(ServerConnection& connection, Stream::Progress progress) {
  if (connection.ended) return;
  schedule_turn();
  if (connection.stream->unsent() > 0 && !connection.waits_to_write) mark_dirty(connection);
  if (progress == Stream::Progress::ended) {
    const TransportError reason = connection.stream->end()->reason;
    const bool hopeless =
        reason == TransportError::slow_consumer || reason == TransportError::connection_lost;
    end(connection, reason, hopeless ? Parting::abrupt : Parting::polite);
  } else {
    arm(connection, DeadlineKind::idle);
  }
}

void ListenerCore::lose(ServerConnection& connection, IoStatus status) {
  const bool failed = status == IoStatus::failed;
  // After a TLS failure the alert is on its way: let it arrive.
  end(connection, failed ? connection.link.records->failure().reason : TransportError::connection_lost,
      failed ? Parting::polite : Parting::abrupt);
}

/// Lets the last octets leave, then waits for the peer to close, all within the close deadline.
Awaitable<void> ListenerCore::part(ConnectionPtr connection) {
  Link& link = connection->link;
  if (link.aborted() || !link.records) co_return;
  arm(*connection, DeadlineKind::close);
  if (connection->stream) {
    IoStatus status = connection->stream->flush();
    while (co_await link.ready(status)) status = connection->stream->flush();
    if (status != IoStatus::done) co_return;
  }
  co_await link.linger();
}

}  // namespace sotto::transport
