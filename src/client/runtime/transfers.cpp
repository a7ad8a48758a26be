#include "client/runtime/transfers.h"

#include <algorithm>
#include <charconv>

namespace sotto::client {
namespace {

using transport::HttpAsk;
using transport::HttpOutcome;

/// Files of messages that disappeared, or were taken back.
constexpr DurationMs kSweepInterval = hours(1);
/// An hour; longer waits are nobody's intention, and do not overflow.
constexpr std::uint64_t kLongestRetrySeconds = 3600;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

TransferRunner::TransferRunner(boost::asio::io_context& context, Core& core, AttachmentFolder folder,
                               Perform perform)
    : context_(context),
      core_(core),
      folder_(std::move(folder)),
      mover_(core.database(), folder_),
      perform_(std::move(perform)) {}

void TransferRunner::sweep() {
  if (swept_ && elapsed(*swept_, clock_.now()) < kSweepInterval) return;
  swept_ = clock_.now();
  folder_.sweep([this](const attachments::FileId& file) {
    auto rows = core_.database().query(
        "SELECT 1 FROM attachment WHERE file_id = ?1 UNION ALL SELECT 1 FROM attachment_media WHERE file_id "
        "= ?1"
        " LIMIT 1",
        file);
    return rows.next() || core_.database().failure();
  });
}

void TransferRunner::work() {
  sweep();
  if (mover_.asking() || !core_.signed_in()) return;
  auto step = mover_.next(clock_.now());
  if (step.tell) tell(step.tell);
  if (step.ask) ask(*std::move(step.ask));
}

bool TransferRunner::make_client() {
  if (client_) return true;
  const auto server = load_server(core_.database());
  if (!server) return false;
  transport::ServerVerification verification = transport::AuthorityTrust{};
  if (server->tls_pin) verification = transport::PinnedKeys{{*server->tls_pin}};
  auto tls = transport::TlsClientContext::create(verification);
  if (!tls) return false;
  transport::HttpClientOptions options;
  options.endpoint = transport::TcpEndpoint{server->host, server->port};
  client_ = std::make_unique<transport::HttpClient>(context_, std::move(options), *std::move(tls));
  return true;
}

void TransferRunner::ask(BlobAsk request) {
  if (!make_client()) return tell(mover_.answered(nullptr, clock_.now()));
  client_->ask(HttpAsk{.method = std::move(request.method),
                       .target = std::move(request.target),
                       .fields = std::move(request.fields),
                       .body = std::move(request.body)},
               [this](const HttpOutcome& outcome) {
                 answered(outcome);
                 work();
               });
}

void TransferRunner::answered(const HttpOutcome& outcome) {
  if (!outcome) {
    client_.reset();  // its key, or its address, may be another one now
    return tell(mover_.answered(nullptr, clock_.now()));
  }
  const BlobAnswer answer{
      .status = outcome->status,
      .upload_offset = number(outcome->field("Upload-Offset")),
      .retry_after = seconds(std::min(number(outcome->field("Retry-After")), kLongestRetrySeconds)),
      .body = outcome->body};
  tell(mover_.answered(&answer, clock_.now()));
}

void TransferRunner::tell(const OctetMover::Input& input) {
  if (!input) return;
  auto outcome = core_.command(clock_.now(), [&input](Work& work) {
    input(work);
    return true;
  });
  if (!outcome) return perform_(err(outcome.error()));
  perform_(std::move(outcome->effects));
}

}  // namespace sotto::client
