// The agent on 127.0.0.1: the web UI, calls over HTTP and WebSocket (docs/specs/agent.md 2). Only for this
// machine, only for who knows the token, and for no page of another origin.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "agent/agent.h"
#include "agent/file_edge.h"
#include "agent/upload_edge.h"
#include "transport/listener.h"

namespace sotto::agent {

/// Browser windows and programs of one person.
inline constexpr std::size_t kMaxHttpConnections = 256;

class HttpEdge final : private transport::ConnectionHandler {
 public:
  /// Port 0: any free one. Errors: those of a listener.
  static transport::TransportResult<std::unique_ptr<HttpEdge>> start(boost::asio::io_context& loop,
                                                                     std::uint16_t port, std::string token,
                                                                     Agent& agent);
  ~HttpEdge() override;
  HttpEdge(const HttpEdge&) = delete;
  HttpEdge& operator=(const HttpEdge&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

 private:
  class Socket;

  HttpEdge(boost::asio::io_context& loop, std::string token, Agent& agent);
  void on_open(const transport::ConnectionInfo& info) override;
  void on_message(transport::ConnectionId id, ByteView message) override;
  void on_close(transport::ConnectionId id, transport::TransportError reason) override;
  void on_writable(transport::ConnectionId id) override;

  void answer(const transport::HttpRequest& request, const transport::HttpReply& reply);
  /// `app`: that calls; empty: the user does.
  void call(const transport::HttpRequest& request, std::optional<client::AppRow> app,
            const transport::HttpReply& reply);
  transport::HttpBodySinkPtr take_body(const transport::HttpRequest& head);
  [[nodiscard]] bool has_token(const transport::HttpRequest& request) const;
  /// Asked by a page of this agent, or by a program.
  [[nodiscard]] bool is_own_origin(const transport::HttpRequest& request) const;
  [[nodiscard]] bool is_own_host(std::string_view host) const;
  [[nodiscard]] std::optional<transport::HttpResponse> refuse_stream(
      const transport::HttpRequest& request) const;

  std::string token_;
  Agent& agent_;
  FileEdge files_;
  UploadEdge uploads_;
  std::map<std::uint64_t, std::unique_ptr<Socket>> sockets_;
  std::unique_ptr<transport::Listener> listener_;
};

}  // namespace sotto::agent
