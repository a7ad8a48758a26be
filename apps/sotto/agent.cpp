// `sotto agent`: stays, holds the profile's connection, and serves programs and browsers of this machine.
#include "agent/agent.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "agent/http_edge.h"
#include "agent/line_channel.h"
#include "agent/token.h"
#include "commands.h"
#include "output.h"
#include "passphrase.h"

namespace sotto::cli {
namespace {

using agent::Agent;

/// The folder of a profile that may still have to be made.
CommandResult<void> ensure_folder(const std::string& profile) {
  std::error_code failure;
  const std::filesystem::path path(profile);
  std::filesystem::create_directories(path.parent_path(), failure);
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return err(Failure{ExitCode::failed, profile + " cannot be made; check the folder's permissions"});
}

/// With the passphrase that was given, if there is a profile; without either the agent waits for both.
CommandResult<void> open_profile(boost::asio::io_context& loop, Agent& agent, const GlobalOptions& global) {
  SOTTO_TRY(auto passphrase, given_passphrase(global.passphrase_file));
  if (!passphrase || agent.profile_state().stage() != v1::ProfileState::LOCKED) return {};
  agent.unlock(*std::move(passphrase), Agent::Door::existing);
  while (agent.is_opening()) loop.run_one();
  if (agent.opening_failure()) return err(*agent.opening_failure());
  return {};
}

/// Everything through which the agent is spoken to. Dies before it.
struct Edges {
  std::unique_ptr<agent::HttpEdge> http;
  std::unique_ptr<agent::LineListener> socket;
  std::shared_ptr<agent::LineChannel> stdio;

  Edges() = default;
  Edges(const Edges&) = delete;
  Edges& operator=(const Edges&) = delete;
  ~Edges() {
    if (stdio) stdio->end();
  }
};

CommandResult<void> open_http(boost::asio::io_context& loop, Agent& agent, const GlobalOptions& global,
                              const AgentOptions& options, Edges& edges) {
  crypto::SystemRandom random;
  SOTTO_TRY(const std::string token, agent::load_token(global.profile, random));
  auto http = agent::HttpEdge::start(loop, options.port.value_or(kAgentPort), token, agent);
  if (!http) {
    return err(Failure{ExitCode::failed,
                       fmt::format("port {} of this machine is in use; give another one with --port",
                                   options.port.value_or(kAgentPort))});
  }
  edges.http = *std::move(http);
  fmt::print(options.stdio ? stderr : stdout, "web UI: http://127.0.0.1:{}/#token={}\n", edges.http->port(),
             token);
  return {};
}

CommandResult<void> open_socket(boost::asio::io_context& loop, Agent& agent, const GlobalOptions& global,
                                const AgentOptions& options, Edges& edges) {
  const std::string path = options.socket.empty()
                               ? (std::filesystem::path(global.profile) / "agent.sock").string()
                               : options.socket;
  auto socket = agent::LineListener::start(loop, path, agent);
  if (!socket) {
    const auto code = socket.error() == agent::SocketError::in_use ? ExitCode::locked : ExitCode::failed;
    return err(Failure{code, path + ": " + std::string(agent::describe(socket.error()))});
  }
  edges.socket = *std::move(socket);
  fmt::print(options.stdio ? stderr : stdout, "socket: {}\n", path);
  return {};
}

}  // namespace

CommandResult<ExitCode> run_agent(const GlobalOptions& global, const AgentOptions& options) {
  SOTTO_CHECK_OK(ensure_folder(global.profile));
  boost::asio::io_context loop(1);
  Agent agent(loop, {.profile = global.profile, .version = SOTTO_VERSION});
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](const boost::system::error_code& failure, int) {
    if (!failure) loop.stop();
  });
  Edges edges;
  SOTTO_CHECK_OK(open_profile(loop, agent, global));
  if (!options.stdio || !options.socket.empty()) {
    SOTTO_CHECK_OK(open_socket(loop, agent, global, options, edges));
  }
  const bool with_http = options.port || !options.stdio;
  if (with_http && !options.no_http) SOTTO_CHECK_OK(open_http(loop, agent, global, options, edges));
  if (!Output(global.json).flush()) return err(Failure{ExitCode::failed, "standard output was closed"});
  if (options.stdio) {
    edges.stdio =
        agent::LineChannel::start(loop, STDIN_FILENO, STDOUT_FILENO, agent,
                                  [&loop](const std::shared_ptr<agent::LineChannel>&) { loop.stop(); });
  }
  loop.run();
  edges.http.reset();
  edges.socket.reset();
  if (edges.stdio) edges.stdio->end();
  agent.shut_down();
  return ExitCode::ok;
}

}  // namespace sotto::cli
