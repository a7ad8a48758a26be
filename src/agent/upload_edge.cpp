#include "agent/upload_edge.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <charconv>
#include <chrono>
#include <utility>

#include "agent/answers.h"
#include "agent/json.h"
#include "agent/target.h"
#include "client/api/file_intake.h"

namespace sotto::agent {
namespace {

namespace api = client::api;
using api::FileIntake;
using client::FileError;
using transport::HttpBodySinkPtr;
using transport::HttpReply;
using transport::HttpRequest;
using transport::HttpResponse;

HttpResponse answer_to(const api::IntakeFailure& failure) {
  unsigned status = failure.failure.code == api::ExitCode::refused ? 422 : 500;
  if (failure.cause == FileError::disk_full) status = 507;
  if (failure.cause == FileError::too_large) status = 413;
  return refusal(status, failure.failure);
}

HttpResponse failed(unsigned status, std::string words) {
  return refusal(status, api::Failure{api::ExitCode::failed, std::move(words)});
}

HttpResponse locked() {
  return failed(503, "the profile was locked while the file came; unlock it and upload the file again");
}

HttpResponse too_many() {
  HttpResponse response =
      failed(503, fmt::format("{} files are being uploaded; wait until one is through", kMaxUploadsAtOnce));
  response.fields.emplace_back("Retry-After", "1");
  return response;
}

std::optional<std::uint64_t> announced_length(const HttpRequest& head) {
  const std::string_view text = head.field("Content-Length");
  std::uint64_t octets = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), octets);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return octets;
}

/// What a thread makes of an upload. If nobody takes it, because the connection or the agent ended, it goes.
struct Made {
  explicit Made(client::AttachmentFolder where) : folder(std::move(where)) {}
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() {
    if (file && *file) folder.erase((*file)->keys.file_id);
  }

  client::AttachmentFolder folder;
  std::optional<api::IntakeResult<client::NewFile>> file;
};

}  // namespace

/// What uploads use of the edge for as long as there is one.
struct UploadEdge::Desk {
  Desk(boost::asio::io_context& context, Agent& owner) : loop(context), agent(owner), expiry(context) {}

  /// Nobody else may come and have those erased that are too old.
  void expire_later(const std::shared_ptr<Desk>& self);

  boost::asio::io_context& loop;
  Agent& agent;
  boost::asio::steady_timer expiry;
  boost::asio::thread_pool threads{kUploadThreads};
  std::size_t running = 0;
};

void UploadEdge::Desk::expire_later(const std::shared_ptr<Desk>& self) {
  expiry.expires_after(std::chrono::milliseconds(kUploadLifetime.value) + std::chrono::seconds(1));
  expiry.async_wait([weak = std::weak_ptr(self)](const boost::system::error_code& failure) {
    const auto desk = weak.lock();
    if (failure || !desk || desk->agent.client() == nullptr) return;
    desk->agent.uploads()->expire(desk->agent.client()->now());
  });
}

/// Reads nothing.
class UploadEdge::Refused final : public transport::HttpBodySink {
 public:
  explicit Refused(HttpResponse response) : response_(std::move(response)) {}
  void take(std::string, Taken taken) override { taken(std::move(response_)); }
  void finish(HttpReply reply) override { reply(std::move(response_)); }

 private:
  HttpResponse response_;
};

class UploadEdge::Upload final : public transport::HttpBodySink {
 public:
  Upload(const std::shared_ptr<Desk>& desk, FileIntake intake, std::string mime, Protect protect)
      : desk_(desk),
        profile_(desk->agent.uploads()->open()),
        folder_(desk->agent.client()->folder),
        intake_(std::make_shared<FileIntake>(std::move(intake))),
        mime_(std::move(mime)),
        protect_(std::move(protect)) {
    ++desk->running;
  }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload() override {
    if (const auto desk = desk_.lock()) --desk->running;
  }

  void take(std::string octets, Taken taken) override;
  void finish(HttpReply reply) override;

 private:
  /// `work` of the file on a thread, then `done` with what it gave on the loop.
  template <typename Work, typename Done>
  void run(Work work, Done done);
  HttpResponse answer(const std::shared_ptr<Desk>& desk, Made& made);
  HttpResponse adopted(Desk& desk, client::NewFile file);

  std::weak_ptr<Desk> desk_;
  std::weak_ptr<const bool> profile_;
  client::AttachmentFolder folder_;
  std::shared_ptr<FileIntake> intake_;  ///< a thread's from take() or finish() to its answer
  std::string mime_;
  Protect protect_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <typename Work, typename Done>
void UploadEdge::Upload::run(Work work, Done done) {
  const auto desk = desk_.lock();
  if (!desk) return;
  boost::asio::post(desk->threads, [&loop = desk->loop, intake = intake_, work = std::move(work),
                                    done = std::move(done)]() mutable {
    auto outcome = work(*intake);
    intake.reset();  // what was cut meanwhile is gone before anything is said of it
    boost::asio::post(loop, [outcome = std::move(outcome), done = std::move(done)] { done(outcome); });
  });
}

void UploadEdge::Upload::take(std::string octets, Taken taken) {
  const auto refuse = [protect = protect_, taken](HttpResponse response) {
    protect(response);
    taken(std::move(response));
  };
  if (profile_.expired()) return refuse(locked());
  run([octets = std::move(octets)](FileIntake& intake) { return intake.take(as_bytes(octets)); },
      [refuse, taken](const api::IntakeResult<void>& outcome) {
        if (!outcome) return refuse(answer_to(outcome.error()));
        taken(std::nullopt);
      });
}

void UploadEdge::Upload::finish(HttpReply reply) {
  run(
      [made = std::make_shared<Made>(folder_)](FileIntake& intake) {
        made->file = intake.finish();
        return made;
      },
      // Whoever has left was not told what the file is called: it goes.
      [this, alive = std::weak_ptr(alive_), reply = std::move(reply)](const std::shared_ptr<Made>& made) {
        const auto desk = alive.expired() ? nullptr : desk_.lock();
        if (desk) reply(answer(desk, *made));
      });
}

HttpResponse UploadEdge::Upload::answer(const std::shared_ptr<Desk>& desk, Made& made) {
  HttpResponse response;
  if (!*made.file) {
    response = answer_to(made.file->error());
  } else if (profile_.expired()) {
    response = locked();
  } else {
    response = adopted(*desk, **std::exchange(made.file, std::nullopt));
    desk->expire_later(desk);
  }
  protect_(response);
  return response;
}

HttpResponse UploadEdge::Upload::adopted(Desk& desk, client::NewFile file) {
  if (attachments::is_media_type(mime_)) file.mime = mime_;
  HttpResponse response = unstored_response("application/json");
  const std::string about =
      fmt::format(R"("name":{},"size":"{}"}})", json_string(file.name), file.shape.file);
  api::Client& client = *desk.agent.client();
  const std::string name = desk.agent.uploads()->add(std::move(file), client.random, client.now());
  response.body = fmt::format(R"({{"upload":"{}",{})", name, about);
  return response;
}

UploadEdge::UploadEdge(boost::asio::io_context& loop, Agent& agent)
    : desk_(std::make_shared<Desk>(loop, agent)) {}

UploadEdge::~UploadEdge() { desk_->threads.join(); }

HttpBodySinkPtr UploadEdge::take(const HttpRequest& head, Protect protect) {
  const auto refused = [&protect](HttpResponse response) {
    protect(response);
    return std::make_unique<Refused>(std::move(response));
  };
  api::Client* client = desk_->agent.client();
  if (client == nullptr) return refused(refusal(404, "no profile is open"));
  if (desk_->running >= kMaxUploadsAtOnce) return refused(too_many());
  const client::AttachmentFolder folder(client->folder);
  const std::string name = parameter(head, "name");
  const auto size = announced_length(head);
  if (size && !attachments::Shape::of(*size)) {
    return refused(failed(413, fmt::format("{}: {}", name, describe(FileError::too_large))));
  }
  auto intake = FileIntake::begin(
      {.random = client->random, .folder = folder, .thumbnail = client->thumbnail},
      {.name = name, .about = name, .keep_metadata = parameter(head, "keep_metadata") == "1", .size = size});
  if (!intake) return refused(refusal(500, intake.error()));
  return std::make_unique<Upload>(desk_, *std::move(intake), parameter(head, "mime"), std::move(protect));
}

}  // namespace sotto::agent
