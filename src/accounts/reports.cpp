#include "accounts/reports.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "result/check.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kReportKey = 'R';
constexpr DurationMs kSweepInterval = hours(1);

Bytes secret_key() { return {'S'}; }

std::optional<ReportId> report_id(ByteView key) {
  Decoder in(key);
  const bool ours = in.u8() == kReportKey;
  const auto id = in.array<16>();
  if (!ours || !in.finished()) return std::nullopt;
  return id;
}

std::optional<ReportRecord> record_of(const v1::ReportAccount& request, UnixMs now) {
  const auto account = identity::AccountId::from(wire::octets(request.account()));
  const auto count = static_cast<std::size_t>(request.excerpts_size());
  if (!account || request.why().size() > kMaxReportReason || count > kMaxReportExcerpts) return std::nullopt;
  ReportRecord out{.time = now, .account = *account, .why = request.why(), .excerpts = {}};
  for (const auto& excerpt : request.excerpts()) {
    if (excerpt.text().size() > kMaxReportExcerpt) return std::nullopt;
    out.excerpts.push_back({{excerpt.sent_ms()}, excerpt.text()});
  }
  return out;
}

}  // namespace

storage::Partition report_partition() {
  const auto created = storage::Partition::create(as_bytes("reports"));
  SOTTO_CHECK(created);
  return *created;
}

Bytes report_key(const ReportId& id) {
  Encoder key;
  key.u8(kReportKey).raw(id);
  return std::move(key).take();
}

Bytes encode(const ReportRecord& record) {
  Encoder out;
  out.u8(kFormat).u64(record.time.value).raw(record.account.view()).var(as_bytes(record.why));
  for (const auto& excerpt : record.excerpts) out.u64(excerpt.sent.value).var(as_bytes(excerpt.text));
  return std::move(out).take();
}

std::optional<ReportRecord> decode_report(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  ReportRecord out{};
  out.time = {in.u64()};
  out.account = identity::AccountId(in.array<16>());
  out.why = std::string(as_chars(in.var(kMaxReportReason)));
  while (!in.failed() && in.remaining() > 0 && out.excerpts.size() < kMaxReportExcerpts) {
    const UnixMs sent{in.u64()};
    out.excerpts.push_back({sent, std::string(as_chars(in.var(kMaxReportExcerpt)))});
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

AccountsResult<void> Reports::load_secret() {
  if (secret_) return {};
  const auto value = store_.get(report_partition(), secret_key());
  if (!value) return err(error_of(value.error()));
  if (*value && (*value)->size() != 48) return err(AccountsError::corrupt);
  secret_stored_ = value->has_value();
  secret_ = secret_stored_ ? to_array<48>(**value) : random_.array<48>();
  return {};
}

AccountsResult<void> Reports::load_index() {
  if (index_) return {};
  Index index;
  Bytes from = {kReportKey};
  const Bytes end = {kReportKey + 1};
  // One page holds more than kMaxReports, but not always their octets.
  for (bool more = true; more;) {
    const auto page = store_.scan(report_partition(), from, ByteView(end), {});
    if (!page) return err(error_of(page.error()));
    for (const auto& entry : page->entries) {
      const auto id = report_id(entry.key);
      const auto record = decode_report(entry.value);
      if (!id || !record) return err(AccountsError::corrupt);
      index[*id] = {record->account, record->time};
    }
    more = page->more;
    if (!more) break;
    from = page->entries.back().key;
    from.push_back(0);
  }
  index_ = std::move(index);
  return {};
}

ReportId Reports::id_of(const identity::AccountId& reporter, const identity::AccountId& account) const {
  const auto key = crypto::SecretArray<48, struct ReporterKeyTag>::copy_of(*secret_);
  Encoder subject;
  subject.label("report").raw(reporter.view()).raw(account.view());
  return to_array<16>(ByteView(crypto::hmac_sha384(key, {subject.view()})).first(16));
}

void Reports::erase_oldest(const identity::AccountId& account, storage::Batch& batch) {
  auto oldest = index_->end();
  for (auto each = index_->begin(); each != index_->end(); ++each) {
    if (each->second.account != account) continue;
    if (oldest == index_->end() || each->second.time < oldest->second.time) oldest = each;
  }
  if (oldest == index_->end()) return;
  batch.erase(report_key(oldest->first));
  index_->erase(oldest);
}

void Reports::make_room(const identity::AccountId& account, storage::Batch& batch) {
  std::map<identity::AccountId, std::size_t> about;
  for (const auto& [id, entry] : *index_) ++about[entry.account];
  if (about[account] >= kMaxReportsAbout) return erase_oldest(account, batch);
  if (index_->size() < kMaxReports) return;
  const auto most = std::ranges::max_element(
      about, [](const auto& one, const auto& other) { return one.second < other.second; });
  erase_oldest(most->first, batch);
}

void Reports::commit(storage::Batch batch, Reply<void> reply) {
  commits_.commit(std::move(batch), [this, reply = std::move(reply)](const auto& result) mutable {
    if (!result) {
      index_.reset();
      return reply(err(error_of(result.error())));
    }
    reply({});
  });
}

void Reports::file(const identity::AccountId& reporter, const v1::ReportAccount& request, UnixMs now,
                   Reply<void> reply) {
  const auto record = record_of(request, now);
  if (!record || record->account == reporter) return reply(err(AccountsError::report_malformed));
  if (const auto loaded = load_secret(); !loaded) return reply(err(loaded.error()));
  if (const auto loaded = load_index(); !loaded) return reply(err(loaded.error()));
  if (!filed_.allow(reporter, now)) return reply(err(AccountsError::too_many_reports));
  const ReportId id = id_of(reporter, record->account);
  storage::Batch batch(report_partition());
  if (!secret_stored_) batch.put(secret_key(), to_bytes(*secret_));
  if (!index_->contains(id)) make_room(record->account, batch);
  batch.put(report_key(id), encode(*record));
  (*index_)[id] = {record->account, now};
  commit(std::move(batch),
         [this, id, entry = (*index_)[id], reply = std::move(reply)](AccountsResult<void> kept) mutable {
           // Another commit may have failed meanwhile, and the index been read without this one.
           if (kept) secret_stored_ = true;
           if (kept && index_) (*index_)[id] = entry;
           reply(std::move(kept));
         });
}

AccountsResult<std::vector<Reports::Head>> Reports::list() {
  SOTTO_CHECK_OK(load_index());
  std::vector<Head> out;
  for (const auto& [id, entry] : *index_) out.push_back({id, entry.account, entry.time});
  std::ranges::sort(out, [](const Head& one, const Head& other) { return one.time > other.time; });
  return out;
}

AccountsResult<ReportRecord> Reports::find(const ReportId& id) {
  const auto value = store_.get(report_partition(), report_key(id));
  if (!value) return err(error_of(value.error()));
  if (!*value) return err(AccountsError::no_such_report);
  auto record = decode_report(**value);
  if (!record) return err(AccountsError::corrupt);
  return *std::move(record);
}

void Reports::dismiss(const ReportId& id, Reply<void> reply) {
  if (const auto found = find(id); !found) return reply(err(found.error()));
  if (index_) index_->erase(id);
  storage::Batch batch(report_partition());
  batch.erase(report_key(id));
  commit(std::move(batch), std::move(reply));
}

void Reports::tick(UnixMs now) {
  filed_.tick(now);
  if (!has_passed(kSweepInterval, swept_, now)) return;
  swept_ = now;
  if (!load_index()) return;  // the next one tries again
  storage::Batch batch(report_partition());
  std::erase_if(*index_, [&](const auto& each) {
    const bool over = elapsed(each.second.time, now) >= kReportKept;
    if (over) batch.erase(report_key(each.first));
    return over;
  });
  if (!batch.writes.empty()) commit(std::move(batch), [](const auto&) {});
}

}  // namespace sotto::accounts
