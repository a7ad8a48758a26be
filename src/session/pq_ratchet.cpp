#include "session/pq_ratchet.h"

namespace sotto::session {
namespace {

PqChainKey& own_chain(PqEpochKeys& keys, Direction mine) {
  return mine == Direction::a_to_b ? keys.chain_a2b : keys.chain_b2a;
}

}  // namespace

PqRatchet::PqRatchet(PqEpochKeys epoch0, Direction mine)
    : mine_(mine),
      root_(std::move(epoch0.root)),
      sending_{std::move(own_chain(epoch0, mine)), 0},
      receiving_{std::move(own_chain(epoch0, opposite(mine))), 0} {}

PqMessageKey PqRatchet::take_sending_key(Header& header) {
  header.pq_epoch = send_epoch_;
  header.pq_n = sending_.next;
  header.pq_pn = previous_sent_;
  return sending_.take();
}

SessionResult<PqRatchet::Staged> PqRatchet::open(const Header& header, std::uint32_t max_jump) const {
  if (header.pq_epoch == receive_epoch_ && header.pq_n >= receiving_.next) {
    return stage_advance(receiving_, header.pq_epoch, header.pq_n, max_jump);
  }
  if (header.pq_epoch <= receive_epoch_) return stage_stored(skipped_, header.pq_epoch, header.pq_n);
  if (!next_ || header.pq_epoch != receive_epoch_ + 1) return err(SessionError::unknown_epoch);
  if (header.pq_pn >= kMaxCounter ||
      (header.pq_pn > receiving_.next && header.pq_pn - receiving_.next > max_jump)) {
    return err(SessionError::limit_exceeded);
  }
  SOTTO_TRY(auto staged, stage_advance(*next_, header.pq_epoch, header.pq_n, max_jump));
  staged.source = Staged::Source::new_chain;
  auto older = receiving_.clone();
  staged.closing = derive_until(older, header.pq_pn);
  return staged;
}

void PqRatchet::commit(Staged staged, UnixMs now) {
  if (staged.source == Staged::Source::stored) {
    skipped_.erase(staged.chain, staged.n);
    return;
  }
  if (staged.source == Staged::Source::new_chain) {
    skipped_.store(receive_epoch_, std::move(staged.closing), now);
    receive_epoch_ = staged.chain;
    next_.reset();
  }
  skipped_.store(staged.chain, std::move(staged.skipped), now);
  receiving_ = *std::move(staged.advanced);
}

SendingChain<PqChainKind> PqRatchet::install(PqEpochKeys keys, std::uint32_t epoch) {
  SOTTO_CHECK(!next_ && epoch == receive_epoch_ + 1);
  root_ = std::move(keys.root);
  next_ = ReceivingChain<PqChainKind>{std::move(own_chain(keys, opposite(mine_))), 0};
  return {std::move(own_chain(keys, mine_)), 0};
}

void PqRatchet::switch_sending(SendingChain<PqChainKind> chain, std::uint32_t epoch) {
  previous_sent_ = sending_.next;
  sending_ = std::move(chain);
  send_epoch_ = epoch;
}

}  // namespace sotto::session
