#include "transparency/log_view.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "transparency/wire_form.h"

namespace sotto::transparency {
namespace {

auto claim_of(std::vector<OpenClaim>& claims, const AccountId& account) {
  return std::ranges::find(claims, account, &OpenClaim::account);
}

}  // namespace

std::optional<Gossip> LogView::gossip() const {
  if (!head_) return std::nullopt;
  return Gossip{to_array<8>(ByteView(id_).first(8)), head_->head.size, head_->head.root};
}

TransparencyResult<void> LogView::convicted(std::optional<ForkEvidence> evidence) {
  if (!evidence) return err(TransparencyError::not_consistent);
  fork_ = std::move(evidence);
  return err(TransparencyError::forked);
}

TransparencyResult<void> LogView::check_head(const SignedTreeHead& head,
                                             const crypto::MerklePath& consistency, UnixMs now) {
  if (fork_) return err(TransparencyError::forked);
  const TreeHead& next = head.head;
  const bool verified_before = head_ && head_->head == next && head_->signature == head.signature;
  if (!verified_before) SOTTO_CHECK_OK(transparency::verify(keys_, head));
  if (elapsed(next.time, now) > kMaxHeadAge) return err(TransparencyError::head_too_old);
  if (elapsed(now, next.time) > kMaxHeadAge) return err(TransparencyError::head_from_future);
  if (!head_) return {};
  const TreeHead& last = head_->head;
  if (next.size < last.size) return err(TransparencyError::head_behind);
  const bool continues = next.size == last.size
                             ? next.root == last.root
                             : crypto::consistent(last.size, last.root, next.size, next.root, consistency);
  if (!continues) return convicted(contradiction(keys_, *head_, head, consistency));
  if (next.time < last.time) return err(TransparencyError::head_behind);
  return {};
}

TransparencyResult<std::vector<LabelState>> LogView::verify(const LookupAnswer& answer,
                                                            std::span<const Question> questions, UnixMs now) {
  SOTTO_CHECK_OK(check_head(answer.head, answer.consistency, now));
  SOTTO_TRY(std::vector<LabelState> states, verify_labels(keys_.vrf, answer, questions));
  accept(answer.head);
  return states;
}

TransparencyResult<void> LogView::advance(const SignedTreeHead& head, const crypto::MerklePath& consistency,
                                          UnixMs now) {
  SOTTO_CHECK_OK(check_head(head, consistency, now));
  accept(head);
  return {};
}

void LogView::accept(const SignedTreeHead& head) {
  head_ = SignedTreeHead{head.head, head.signature, {}};
  remember({head.head.size, head.head.root});
  for (OpenClaim& claim : claims_) {
    if (claim.gossip.size == head.head.size && claim.gossip.root != head.head.root) claim.disputed = true;
  }
  const Gossip ours = *gossip();
  std::erase_if(claims_, [&ours](const OpenClaim& claim) { return claim.gossip == ours; });
}

TransparencyResult<void> LogView::examine(const SignedTreeHead& foreign, const crypto::MerklePath& path) {
  if (fork_) return err(TransparencyError::forked);
  SOTTO_CHECK_OK(transparency::verify(keys_, foreign));
  if (!head_) return err(TransparencyError::head_behind);
  const bool foreign_first = foreign.head.size <= head_->head.size;
  const TreeHead& first = foreign_first ? foreign.head : head_->head;
  const TreeHead& second = foreign_first ? head_->head : foreign.head;
  if (!crypto::consistent(first.size, first.root, second.size, second.root, path)) {
    return convicted(contradiction(keys_, foreign, *head_, path));
  }
  remember({foreign.head.size, foreign.head.root});
  return {};
}

ClaimVerdict LogView::heard(const AccountId& account, const Gossip& gossip, UnixMs now) {
  const auto open = claim_of(claims_, account);
  const bool this_log = equal(gossip.log, ByteView(id_).first(8));
  const auto known = this_log ? known_root(gossip.size) : std::nullopt;
  if (known == gossip.root) {
    // What the account says now is true; what it said before may have been another log's.
    if (open != claims_.end() && open->gossip == gossip) claims_.erase(open);
    return ClaimVerdict::agrees;
  }
  const bool disputed = !this_log || known.has_value();
  if (open == claims_.end()) {
    if (claims_.size() < kMaxOpenClaims) claims_.push_back({account, gossip, now, disputed});
  } else if (disputed && !open->disputed) {
    *open = {account, gossip, open->first_heard, true};
  }
  return disputed ? ClaimVerdict::disputed : ClaimVerdict::needs_proof;
}

TransparencyResult<void> LogView::settle(const AccountId& account, const crypto::MerklePath& path) {
  const auto open = claim_of(claims_, account);
  if (open == claims_.end()) return err(TransparencyError::malformed);
  const Gossip& claim = open->gossip;
  if (!equal(claim.log, ByteView(id_).first(8))) return err(TransparencyError::wrong_log);
  if (!head_ || claim.size > head_->head.size) return err(TransparencyError::head_behind);
  if (!crypto::consistent(claim.size, claim.root, head_->head.size, head_->head.root, path)) {
    return err(TransparencyError::not_consistent);
  }
  remember({claim.size, claim.root});
  claims_.erase(open);
  return {};
}

Standing LogView::standing(const AccountId& account, UnixMs now) const {
  if (fork_) return Standing::forked;
  const auto open = std::ranges::find(claims_, account, &OpenClaim::account);
  if (open == claims_.end()) return Standing::trusted;
  const bool overdue = elapsed(open->first_heard, now) > kClaimPatience;
  return open->disputed || overdue ? Standing::disputed : Standing::trusted;
}

TransparencyResult<void> LogView::convict(ForkEvidence evidence) {
  if (log_id(evidence.keys) != id_) return err(TransparencyError::wrong_log);
  SOTTO_CHECK_OK(transparency::verify(evidence));
  fork_ = std::move(evidence);
  return {};
}

void LogView::remember(const Known& known) {
  std::erase(known_, known);
  if (known_.size() >= kMaxProvenHeads) known_.erase(known_.begin());
  known_.push_back(known);
}

std::optional<Hash> LogView::known_root(std::uint64_t size) const {
  const auto found = std::ranges::find(known_, size, &Known::size);
  if (found == known_.end()) return std::nullopt;
  return found->root;
}

}  // namespace sotto::transparency
