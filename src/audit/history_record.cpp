#include "audit/history_record.h"

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "result/check.h"
#include "transparency/limits.h"

namespace sotto::audit {
namespace {

using transparency::kEntrySize;
using transparency::kMutationSize;

constexpr std::size_t kCountSize = 4;
constexpr std::size_t kCheckSize = 16;

ByteArray<kCheckSize> check_of(ByteView octets) {
  return to_array<kCheckSize>(ByteView(crypto::sha256(octets)).first(kCheckSize));
}

}  // namespace

Bytes encode(const transparency::Entry& entry, std::span<const transparency::Mutation> mutations) {
  SOTTO_CHECK(mutations.size() <= transparency::kMaxMutations);
  Encoder out(kEntrySize + kCountSize + mutations.size() * kMutationSize + kCheckSize);
  out.raw(entry.encoded()).u32(static_cast<std::uint32_t>(mutations.size()));
  out.raw(transparency::encode(mutations));
  const auto check = check_of(out.view());
  out.raw(check);
  return std::move(out).take();
}

void HistoryDecoder::feed(ByteView octets) {
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(std::exchange(used_, 0)));
  waiting_.insert(waiting_.end(), octets.begin(), octets.end());
}

AuditResult<std::optional<HistoryRecord>> HistoryDecoder::next() {
  const ByteView rest = ByteView(waiting_).subspan(used_);
  if (rest.size() < kEntrySize + kCountSize) return std::nullopt;
  const std::size_t count = Decoder(rest.subspan(kEntrySize)).u32();
  if (count > transparency::kMaxMutations) return err(AuditError::damaged);
  const std::size_t body = kEntrySize + kCountSize + count * kMutationSize;
  if (rest.size() < body + kCheckSize) return std::nullopt;
  if (!equal(check_of(rest.first(body)), rest.subspan(body, kCheckSize))) return err(AuditError::damaged);
  const auto entry = transparency::Entry::parse(rest.first(kEntrySize));
  auto mutations =
      transparency::parse_mutations(rest.subspan(kEntrySize + kCountSize, count * kMutationSize));
  if (!entry || !mutations) return err(AuditError::damaged);
  used_ += body + kCheckSize;
  taken_ += body + kCheckSize;
  return HistoryRecord{*entry, *std::move(mutations)};
}

}  // namespace sotto::audit
