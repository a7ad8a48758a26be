#include "client/runtime/previews.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "client/links/web_url.h"
#include "client/previews/page.h"
#include "client/previews/records.h"
#include "client/runtime/public_address.h"
#include "media/sandbox.h"

namespace sotto::client {
namespace {

/// Pages are shorter; what they say of themselves stands at their beginning.
constexpr std::size_t kMaxPage = std::size_t{2} << 20;
constexpr std::size_t kMaxPicture = std::size_t{8} << 20;
constexpr int kMaxRedirects = 3;
/// Of one name, that are tried.
constexpr std::size_t kMaxAddresses = 4;
/// Without an octet.
constexpr DurationMs kPatience = seconds(8);

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_html(std::string_view content_type) {
  return content_type.starts_with("text/html") || content_type.starts_with("application/xhtml+xml");
}

PreviewError reason_of(const transport::HttpFailure& failure) {
  if (failure.reason == transport::TransportError::too_large) return PreviewError::too_large;
  if (failure.reason == transport::TransportError::timed_out) return PreviewError::timed_out;
  return PreviewError::unreachable;
}

/// What is asked says nothing of who asks: no cookies, no language, nothing of where the link stood.
transport::HttpAsk request_for(const WebUrl& url, bool picture) {
  return {.method = "GET",
          .target = url.target,
          .fields = {{"User-Agent", "Mozilla/5.0 (compatible; link preview)"},
                     {"Accept", picture ? "image/jpeg, image/png, image/webp" : "text/html"}},
          .body = {}};
}

/// JPEG of the sandbox's making; empty where it can make none.
Bytes picture_of(const std::string& program, ByteView octets) {
  if (octets.size() > media::kMaxInput) return {};
  media::Sandbox sandbox(program);
  auto clean = sandbox.clean(media::Sender::unknown, octets,
                             {.max_edge = media::kThumbnailEdge, .format = media::Format::jpeg});
  if (!clean || clean->thumbnail.size() > kMaxPreviewPicture) return {};
  return std::move(clean->thumbnail);
}

}  // namespace

struct PreviewFetcher::Job {
  v1::LinkPreview preview;
  std::string address;  ///< asked next
  bool private_addresses = false;
  bool picture = false;  ///< the page is known, its picture is asked for
  int redirects = 0;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;  ///< to be tried, the next one last
  Done done;
};

PreviewFetcher::PreviewFetcher(boost::asio::io_context& loop, std::string media_program,
                               PreviewOptions options)
    : loop_(loop),
      media_program_(std::move(media_program)),
      options_(std::move(options)),
      resolver_(loop),
      deadline_(loop) {}

PreviewFetcher::~PreviewFetcher() {
  alive_.reset();
  if (worker_) worker_->join();
}

void PreviewFetcher::fetch(const std::string& url, bool private_addresses, Done done) {
  if (job_) {
    boost::asio::post(loop_, [done = std::move(done)] { done(err(noted(PreviewError::busy))); });
    return;
  }
  const auto job = std::make_shared<Job>();
  job->preview.set_url(url);
  job->address = url.substr(0, url.find('#'));
  job->private_addresses = private_addresses;
  job->done = std::move(done);
  job_ = job;
  deadline_.expires_after(std::chrono::milliseconds(options_.deadline.value));
  deadline_.async_wait([this, job, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure) {
    if (failure || alive.expired() || job != job_) return;
    fail(job, PreviewError::timed_out);
  });
  post(job, [this, job] { resolve(job); });
}

void PreviewFetcher::post(const JobPtr& job, std::function<void()> step) {
  boost::asio::post(loop_, [this, job, alive = std::weak_ptr(alive_), step = std::move(step)] {
    if (!alive.expired() && job == job_) step();
  });
}

void PreviewFetcher::resolve(const JobPtr& job) {
  http_.reset();
  const auto url = parse_web_url(job->address);
  if (!url || !url->secure) return fail(job, PreviewError::bad_url);
  resolver_.async_resolve(url->host, std::to_string(url->port),
                          [this, job, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure,
                                                                     const Addresses& addresses) {
                            if (alive.expired() || job != job_) return;
                            if (failure || addresses.empty()) return fail(job, PreviewError::unreachable);
                            take_addresses(job, addresses);
                          });
}

void PreviewFetcher::take_addresses(const JobPtr& job, const Addresses& addresses) {
  // One that is not everybody's is enough: a name that has both kinds is made to get in somewhere.
  const bool all_public =
      std::ranges::all_of(addresses, [](const auto& entry) { return is_public(entry.endpoint().address()); });
  if (!all_public && !job->private_addresses) return fail(job, PreviewError::private_address);
  job->endpoints.clear();
  for (const auto& entry : addresses) {
    if (job->endpoints.size() < kMaxAddresses)
      job->endpoints.insert(job->endpoints.begin(), entry.endpoint());
  }
  ask(job);
}

void PreviewFetcher::ask(const JobPtr& job) {
  auto tls = transport::TlsClientContext::create(options_.verification, {.allow_classical_groups = true});
  const auto url = parse_web_url(job->address);
  if (!tls || !url) return fail(job, PreviewError::unreachable);
  // Connects to the address that was looked at, not to what the name stands for a moment later.
  const auto endpoint = job->endpoints.back();
  job->endpoints.pop_back();
  http_ = std::make_unique<transport::HttpClient>(
      loop_,
      transport::HttpClientOptions{
          .endpoint = transport::TcpEndpoint{endpoint.address().to_string(), endpoint.port()},
          .server_name = url->host,
          .patience = kPatience,
          .max_body_octets = job->picture ? kMaxPicture : kMaxPage},
      *std::move(tls));
  http_->ask(request_for(*url, job->picture), [this, job](transport::HttpOutcome outcome) {
    // Not from inside of the client that is to go.
    post(job, [this, job, outcome = std::move(outcome)] { on_answer(job, outcome); });
  });
}

void PreviewFetcher::on_answer(const JobPtr& job, const transport::HttpOutcome& outcome) {
  http_.reset();
  if (!outcome) {
    const bool nobody = outcome.error().reason == transport::TransportError::unreachable;
    return nobody && !job->endpoints.empty() ? ask(job) : fail(job, reason_of(outcome.error()));
  }
  if (is_redirect(outcome->status)) return on_redirect(job, outcome->field("Location"));
  if (outcome->status != 200) return fail(job, PreviewError::refused);
  if (job->picture) return on_picture(job, outcome->body);
  on_page(job, *outcome);
}

void PreviewFetcher::on_redirect(const JobPtr& job, std::string_view location) {
  if (++job->redirects > kMaxRedirects) return fail(job, PreviewError::too_many_redirects);
  job->address = resolve_reference(job->address, location);
  resolve(job);
}

void PreviewFetcher::on_page(const JobPtr& job, const transport::HttpAnswer& answer) {
  if (!is_html(answer.field("Content-Type"))) return fail(job, PreviewError::not_a_page);
  const PageFacts facts = scan_page(as_chars(answer.body));
  if (facts.title.empty()) return fail(job, PreviewError::no_title);
  job->preview.set_title(facts.title);
  job->preview.set_description(facts.description);
  job->picture = true;
  if (facts.picture.empty()) return finish(job, job->preview);
  job->redirects = 0;
  job->address = resolve_reference(job->address, facts.picture);
  resolve(job);
}

void PreviewFetcher::on_picture(const JobPtr& job, Bytes octets) {
  if (!worker_) worker_ = std::make_unique<boost::asio::thread_pool>(1);
  boost::asio::post(*worker_, [this, job, alive = std::weak_ptr(alive_), octets = std::move(octets)] {
    auto picture = picture_of(media_program_, octets);
    boost::asio::post(loop_, [this, job, alive, picture = std::move(picture)] {
      if (alive.expired() || job != job_) return;
      job->preview.set_picture(std::string(as_chars(picture)));
      finish(job, job->preview);
    });
  });
}

void PreviewFetcher::fail(const JobPtr& job, PreviewError error) {
  if (job->picture) return finish(job, job->preview);
  finish(job, err(noted(error)));
}

void PreviewFetcher::finish(const JobPtr& job, PreviewOutcome outcome) {
  job_.reset();
  deadline_.cancel();
  resolver_.cancel();
  http_.reset();
  job->done(std::move(outcome));
}

}  // namespace sotto::client
