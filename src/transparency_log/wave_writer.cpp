#include "transparency_log/wave_writer.h"

#include <numeric>

#include "result/check.h"
#include "transparency_log/limits.h"

namespace sotto::transparency_log {
namespace {

std::size_t octets_of(const storage::Batch& batch) {
  std::size_t out = 0;
  for (const storage::Write& write : batch.writes)
    out += write.key.size() + (write.value ? write.value->size() : 0);
  return out;
}

}  // namespace

void WaveWriter::begin(std::deque<Wave> waves, OnFailure on_failure) {
  SOTTO_CHECK(waves_.empty() && commits_.in_flight() == 0);
  waves_ = std::move(waves);
  std::erase_if(waves_, [](const Wave& wave) { return wave.empty(); });
  on_failure_ = on_failure;
  held_ = false;
  failure_.reset();
  begin_wave();
  pump();
}

void WaveWriter::begin_wave() {
  to_write_.resize(waves_.empty() ? 0 : waves_.front().size());
  std::iota(to_write_.rbegin(), to_write_.rend(), std::size_t{0});
}

void WaveWriter::pump() {
  while (!held_ && !to_write_.empty() && in_flight_octets_ < kInFlightOctets) {
    const std::size_t index = to_write_.back();
    to_write_.pop_back();
    const storage::Batch& batch = waves_.front()[index];
    const std::size_t octets = octets_of(batch);
    in_flight_octets_ += octets;
    commits_.commit(batch,
                    [this, index, octets](const storage::StorageResult<storage::PartitionVersion>& result) {
                      completed(index, octets, result ? std::nullopt : std::optional(result.error()));
                    });
  }
}

void WaveWriter::retry() {
  if (state() != State::waiting) return;
  held_ = false;
  pump();
}

void WaveWriter::completed(std::size_t index, std::size_t octets,
                           std::optional<storage::StorageError> failure) {
  in_flight_octets_ -= octets;
  if (failure) {
    failure_ = failure;
    held_ = true;
    to_write_.push_back(index);
  } else if (!held_) {
    failure_.reset();
  }
  const bool settled = commits_.in_flight() == 0;
  const bool lost =
      held_ && failure_ != storage::StorageError::overloaded;  // a full queue has room again soon
  if (lost && on_failure_ == OnFailure::give_up && settled) waves_.clear();
  if (!held_ && to_write_.empty() && settled) {
    waves_.pop_front();
    begin_wave();
  }
  pump();
}

WaveWriter::State WaveWriter::state() const {
  if (waves_.empty()) return held_ ? State::given_up : State::idle;
  return held_ && commits_.in_flight() == 0 ? State::waiting : State::writing;
}

void BatchFiller::put(ByteView key, Bytes value) {
  const std::size_t octets = key.size() + value.size();
  const bool full =
      batches_.empty() || batches_.back().writes.size() >= kBatchWrites || octets_ >= kBatchOctets;
  if (full) {
    batches_.emplace_back(partition_);
    octets_ = 0;
  }
  batches_.back().put(key, std::move(value));
  octets_ += octets;
}

}  // namespace sotto::transparency_log
