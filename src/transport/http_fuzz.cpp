// Reads requests, answers and upgrade answers in pieces.
#include <algorithm>
#include <cstdlib>

#include "transport/http.h"

namespace {

using sotto::ByteView;
using namespace sotto::transport;

constexpr std::size_t kMaxBody = 1000;

void read_request(ByteView input, std::size_t piece) {
  HttpRequestReader reader(kMaxBody);
  while (!input.empty()) {
    const ByteView part = input.first(std::min(piece, input.size()));
    input = input.subspan(part.size());
    const auto complete = reader.feed(part);
    if (!complete) return;
    if (!*complete) continue;
    const HttpRequest request = reader.take();
    if (request.body.size() > kMaxBody) std::abort();
    if (accept_upgrade(request) && !wants_upgrade(request)) std::abort();
    return;
  }
}

/// The body in parts is the body.
void read_request_in_parts(ByteView input, std::size_t piece) {
  HttpRequestReader whole(kMaxBody);
  HttpRequestReader reader(0, [](const HttpRequest&) { return kMaxBody; });
  std::string body;
  while (!input.empty()) {
    const ByteView part = input.first(std::min(piece, input.size()));
    input = input.subspan(part.size());
    const auto expected = whole.feed(part);
    const auto complete = reader.feed(part);
    if (expected.has_value() != complete.has_value()) std::abort();
    if (!complete) return;
    body += reader.take_body();
    if (*expected != *complete || body.size() > kMaxBody) std::abort();
    if (!*complete) continue;
    if (whole.take().body != body || !reader.take().body.empty()) std::abort();
    return;
  }
}

void read_answer(ByteView input, std::size_t piece, bool head) {
  HttpAnswerReader reader(kMaxBody, head);
  bool done = false;
  while (!input.empty() && !done) {
    const ByteView part = input.first(std::min(piece, input.size()));
    input = input.subspan(part.size());
    const auto complete = reader.feed(part);
    if (!complete) return;
    done = *complete;
  }
  if (!done && !reader.close()) return;
  const HttpAnswer answer = reader.take();
  if (answer.body.size() > kMaxBody || (head && !answer.body.empty())) std::abort();
  if (!done && answer.keep_alive) std::abort();
}

void read_upgrade(ByteView input, std::size_t piece) {
  UpgradeRequest request("localhost", "/v1/stream", {});
  while (!input.empty()) {
    const ByteView part = input.first(std::min(piece, input.size()));
    input = input.subspan(part.size());
    const auto agreed = request.feed(part);
    if (!agreed || *agreed) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView input(data + 2, size - 2);
  const std::size_t piece = data[1] + 1U;
  switch (data[0] & 3) {
    case 0: read_upgrade(input, piece); break;
    case 2: read_answer(input, piece, (data[0] & 4) != 0); break;
    case 3: read_request_in_parts(input, piece); break;
    default: read_request(input, piece);
  }
  return 0;
}
