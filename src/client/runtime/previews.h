// Asks a page for what a preview of it shows, when its user wants to send one (docs/specs/content.md 2): over
// HTTPS, within limits of size, time and redirects, and not at addresses of private networks unless told. The
// picture goes through the sandbox. Nothing here is ever called for what somebody else wrote.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>

#include "client/previews/error.h"
#include "clock/clock.h"
#include "transport/http_client.h"

namespace sotto::client {

/// All of it; whoever waits for a message to leave waits no longer.
inline constexpr DurationMs kPreviewDeadline = seconds(15);

struct PreviewOptions {
  transport::ServerVerification verification = transport::AuthorityTrust{};
  DurationMs deadline = kPreviewDeadline;
};

/// Use from the loop's thread.
class PreviewFetcher {
 public:
  using Done = std::function<void(PreviewOutcome)>;

  /// `media_program`: the path of sotto-media.
  PreviewFetcher(boost::asio::io_context& loop, std::string media_program, PreviewOptions options = {});
  /// Waits for the sandbox, which answers within its own limits. Nothing is told any more.
  ~PreviewFetcher();
  PreviewFetcher(const PreviewFetcher&) = delete;
  PreviewFetcher& operator=(const PreviewFetcher&) = delete;

  /// `done` is called from the loop, never from inside. A page whose picture cannot be had has none. Errors:
  /// all.
  void fetch(const std::string& url, bool private_addresses, Done done);

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  using Addresses = boost::asio::ip::tcp::resolver::results_type;

  void resolve(const JobPtr& job);
  void take_addresses(const JobPtr& job, const Addresses& addresses);
  void ask(const JobPtr& job);
  void on_answer(const JobPtr& job, const transport::HttpOutcome& outcome);
  void on_redirect(const JobPtr& job, std::string_view location);
  void on_page(const JobPtr& job, const transport::HttpAnswer& answer);
  void on_picture(const JobPtr& job, Bytes octets);
  /// Later, from the loop, unless the job is over by then.
  void post(const JobPtr& job, std::function<void()> step);
  /// Without a page there is no preview; without a picture there is one.
  void fail(const JobPtr& job, PreviewError error);
  void finish(const JobPtr& job, PreviewOutcome outcome);

  boost::asio::io_context& loop_;
  std::string media_program_;
  PreviewOptions options_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  std::unique_ptr<transport::HttpClient> http_;
  JobPtr job_;
  std::unique_ptr<boost::asio::thread_pool> worker_;            ///< once there is a picture
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for what was seen and still waits
};

}  // namespace sotto::client
