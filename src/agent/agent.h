// Answers calls of client_service.proto, from whomever and over whatever they come, and tells what happens
// (docs/specs/agent.md). Not concerned with sockets: peers bring text and take text.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/open_profile.h"
#include "agent/rpc.h"
#include "agent/uploads.h"
#include "agent/webhook_sender.h"
#include "client/api/apps.h"
#include "client/api/method.h"
#include "client/runtime/previews.h"
#include "crypto/secret.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::agent {

/// Calls of one peer that wait for something.
inline constexpr std::size_t kMaxWaiting = 100;
/// Of these calls those of one app, so that none keeps the others from being heard.
inline constexpr std::size_t kMaxAppWaiting = 4;
/// A peer that has so much unread gets no further events until it has read.
inline constexpr std::size_t kMaxUnread = std::size_t{1} << 20;

/// Whoever is at the other end of a connection.
class Peer {
 public:
  virtual ~Peer() = default;
  /// One JSON text.
  virtual void send(const std::string& text) = 0;
  /// Octets sent and not taken yet.
  [[nodiscard]] virtual std::size_t unread() const = 0;
};

struct AgentOptions {
  std::filesystem::path profile;
  std::string version;
};

/// A peer, while its connection lasts.
struct Session {
  Peer* peer = nullptr;
  std::optional<std::uint64_t> told;  ///< subscribed: every event up to this one was told
  std::size_t waiting = 0;            ///< calls
};
using SessionId = std::uint64_t;

/// Use from the loop's thread.
class Agent {
 public:
  using Reply = std::function<void(std::string)>;

  Agent(boost::asio::io_context& loop, AgentOptions options);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// The peer must live until close().
  SessionId open(Peer& peer);
  void close(SessionId session);
  /// Answers go to the peer.
  void take(SessionId session, std::string_view text);
  /// The peer has read: there is room for more events.
  void resume(SessionId session);
  /// One request or batch by itself; `reply` gets the answer's text, which is empty if nobody is to be
  /// answered.
  void call(std::string_view text, Reply reply);
  /// The same for an app, which may call the methods of service App and nothing else.
  void call_as_app(client::AppRow app, std::string_view text, Reply reply);
  /// Whose token this is; nobody's while no profile is open.
  [[nodiscard]] std::optional<client::AppRow> app_with_token(std::string_view token);

  // The profile (service Profile).
  [[nodiscard]] v1::ProfileState profile_state();
  enum class Door : std::uint8_t { existing, make };
  /// Opens it with this passphrase, on a thread; profile_state() says OPEN, or `opening_failure()` why not.
  void unlock(crypto::SecretBytes passphrase, Door door);
  [[nodiscard]] bool is_opening() const { return opening_; }
  [[nodiscard]] const std::optional<client::api::Failure>& opening_failure() const {
    return opening_failure_;
  }
  void lock();
  /// Ends the connection in order. Only once the loop has stopped.
  void shut_down();

  /// The open profile as methods see it; nullptr while there is none.
  [[nodiscard]] client::api::Client* client() { return client_ ? &*client_ : nullptr; }
  /// Files handed over for messages to come; nullptr while no profile is open.
  [[nodiscard]] Uploads* uploads() { return uploads_ ? &*uploads_ : nullptr; }
  [[nodiscard]] Session* session(SessionId id);
  void pump_soon();

 private:
  /// Who calls: the user, over a connection that stays or by itself (0), or an app.
  struct From {
    SessionId session = 0;
    std::optional<client::AppRow> app = {};
  };
  struct Pending {
    From from;
    client::api::PendingAnswer wait;
    std::chrono::steady_clock::time_point deadline;
    std::function<void(client::api::Answer)> done;
  };
  struct Batch;

  void handle(const From& from, std::string_view text, Reply reply);
  void dispatch(const From& from, const RpcRequest& request, const Reply& answer);
  void run(const From& from, const RpcRequest& request, client::api::Started started, const Reply& answer);
  client::api::Started start(const From& from, const RpcRequest& request,
                             std::optional<RpcFailure>& protocol);
  client::api::Started start_for_app(client::AppRow app, const RpcRequest& request,
                                     std::optional<RpcFailure>& protocol);
  [[nodiscard]] bool waits_too_much(const From& from);
  void finish_opening(client::StoreResult<std::unique_ptr<client::store::Database>> database);
  client::api::Client make_client();
  void turn_soon();
  void turn();
  void look(const v1::Event* event);
  void look_at_deadlines();
  void tell_passing(const v1::Event& event);
  void pump(Session& session);
  [[nodiscard]] client::api::Failure late() const;

  boost::asio::io_context& loop_;
  AgentOptions options_;
  std::unique_ptr<OpenProfile> profile_;
  std::optional<Uploads> uploads_;
  std::optional<client::api::Client> client_;
  std::unique_ptr<WebhookSender> webhooks_;
  std::unique_ptr<client::PreviewFetcher> previews_;
  v1::ConnectionState connection_;
  bool opening_ = false;
  std::optional<client::api::Failure> opening_failure_;
  std::map<SessionId, Session> sessions_;
  SessionId last_session_ = 0;
  std::list<Pending> pending_;
  std::deque<v1::Event> happened_;  ///< since the last turn
  bool turn_scheduled_ = false;
  boost::asio::steady_timer deadlines_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  boost::asio::thread_pool workers_{1};  ///< for passphrases and passwords
};

/// What methods that are the agent's own work on.
struct Caller {
  Agent& agent;
  SessionId session;
};
/// Those of services Profile, Events and Webhooks.
std::span<const client::api::Method<Caller>> agent_methods();

}  // namespace sotto::agent
