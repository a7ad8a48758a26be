#include "follow.h"

#include <fmt/format.h>
#include <spawn.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstring>

#include "clock/clock.h"
#include "data_folder.h"
#include "publication.h"
#include "transport/listener.h"

// POSIX declares it nowhere.
extern char** environ;

namespace sotto::audit_cli {
namespace {

constexpr DurationMs kFirstRetry{500};
constexpr DurationMs kLongestRetry = minutes(1);

/// Everything that a follower needs around it. One thread.
class Program {
 public:
  Program(const FollowOptions& options, ServerAddress address, DataFolder folder,
          crypto::HybridPrivateKey witness, const Report& report)
      : options_(options),
        report_(report),
        folder_(std::move(folder)),
        witness_(std::move(witness)),
        line_(context_, std::move(address),
              {.opened = [this](const auto& key) { perform(follower_->connected(key, clock_.now())); },
               .received = [this](ByteView message) { on_message(message); },
               .closed = [this](const std::string& why) { on_closed(why); }}) {}

  Outcome<ExitCode> run();

 private:
  Outcome<void> begin();
  Outcome<void> serve();
  void perform(const audit::Effects& effects);
  void on_message(ByteView message);
  void on_closed(const std::string& why);
  void retry_later(const std::string& why);
  void connect() { line_.connect(follower_->pinned().has_value()); }
  void arm_tick();
  void raise(const audit::Finding& finding);
  void show_alarm(const std::string& words);
  void run_alarm_program();
  void end(Outcome<ExitCode> with);
  [[nodiscard]] PublishedState published() const;
  [[nodiscard]] std::string server_name() const {
    return follower_ && follower_->pinned() ? follower_->pinned()->server_name : options_.server;
  }

  const FollowOptions& options_;
  const Report& report_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  boost::asio::io_context context_{1};
  DataFolder folder_;
  crypto::HybridPrivateKey witness_;
  std::optional<audit::Follower> follower_;
  ServerLine line_;
  std::unique_ptr<transport::Listener> listener_;
  boost::asio::steady_timer tick_{context_};
  boost::asio::steady_timer retry_{context_};
  boost::asio::steady_timer deadline_{context_};
  std::string alarm_;
  std::uint64_t failures_ = 0;  ///< since the server greeted us last
  std::uint64_t all_failures_ = 0;
  std::optional<Outcome<ExitCode>> end_;
};

void Program::end(Outcome<ExitCode> with) {
  if (!end_) end_ = std::move(with);
  context_.stop();
}

Outcome<void> Program::serve() {
  if (options_.serve.empty()) return {};
  SOTTO_TRY(const transport::TcpEndpoint address, parse_address(options_.serve));
  transport::ListenerOptions listening;
  listening.endpoint = address;
  listening.max_connections = 256;
  const auto answer = [this](const transport::HttpRequest& request) {
    return publish(request, published(), options_.cosign ? &witness_.public_key() : nullptr, clock_.now());
  };
  auto listener = transport::Listener::start(context_, std::move(listening), std::nullopt,
                                             transport::at_once(answer), nullptr);
  if (!listener) {
    return err(
        Failure{ExitCode::failed, "cannot listen on " + options_.serve +
                                      ": the address is in use or not one of this machine's; choose another "
                                      "with --serve"});
  }
  listener_ = *std::move(listener);
  const bool v6 = address.host.find(':') != std::string::npos;
  report_.serving(
      fmt::format(fmt::runtime(v6 ? "http://[{}]:{}" : "http://{}:{}"), address.host, listener_->port()));
  return {};
}

PublishedState Program::published() const {
  PublishedState out{
      .head = std::nullopt, .status = {}, .alarm = alarm_, .evidence = {}, .failures = all_failures_};
  if (follower_) out.status = follower_->status();
  if (auto head = folder_.head()) out.head = *std::move(head);
  if (alarm_.empty()) return out;
  if (auto evidence = read_file(folder_.evidence_file(), audit::kMaxReportOctets)) {
    out.evidence = std::move(*evidence).value_or(Bytes());
  }
  return out;
}

Outcome<void> Program::begin() {
  SOTTO_TRY(const auto raised, folder_.alarm());
  if (raised) {
    show_alarm(*raised);
    return {};
  }
  SOTTO_TRY(auto restored, folder_.restore(clock_.now()));
  if (const auto* finding = std::get_if<audit::Finding>(&restored)) {
    raise(*finding);
    return {};
  }
  follower_.emplace(std::get<audit::FollowerStart>(std::move(restored)),
                    audit::FollowerOptions{.poll_interval = seconds(options_.poll_s),
                                           .witness = options_.cosign ? &witness_ : nullptr},
                    folder_.leaves(), random_);
  if (follower_->pinned()) report_.following(*follower_->pinned(), follower_->status().followed);
  connect();
  return {};
}

Outcome<ExitCode> Program::run() {
  boost::asio::signal_set signals(context_, SIGTERM, SIGINT);
  signals.async_wait([this](boost::system::error_code error, int) {
    if (!error) end(alarm_.empty() ? ExitCode::ok : ExitCode::alarm);
  });
  if (options_.once) {
    deadline_.expires_after(std::chrono::seconds(options_.wait_s));
    deadline_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      end(err(Failure{ExitCode::unreachable, "not caught up with " + options_.server +
                                                 " in time; see above, or wait longer with --wait"}));
    });
  }
  SOTTO_CHECK_OK(serve());
  SOTTO_CHECK_OK(begin());
  if (!end_) context_.run();
  line_.hang_up();
  if (follower_) {
    if (const auto snapshot = follower_->snapshot()) SOTTO_CHECK_OK(folder_.keep_snapshot(*snapshot));
  }
  return *std::move(end_);
}

void Program::perform(const audit::Effects& effects) {
  if (const auto kept = folder_.keep(effects); !kept) return end(err(kept.error()));
  if (effects.pin) report_.following(*effects.pin, 0);
  if (effects.head) report_.head(*effects.head, follower_->status().followed);
  for (const std::string& notice : effects.notices) report_.notice(notice);
  if (effects.finding) return raise(*effects.finding);
  for (const Bytes& frame : effects.frames) line_.send(frame);
  if (effects.disconnect) {
    line_.hang_up();
    const std::string why(audit::describe(*effects.disconnect));
    if (!audit::worth_retrying(*effects.disconnect)) {
      return end(
          err(Failure{ExitCode::other_log,
                      options_.server + ": " + why +
                          ". If that is meant to be so, follow it with another --data-dir; if not, somebody "
                          "stands between you and the server, or its operator replaced its keys"}));
    }
    return retry_later(why);
  }
  if (follower_->status().greeted) failures_ = 0;
  if (options_.once && follower_->status().caught_up) return end(ExitCode::ok);
  arm_tick();
}

void Program::on_message(ByteView message) { perform(follower_->receive(message, clock_.now())); }

void Program::on_closed(const std::string& why) {
  follower_->disconnected();
  retry_later(why);
}

void Program::retry_later(const std::string& why) {
  tick_.cancel();
  ++all_failures_;
  const std::uint64_t doublings = std::min<std::uint64_t>(failures_++, 10);
  std::uint64_t pause = std::min(kFirstRetry.value << doublings, kLongestRetry.value);
  pause += pause * random_.array<1>()[0] / 512;
  report_.notice(fmt::format("{}: {}; trying again in {:.1f} s", options_.server, why,
                             static_cast<double>(pause) / 1000));
  retry_.expires_after(std::chrono::milliseconds(pause));
  retry_.async_wait([this](boost::system::error_code error) {
    if (!error) connect();
  });
}

void Program::arm_tick() {
  const auto at = follower_->next_tick();
  if (!at) return;
  tick_.expires_after(std::chrono::milliseconds(elapsed(clock_.now(), *at).value + 1));
  tick_.async_wait([this](boost::system::error_code error) {
    if (!error) perform(follower_->tick(clock_.now()));
  });
}

void Program::raise(const audit::Finding& finding) {
  line_.hang_up();
  const std::string words = alarm_words(finding, server_name(), folder_.evidence_file().string());
  const auto kept = folder_.keep_alarm(finding, words);
  show_alarm(words);
  if (!kept) report_.failure(kept.error());
  run_alarm_program();
}

/// With something to serve, an alarmed auditor stays and says so to whoever asks.
void Program::show_alarm(const std::string& words) {
  alarm_ = words;
  report_.alarm(words);
  if (options_.once || options_.serve.empty()) end(ExitCode::alarm);
}

void Program::run_alarm_program() {
  if (options_.on_alarm.empty()) return;
  std::string program = options_.on_alarm;
  std::string evidence = folder_.evidence_file().string();
  char* arguments[] = {program.data(), evidence.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments, environ);
  if (failed != 0) report_.notice("cannot run " + program + " (--on-alarm): " + std::strerror(failed));
}

}  // namespace

Outcome<ExitCode> follow(const FollowOptions& options, const Report& report) {
  SOTTO_TRY(ServerAddress address, parse_server(options.server, options.pin));
  crypto::SystemRandom random;
  SOTTO_TRY(DataFolder folder, DataFolder::open(options.data_dir));
  SOTTO_TRY(crypto::HybridPrivateKey witness, DataFolder::witness_key(options.data_dir, random));
  return Program(options, std::move(address), std::move(folder), std::move(witness), report).run();
}

}  // namespace sotto::audit_cli
