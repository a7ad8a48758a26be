#include "client/core/link.h"

#include <algorithm>

#include "client/core/effects.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr DurationMs kFirstPause = seconds(1);
constexpr DurationMs kLongestPause = hours(1);
constexpr std::uint32_t kMaxDoublings = 12;
/// Pauses kept; over it the whole memory of refusals is dropped, which costs one early retry each.
constexpr std::size_t kMaxPauses = 10'000;

}  // namespace

bool Link::may(const RequestKey& key, UnixMs now) const {
  if (busy_.contains(key)) return false;
  const auto paused = pauses_.find(key);
  return paused == pauses_.end() || now >= paused->second.until;
}

std::uint32_t Link::refusals(const RequestKey& key) const {
  const auto paused = pauses_.find(key);
  return paused == pauses_.end() ? 0 : paused->second.refusals;
}

void Link::send(Effects& effects, v1::ClientFrame& frame, Request request) {
  frame.set_request_id(++last_request_);
  effects.frames.push_back(wire::encode(frame));
  busy_.insert(request.key);
  busy_.insert(request.also.begin(), request.also.end());
  in_flight_.emplace(last_request_, std::move(request));
}

void Link::notify(Effects& effects, v1::ClientFrame& frame) {
  frame.set_request_id(++last_request_);
  effects.frames.push_back(wire::encode(frame));
}

std::optional<Request> Link::answered(std::uint64_t request_id) {
  auto node = in_flight_.extract(request_id);
  if (node.empty()) return std::nullopt;
  busy_.erase(node.mapped().key);
  for (const RequestKey& key : node.mapped().also) busy_.erase(key);
  return std::move(node.mapped());
}

void Link::pause(const RequestKey& key, DurationMs minimum, UnixMs now, crypto::RandomSource& random) {
  if (pauses_.size() >= kMaxPauses) pauses_.clear();
  Pause& pause = pauses_[key];
  const std::uint32_t doublings = std::min(pause.refusals++, kMaxDoublings);
  std::uint64_t length = std::min(kFirstPause.value << doublings, kLongestPause.value);
  const auto jitter = random.array<2>();
  length += length * (jitter[0] * 256U + jitter[1]) / 65536U / 2U;
  pause.until = now + DurationMs{std::max(length, minimum.value)};
}

std::optional<UnixMs> Link::next_retry(UnixMs now) const {
  std::optional<UnixMs> next;
  for (const auto& [key, pause] : pauses_) {
    if (pause.until > now && (!next || pause.until < *next)) next = pause.until;
  }
  return next;
}

void Link::reset() {
  phase = Phase::offline;
  undelivered = 0;
  drained = false;
  tls_key.reset();
  own_chain.reset();
  in_flight_.clear();
  busy_.clear();
}

}  // namespace sotto::client
