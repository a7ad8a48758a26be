// The part of Blobs that takes away what nobody keeps any more. Everything here may be repeated after a crash
// at any place: first the account's list, then the record, then pieces, last the record itself.
#include <algorithm>

#include "blobs/blobs.h"

namespace sotto::blobs {
namespace {

using State = BlobRecord::State;

bool given_up(const BlobRecord& record, UnixMs now) {
  return record.state == State::uploading && has_passed(kUploadPatience, record.written, now);
}

}  // namespace

void Blobs::drop_keepers(const BlobName& name, std::vector<AccountId> gone, Reply<void> reply) {
  busy_.insert(name);
  drop_next(name, std::move(gone), 0,
            [this, name, reply = std::move(reply)](BlobResult<void> dropped) mutable {
              busy_.erase(name);
              reply(dropped);
            });
}

void Blobs::drop_next(const BlobName& name, std::vector<AccountId> gone, std::size_t next,
                      Reply<void> reply) {
  if (next == gone.size()) return drop_from_record(name, gone, std::move(reply));
  const AccountId account = gone[next];
  holdings_.remove(
      account, name,
      [this, name, gone = std::move(gone), next, reply = std::move(reply)](BlobResult<void> removed) mutable {
        if (!removed) return reply(removed);
        drop_next(name, std::move(gone), next + 1, std::move(reply));
      });
}

void Blobs::drop_from_record(const BlobName& name, const std::vector<AccountId>& gone, Reply<void> reply) {
  auto record = load(name);
  if (!record) return reply(err(record.error()));
  if (!*record) return reply({});
  BlobRecord& left = **record;
  std::erase_if(left.keepers, [&gone](const Keeper& keeper) {
    return std::ranges::find(gone, keeper.account) != gone.end();
  });
  if (!left.keepers.empty()) return put(name, left, std::move(reply));
  left.state = State::erasing;
  const std::uint32_t pieces = piece_count(left.received);
  put(name, left, [this, name, pieces, reply = std::move(reply)](BlobResult<void> put) mutable {
    if (!put) return reply(put);
    erase_pieces(name, 0, pieces, std::move(reply));
  });
}

void Blobs::erase_pieces(const BlobName& name, std::uint32_t from, std::uint32_t count, Reply<void> reply) {
  storage::Batch batch(blob_partition(name));
  while (from < count && batch.writes.size() < kMaxErasedPieces) batch.erase(piece_key(name, from++));
  const bool last = from == count;
  if (last) batch.erase(record_key(name));
  commits_.commit(std::move(batch),
                  [this, name, from, count, last, reply = std::move(reply)](const auto& result) mutable {
                    if (!result) return reply(err(error_of(result.error())));
                    if (!last) return erase_pieces(name, from, count, std::move(reply));
                    ++counts_.erased;
                    reply({});
                  });
}

void Blobs::reap(const BlobName& name, std::vector<AccountId> gone) {
  ++reaping_;
  // What fails now is found again by the next walk.
  drop_keepers(name, std::move(gone), [this](const BlobResult<void>&) { --reaping_; });
}

void Blobs::look_at(const BlobName& name, const BlobRecord& record, Walk& walk, bool dry_run, UnixMs now) {
  ++walk.report.blobs;
  walk.report.octets += record.received;
  std::vector<AccountId> gone;
  const bool all = given_up(record, now);
  for (const Keeper& keeper : record.keepers) {
    if (all || keeper.expires <= now) gone.push_back(keeper.account);
  }
  const bool nobody_left = gone.size() == record.keepers.size();
  if (nobody_left) {
    ++walk.report.expired;
    walk.report.expired_octets += record.received;
  }
  const bool something = nobody_left || !gone.empty();
  if (!dry_run && something && !busy_.contains(name)) reap(name, std::move(gone));
}

BlobResult<bool> Blobs::step(Walk& walk, bool dry_run, UnixMs now) {
  if (!dry_run && reaping_ >= kMaxReaping) return true;
  const auto [first, end] = record_range();
  const auto page = store_.scan(shard_partition(static_cast<std::uint8_t>(walk.shard)),
                                walk.from.empty() ? first : walk.from, end, {.max_entries = kSweepRecords});
  if (!page) return err(error_of(page.error()));
  for (const storage::Entry& entry : page->entries) {
    if (!dry_run && reaping_ >= kMaxReaping) return true;
    const auto name = parse_record_key(entry.key);
    const auto record = decode_blob(entry.value);
    if (name && record) {
      look_at(*name, *record, walk, dry_run, now);
    } else {
      ++walk.report.damaged;
    }
    walk.from = entry.key;
    walk.from.push_back(0);
  }
  if (page->more) return true;
  walk.from.clear();
  return ++walk.shard < kShards;
}

void Blobs::sweep(bool dry_run, Reply<SweepReport> reply) {
  if (asked_) return reply(err(BlobError::busy));
  asked_.emplace(AskedSweep{.walk = {}, .dry_run = dry_run, .reply = std::move(reply)});
}

bool Blobs::turn_end(UnixMs now) {
  if (!asked_) return false;
  const auto more = step(asked_->walk, asked_->dry_run, now);
  // Completions, which end a turn too, go on with what waits for the disk.
  if (more && *more) return asked_->dry_run || reaping_ < kMaxReaping;
  AskedSweep done = *std::move(asked_);
  asked_.reset();
  if (!more) {
    done.reply(err(more.error()));
  } else {
    done.reply(done.walk.report);
  }
  return false;
}

void Blobs::tick(UnixMs now) {
  release_queued();
  // What cannot be read now is looked at in the next second.
  const auto more = step(walk_, false, now);
  if (!more || *more) return;
  counts_.last_round = walk_.report;
  walk_ = {};
}

void Blobs::forget(const AccountId& account) {
  const auto names = holdings_.list(account);
  if (!names) return;
  for (const BlobName& name : *names) {
    if (releases_.size() >= kMaxReleasesQueued) break;
    releases_.emplace_back(account, name);
  }
}

void Blobs::release_queued() {
  while (!releases_.empty() && reaping_ < kMaxReaping) {
    const auto [account, name] = releases_.front();
    if (busy_.contains(name)) return;
    releases_.pop_front();
    reap(name, {account});
  }
}

}  // namespace sotto::blobs
