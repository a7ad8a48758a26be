// From waiting changes to a durable, visible, fully written epoch.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "result/check.h"
#include "transparency_log/log.h"

namespace sotto::transparency_log {
namespace {

using transparency::Mutation;

/// Of the log's partition, each a wave of its own: every one must find the version that the one before made.
std::deque<Wave> in_order(std::vector<storage::Batch> batches, storage::PartitionVersion version) {
  std::deque<Wave> out;
  for (storage::Batch& batch : batches) {
    batch.expect(version);
    ++version.value;
    Wave wave;
    wave.push_back(std::move(batch));
    out.push_back(std::move(wave));
  }
  return out;
}

}  // namespace

/// The next submissions that fit into one epoch, in order. A label has one mutation in an epoch, so the first
/// submission that names one again waits for the next.
std::vector<Log::Waiting> Log::take_waiting() {
  std::vector<Waiting> out;
  std::unordered_set<LabelHash, OctetsHash> taken;
  std::size_t count = 0;
  while (!waiting_.empty()) {
    const auto& changes = waiting_.front().changes;
    const bool again =
        std::ranges::any_of(changes, [&](const auto& change) { return taken.contains(change.label); });
    if (again || count + changes.size() > options_.max_mutations) break;
    for (const PreparedChange& change : changes) taken.insert(change.label);
    count += changes.size();
    waiting_octets_ -= waiting_.front().octets;
    out.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_changes_ -= count;
  return out;
}

void Log::release(const Waiting& submission) {
  for (const PreparedChange& change : submission.changes) busy_labels_.erase(busy_labels_.find(change.label));
}

void Log::close_epoch(UnixMs now) {
  last_close_ = now;
  epoch_ = std::make_unique<Epoch>();
  for (Waiting& submission : take_waiting()) {
    if (const auto added = add_to_epoch(submission); !added) {
      release(submission);
      submission.reply(err(added.error()));
      continue;
    }
    epoch_->submissions.push_back(std::move(submission));
  }
  if (epoch_->submissions.empty() && last_) return epoch_.reset();
  if (const auto finished = finish_epoch(now); !finished) {
    failed_at_ = now;
    return abandon(finished.error());
  }
  begin_commit();
}

LogResult<void> Log::add_to_epoch(Waiting& submission) {
  for (PreparedChange& change : submission.changes) {
    if (!change.newest_version) {
      SOTTO_TRY(const auto record, read_label(change.label));
      change.newest_version = record ? record->version : 0;
    }
    if (change.wanted_version && *change.wanted_version != *change.newest_version + 1) {
      return err(LogError::wrong_version);
    }
  }
  Redo& redo = epoch_->redo;
  for (PreparedChange& change : submission.changes) {
    redo.labels.push_back({change.label, LabelRecord{change.vrf, *change.newest_version + 1,
                                                     random_.array<32>(), std::move(change.value)}});
  }
  for (storage::Batch& effect : submission.effects) redo.effects.push_back(std::move(effect));
  return {};
}

/// Everything that the labels of the redo record make of the map.
LogResult<std::vector<Mutation>> Log::plan_epoch() {
  Epoch& epoch = *epoch_;
  std::vector<MapLeaf> leaves;
  leaves.reserve(epoch.redo.labels.size());
  epoch.labels.reserve(epoch.redo.labels.size());
  for (const Redo::Labelled& labelled : epoch.redo.labels) {
    leaves.push_back(labelled.record.leaf());
    epoch.labels.emplace(labelled.label, labelled.record);
  }
  std::ranges::sort(leaves, {}, &MapLeaf::key);
  SOTTO_TRY(epoch.map, map_.plan(leaves));
  std::vector<Mutation> mutations;
  mutations.reserve(leaves.size());
  for (const MapLeaf& leaf : leaves)
    mutations.push_back({leaf.key, leaf.version, transparency::leaf_hash(leaf)});
  return mutations;
}

LogResult<void> Log::finish_epoch(UnixMs now) {
  Epoch& epoch = *epoch_;
  SOTTO_TRY(epoch.mutations, plan_epoch());
  const auto list = transparency::hash_of(epoch.mutations);
  SOTTO_CHECK(list);  // no label twice, so no map key twice, and the number is bounded
  epoch.entry = {size(), epoch.map.root, last_ ? std::max(now, last_->time) : now, *list};
  epoch.peaks = peaks_;
  epoch.peaks.append(epoch.entry.leaf(), &epoch.nodes);
  if (!version_) {
    const auto version = store_.version(log_partition());
    if (!version) return err(log_error(version.error()));
    version_ = *version;
  }
  return {};
}

void Log::begin_commit() {
  const Epoch& epoch = *epoch_;
  const std::uint64_t index = epoch.entry.epoch;
  BatchFiller batches(log_partition());
  const Bytes redo = encode(epoch.redo);
  std::uint32_t chunk = 0;
  for (ByteView rest = redo; !rest.empty(); ++chunk) {
    const ByteView part = rest.first(std::min(rest.size(), kRedoChunk));
    batches.put(redo_key(index, chunk), to_bytes(part));
    rest = rest.subspan(part.size());
  }
  std::uint32_t page = 0;
  for (std::span<const Mutation> rest = epoch.mutations; !rest.empty(); ++page) {
    const auto part = rest.first(std::min(rest.size(), kMutationsPerPage));
    batches.put(mutations_key(index, page), transparency::encode(part));
    rest = rest.subspan(part.size());
  }
  for (const auto& [id, hash] : epoch.nodes) batches.put(node_key(id), to_bytes(hash));
  batches.put(entry_key(index), to_bytes(epoch.entry.encoded()));
  // Last, in the last batch: the commit point.
  batches.put(state_key(), encode(StateRecord{index + 1, index, chunk, id_}));
  std::deque<Wave> waves = in_order(std::move(batches).take(), *version_);
  version_->value += waves.size();
  phase_ = Phase::committing;
  writer_.begin(std::move(waves), WaveWriter::OnFailure::give_up);
}

void Log::abandon(LogError error) {
  const std::unique_ptr<Epoch> failed = std::move(epoch_);
  phase_ = Phase::idle;
  version_.reset();
  for (Waiting& submission : failed->submissions) {
    release(submission);
    submission.reply(err(error));
  }
}

void Log::committed(UnixMs now) {
  show_epoch();
  sign_head(now);
  begin_apply();
}

void Log::show_epoch() {
  const Epoch& epoch = *epoch_;
  // The way from the last leaf up passes what stood before it.
  last_path_.assign(peaks_.peaks().rbegin(), peaks_.peaks().rend());
  peaks_ = epoch.peaks;
  last_ = epoch.entry;
  map_.show(epoch.map);
}

void Log::begin_apply() {
  Epoch& epoch = *epoch_;
  // Batches of one partition go into waves one after the other.
  std::map<storage::Partition, BatchFiller> fillers;
  const auto filler = [&fillers](const storage::Partition& partition) -> BatchFiller& {
    return fillers.try_emplace(partition, partition).first->second;
  };
  for (const auto& [label, record] : epoch.labels)
    filler(label_partition(label)).put(label_key(label), encode(record));
  const storage::Partition top = page_partition(PageId{});
  for (const auto& [id, page] : epoch.map.pages) filler(page_partition(id)).put(page_key(id), encode(*page));
  auto top_pages = fillers.extract(top);

  std::deque<Wave> waves;
  const auto into_waves = [&waves](std::vector<storage::Batch> batches, std::size_t first) {
    waves.resize(std::max(waves.size(), first + batches.size()));
    for (std::size_t i = 0; i < batches.size(); ++i) waves[first + i].push_back(std::move(batches[i]));
  };
  for (auto& [partition, filled] : fillers) into_waves(std::move(filled).take(), 0);
  for (const storage::Batch& effect : epoch.redo.effects) {
    auto& of_partition = epoch.effects[effect.partition];
    into_waves({effect}, of_partition.size());
    of_partition.push_back(&effect);
  }
  if (!top_pages.empty()) into_waves(std::move(top_pages.mapped()).take(), waves.size());
  storage::Batch done(log_partition());
  done.put(state_key(), encode(StateRecord{size(), size(), 0, id_}));
  done.trim_up_to(redo_key(epoch.entry.epoch, 0xffffffff)).expect(*version_);
  ++version_->value;
  waves.emplace_back().push_back(std::move(done));
  phase_ = Phase::applying;
  writer_.begin(std::move(waves), WaveWriter::OnFailure::repeat);
}

void Log::applied() {
  const std::unique_ptr<Epoch> done = std::move(epoch_);
  map_.written();
  phase_ = Phase::idle;
  for (Waiting& submission : done->submissions) {
    release(submission);
    submission.reply(done->entry.epoch);
  }
}

}  // namespace sotto::transparency_log
