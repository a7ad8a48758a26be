// Answers from what the newest visible epoch says.
#include <ranges>

#include "result/check.h"
#include "transparency_log/log.h"

namespace sotto::transparency_log {

using transparency::LabelProof;
using transparency::LookupAnswer;

LogResult<transparency::SignedTreeHead> Log::head() const {
  if (!head_) return err(LogError::not_ready);
  return *head_;
}

LogResult<transparency::SignedTreeHead> Log::cosigned_head() const {
  if (!cosigned_) return err(LogError::not_ready);
  return *cosigned_;
}

bool Log::writes(const storage::Partition& partition) const {
  return phase_ == Phase::applying && epoch_->effects.contains(partition);
}

storage::StorageResult<std::optional<Bytes>> Log::read(const storage::Partition& partition, ByteView key) {
  if (!writes(partition)) return store_.get(partition, key);
  for (const storage::Batch* effect : epoch_->effects.at(partition) | std::views::reverse) {
    for (const storage::Write& write : effect->writes | std::views::reverse) {
      if (equal(write.key, key)) return write.value;
    }
  }
  return store_.get(partition, key);
}

LogResult<std::optional<LabelRecord>> Log::read_label(const LabelHash& label) {
  if (phase_ == Phase::applying) {
    if (const auto found = epoch_->labels.find(label); found != epoch_->labels.end()) return found->second;
  }
  const auto octets = store_.get(label_partition(label), label_key(label));
  if (!octets) return err(log_error(octets.error()));
  if (!*octets) return std::nullopt;
  auto record = decode_label(**octets);
  if (!record) return err(LogError::corrupt);
  return record;
}

LogResult<LabelProof> Log::prove(const Label& label) {
  SOTTO_TRY(auto record, read_label(hash_of(label)));
  LabelProof out;
  out.vrf = record ? record->vrf : vrf_.prove(label.alpha());
  SOTTO_TRY(out.map, map_.prove(crypto::vrf_output(out.vrf)));
  const auto* present = std::get_if<transparency::Present>(&out.map.outcome);
  // The record and the map's leaf were written by the same epoch.
  if ((present != nullptr) != record.has_value() ||
      (present != nullptr && present->version != record->version)) {
    return err(LogError::corrupt);
  }
  if (record) out.opening = {record->nonce, std::move(record->value)};
  return out;
}

LogResult<LookupAnswer> Log::begin_answer(std::uint64_t known_size) {
  if (!head_) return err(LogError::not_ready);
  LookupAnswer out{*head_, {}, {last_->time, last_->mutations, last_path_}, {}};
  if (known_size > 0 && known_size < size()) {
    SOTTO_TRY(out.consistency, consistency(known_size, size()));
  }
  return out;
}

LogResult<LookupAnswer> Log::look_up_handle(std::string_view handle, std::uint64_t known_size) {
  SOTTO_TRY(LookupAnswer out, begin_answer(known_size));
  SOTTO_TRY(LabelProof named, prove(Label::handle(handle)));
  const auto account = transparency::parse_handle_value(named.opening.value);
  if (!account) return err(LogError::corrupt);
  out.labels.push_back(std::move(named));
  if (*account) {
    SOTTO_TRY(LabelProof bound, prove(Label::account(**account)));
    out.labels.push_back(std::move(bound));
  }
  return out;
}

LogResult<LookupAnswer> Log::look_up_account(const transparency::AccountId& account,
                                             std::uint64_t known_size) {
  SOTTO_TRY(LookupAnswer out, begin_answer(known_size));
  SOTTO_TRY(LabelProof bound, prove(Label::account(account)));
  out.labels.push_back(std::move(bound));
  return out;
}

LogResult<Hash> Log::read_node(const crypto::SubtreeId& id) {
  const auto octets = store_.get(log_partition(), node_key(id));
  if (!octets) return err(log_error(octets.error()));
  if (!*octets || (*octets)->size() != sizeof(Hash)) return err(LogError::corrupt);
  return to_array<32>(**octets);
}

LogResult<crypto::MerklePath> Log::consistency(std::uint64_t first_size, std::uint64_t second_size) {
  if (first_size == 0 || first_size > second_size || second_size > size()) return err(LogError::out_of_range);
  crypto::MerklePath out;
  if (first_size == second_size) return out;
  for (const auto& run : crypto::consistency_parts(first_size, second_size)) {
    std::vector<Hash> hashes;
    for (const crypto::SubtreeId& id : run) {
      SOTTO_TRY(const Hash hash, read_node(id));
      hashes.push_back(hash);
    }
    out.push_back(crypto::join(hashes));
  }
  return out;
}

LogResult<transparency::Entry> Log::read_entry(std::uint64_t epoch) {
  const auto octets = store_.get(log_partition(), entry_key(epoch));
  if (!octets) return err(log_error(octets.error()));
  const auto entry =
      *octets ? transparency::Entry::parse(**octets) : err(transparency::TransparencyError::malformed);
  if (!entry || entry->epoch != epoch) return err(LogError::corrupt);
  return *entry;
}

LogResult<std::vector<transparency::Entry>> Log::entries(std::uint64_t first_epoch) {
  if (first_epoch >= size()) return err(LogError::out_of_range);
  const std::uint64_t end = std::min<std::uint64_t>(size(), first_epoch + kMaxEntriesPage);
  std::vector<transparency::Entry> out;
  for (std::uint64_t epoch = first_epoch; epoch < end; ++epoch) {
    SOTTO_TRY(const transparency::Entry entry, read_entry(epoch));
    out.push_back(entry);
  }
  return out;
}

LogResult<Log::MutationPage> Log::mutations(std::uint64_t epoch, std::uint32_t page) {
  if (epoch >= size()) return err(LogError::out_of_range);
  const auto octets = store_.get(log_partition(), mutations_key(epoch, page));
  if (!octets) return err(log_error(octets.error()));
  if (!*octets && page == 0) return MutationPage{};  // the list of epoch 0 is empty
  if (!*octets) return err(LogError::out_of_range);
  auto mutations = transparency::parse_mutations(**octets);
  if (!mutations) return err(LogError::corrupt);
  const auto next = store_.get(log_partition(), mutations_key(epoch, page + 1));
  if (!next) return err(log_error(next.error()));
  return MutationPage{*std::move(mutations), next->has_value()};
}

}  // namespace sotto::transparency_log
