#include "audit/comparison.h"

#include <algorithm>
#include <utility>

#include "audit/head_check.h"
#include "result/check.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit {
namespace {

constexpr std::uint32_t kProtocolVersion = 1;
constexpr std::uint64_t kHelloId = 1;

ComparisonEffects failed(AuditError error) { return {.error = noted(error)}; }

}  // namespace

Comparison::Comparison(std::vector<transparency::SignedTreeHead> heads, std::optional<PinnedLog> pinned,
                       crypto::RandomSource& random)
    : heads_(std::move(heads)), pinned_(std::move(pinned)), random_(random) {
  SOTTO_CHECK(heads_.size() >= 2);
  std::ranges::sort(heads_, {}, [](const auto& head) { return std::pair(head.head.size, head.head.time); });
}

ComparisonEffects Comparison::connected(const std::optional<identity::SpkiHash>& tls_key) {
  tls_key_ = tls_key;
  greeted_ = false;
  last_id_ = kHelloId;
  v1::ClientFrame frame;
  frame.set_request_id(kHelloId);
  frame.mutable_hello()->set_protocol_version(kProtocolVersion);
  frame.mutable_hello()->set_client_nonce(wire::field(random_.array<32>()));
  return {.frames = {wire::encode(frame)}};
}

ComparisonEffects Comparison::receive(ByteView message, UnixMs now) {
  v1::ServerFrame frame;
  if (!wire::decode(message, wire::kMaxFrameBytes, frame)) return failed(AuditError::malformed_answer);
  if (!greeted_ && frame.has_error()) return failed(AuditError::refused);
  if (!greeted_) return on_welcome(frame, now);
  if (frame.request_id() == 0 && !frame.has_error()) return {};
  return on_path(frame);
}

ComparisonEffects Comparison::on_welcome(const v1::ServerFrame& frame, UnixMs now) {
  if (!frame.has_welcome() || frame.request_id() != kHelloId) return failed(AuditError::malformed_answer);
  auto said = check_welcome(frame.welcome(), pinned_, tls_key_, now);
  if (!said) return failed(said.error());
  pinned_ = *std::move(said);
  greeted_ = true;
  const bool all = std::ranges::all_of(
      heads_, [this](const auto& head) { return transparency::verify(pinned_->keys, head).has_value(); });
  return all ? go_on() : failed(AuditError::bad_head);
}

ComparisonEffects Comparison::go_on() {
  for (; next_ < heads_.size(); ++next_) {
    const transparency::TreeHead& first = heads_[next_ - 1].head;
    const transparency::TreeHead& second = heads_[next_].head;
    if (first.size != second.size) return ask(first.size, second.size);
    auto evidence = transparency::contradiction(pinned_->keys, heads_[next_ - 1], heads_[next_], {});
    if (evidence) return ended(Relation::forked, std::move(evidence));
  }
  return {.result = ComparisonResult{.relation = Relation::consistent}};
}

ComparisonEffects Comparison::ask(std::uint64_t first_size, std::uint64_t second_size) {
  v1::ClientFrame frame;
  frame.set_request_id(++last_id_);
  frame.mutable_fetch_consistency()->set_first_size(first_size);
  frame.mutable_fetch_consistency()->set_second_size(second_size);
  return {.frames = {wire::encode(frame)}};
}

ComparisonEffects Comparison::on_path(const v1::ServerFrame& frame) {
  // Whatever the reason: the server does not show that they belong together.
  if (frame.has_error()) return ended(Relation::unproven, std::nullopt);
  if (!frame.has_consistency() || frame.request_id() != last_id_) {
    return failed(AuditError::malformed_answer);
  }
  const auto path =
      transparency::path_from(wire::octets(frame.consistency().path()), transparency::kMaxConsistencyPath);
  if (!path) return failed(AuditError::malformed_answer);
  const transparency::TreeHead& first = heads_[next_ - 1].head;
  const transparency::TreeHead& second = heads_[next_].head;
  const transparency::SignedTreeHead& before = heads_[next_ - 1];
  if (const auto doubtful = std::exchange(doubtful_, std::nullopt)) {
    auto evidence = contradiction(pinned_->keys, before, heads_[next_], *doubtful, *path);
    return ended(evidence ? Relation::forked : Relation::unproven, std::move(evidence));
  }
  if (!crypto::consistent(first.size, first.root, second.size, second.root, *path)) {
    auto evidence = transparency::contradiction(pinned_->keys, before, heads_[next_], *path);
    if (!evidence && needs_another_path(first, second)) {
      doubtful_ = *path;
      return ask(first.size + 1, second.size);
    }
    return ended(evidence ? Relation::forked : Relation::unproven, std::move(evidence));
  }
  ++next_;
  return go_on();
}

ComparisonEffects Comparison::ended(Relation relation,
                                    std::optional<transparency::ForkEvidence> evidence) const {
  return {.result = ComparisonResult{.relation = relation,
                                     .evidence = std::move(evidence),
                                     .between = std::pair(heads_[next_ - 1].head, heads_[next_].head)}};
}

}  // namespace sotto::audit
