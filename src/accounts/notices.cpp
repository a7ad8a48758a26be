#include "accounts/notices.h"

#include <algorithm>

#include "accounts/sign_in_limits.h"

namespace sotto::accounts {
namespace {

bool too_old(const NoticeRecord& record, UnixMs now) { return elapsed(record.time, now) >= kNoticeKept; }

v1::AccountNotice to_wire(std::uint64_t number, const NoticeRecord& record) {
  v1::AccountNotice out;
  out.set_number(number);
  out.set_time_ms(record.time.value);
  out.set_address(record.address);
  out.set_kind(record.kind);
  return out;
}

}  // namespace

AccountsResult<std::vector<Notices::Numbered>> Notices::read(const identity::AccountId& account) {
  const Bytes from = notice_key(0);
  const auto page = store_.scan(notice_partition(account), from, std::nullopt, {});
  if (!page) return err(error_of(page.error()));
  std::vector<Numbered> out;
  for (const auto& entry : page->entries) {
    const auto number = notice_number(entry.key);
    auto record = decode_notice(entry.value);
    if (!number || !record) return err(AccountsError::corrupt);
    out.push_back({*number, *std::move(record)});
  }
  return out;
}

AccountsResult<std::uint64_t> Notices::last_number(const identity::AccountId& account) {
  if (const auto unsaved = unsaved_.find(account); unsaved != unsaved_.end()) return unsaved->second.last;
  const auto value = store_.get(notice_partition(account), last_notice_key());
  if (!value) return err(error_of(value.error()));
  if (!*value) return 0;
  const auto number = decode_last_notice(**value);
  if (!number) return err(AccountsError::corrupt);
  return *number;
}

void Notices::make_room(const std::vector<Numbered>& kept, UnixMs now, storage::Batch& batch) {
  std::vector<const Numbered*> staying;
  for (const Numbered& notice : kept) {
    if (too_old(notice.record, now)) {
      batch.erase(notice_key(notice.number));
    } else {
      staying.push_back(&notice);
    }
  }
  while (staying.size() >= kMaxNotices) {
    auto victim = std::ranges::find_if(staying, [](const Numbered* notice) {
      return notice->record.kind == v1::AccountNotice::SIGN_IN_FAILED;
    });
    if (victim == staying.end()) victim = staying.begin();
    batch.erase(notice_key((*victim)->number));
    staying.erase(victim);
  }
}

void Notices::add(const identity::AccountId& account, v1::AccountNotice::Kind kind, std::string_view address,
                  UnixMs now, Reply<v1::AccountNotice> reply) {
  const auto kept = read(account);
  if (!kept) return reply(err(kept.error()));
  const auto last = last_number(account);
  if (!last) return reply(err(last.error()));
  const std::uint64_t number = *last + 1;
  const NoticeRecord record{
      .time = now, .kind = kind, .address = std::string(address.substr(0, kMaxNoticeAddress))};
  storage::Batch batch(notice_partition(account));
  make_room(*kept, now, batch);
  batch.put(notice_key(number), encode(record)).put(last_notice_key(), encode_last_notice(number));
  Unsaved& unsaved = unsaved_[account];
  unsaved.last = number;
  ++unsaved.commits;
  commits_.commit(std::move(batch),
                  [this, account, number, record, reply = std::move(reply)](const auto& result) mutable {
                    if (const auto found = unsaved_.find(account); --found->second.commits == 0)
                      unsaved_.erase(found);
                    if (!result) return reply(err(error_of(result.error())));
                    reply(to_wire(number, record));
                  });
}

AccountsResult<std::vector<v1::AccountNotice>> Notices::all(const identity::AccountId& account, UnixMs now) {
  SOTTO_TRY(const auto kept, read(account));
  std::vector<v1::AccountNotice> out;
  for (const auto& [number, record] : kept) {
    if (!too_old(record, now)) out.push_back(to_wire(number, record));
  }
  return out;
}

AccountsResult<storage::Batch> Notices::erasure(const identity::AccountId& account) {
  SOTTO_TRY(const auto kept, read(account));
  SOTTO_TRY(const std::uint64_t last, last_number(account));
  storage::Batch batch(notice_partition(account));
  for (const Numbered& notice : kept) batch.erase(notice_key(notice.number));
  if (last > 0) batch.erase(last_notice_key());
  return batch;
}

void Notices::forget(const identity::AccountId& account) {
  auto batch = erasure(account);
  // What cannot be read now is erased when somebody asks for the account again.
  if (batch && !batch->writes.empty()) commits_.commit(*std::move(batch), [](const auto&) {});
}

}  // namespace sotto::accounts
