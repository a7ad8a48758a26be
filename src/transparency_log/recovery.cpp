// Opening a log: what the store holds, and finishing what a crash interrupted.
#include "result/check.h"
#include "transparency_log/log.h"

namespace sotto::transparency_log {

LogResult<std::unique_ptr<Log>> Log::open(storage::Store& store, const crypto::HybridPrivateKey& identity,
                                          const crypto::VrfPrivateKey& vrf, crypto::RandomSource& random,
                                          Options options, UnixMs now) {
  std::unique_ptr<Log> log(new Log(store, identity, vrf, random, std::move(options)));
  const auto octets = store.get(log_partition(), state_key());
  if (!octets) return err(log_error(octets.error()));
  if (!*octets) {
    log->close_epoch(now);
    return log;
  }
  const auto state = decode_state(**octets);
  if (!state) return err(LogError::corrupt);
  if (state->log != log->id_) return err(LogError::wrong_keys);
  SOTTO_CHECK_OK(log->recover(*state, now));
  return log;
}

LogResult<void> Log::recover(const StateRecord& state, UnixMs now) {
  const auto version = store_.version(log_partition());
  if (!version) return err(log_error(version.error()));
  version_ = *version;
  const std::uint64_t index = state.size - 1;
  SOTTO_TRY(const transparency::Entry entry, read_entry(index));
  SOTTO_TRY(peaks_, read_peaks(index));
  epoch_ = std::make_unique<Epoch>();
  epoch_->entry = entry;
  epoch_->peaks = peaks_;
  epoch_->peaks.append(entry.leaf());
  if (state.applied == state.size) {
    SOTTO_TRY(epoch_->map.root, map_.root());
  } else {
    epoch_->recovered = true;
    SOTTO_TRY(epoch_->redo, read_redo(state));
    SOTTO_TRY(epoch_->mutations, plan_epoch());
  }
  if (epoch_->map.root != entry.map_root) return err(LogError::corrupt);
  show_epoch();
  sign_head(now);
  if (epoch_->recovered) {
    begin_apply();
  } else {
    map_.written();
    epoch_.reset();
  }
  return {};
}

LogResult<crypto::MerklePeaks> Log::read_peaks(std::uint64_t size) {
  crypto::MerklePath peaks;
  for (const crypto::SubtreeId& id : crypto::MerklePeaks::places(size)) {
    SOTTO_TRY(const Hash hash, read_node(id));
    peaks.push_back(hash);
  }
  auto out = crypto::MerklePeaks::restore(size, std::move(peaks));
  SOTTO_CHECK(out);
  return *std::move(out);
}

LogResult<Redo> Log::read_redo(const StateRecord& state) {
  Bytes octets;
  for (std::uint32_t chunk = 0; chunk < state.redo_chunks; ++chunk) {
    const auto part = store_.get(log_partition(), redo_key(state.size - 1, chunk));
    if (!part) return err(log_error(part.error()));
    if (!*part) return err(LogError::corrupt);
    octets.insert(octets.end(), (*part)->begin(), (*part)->end());
  }
  auto redo = decode_redo(octets);
  if (!redo) return err(LogError::corrupt);
  return *std::move(redo);
}

}  // namespace sotto::transparency_log
