// Octets as the files an auditor keeps and exports: history, pinned log, report. Whatever decodes encodes to
// the octets that it came from, and a restored follower is sound.
#include "audit/finding.h"
#include "audit/history_record.h"
#include "audit/limits.h"
#include "audit/restore.h"
#include "result/check.h"
#include "sotto/v1/audit.pb.h"
#include "transparency/fuzz_log.h"
#include "wire/decode.h"

namespace {

using namespace sotto;
using namespace sotto::audit;

void check_history(ByteView input) {
  static const transparency::FuzzLog log;
  HistoryDecoder decoder;
  decoder.feed(input);
  Bytes again;
  Restorer restorer({"fuzz", log.keys.public_keys()}, std::nullopt, std::nullopt);
  bool continues = true;
  for (auto record = decoder.next(); record && *record; record = decoder.next()) {
    const Bytes octets = encode((*record)->entry, (*record)->mutations);
    again.insert(again.end(), octets.begin(), octets.end());
    continues = continues && restorer.take(**record);
  }
  SOTTO_CHECK(again.size() == decoder.taken() && equal(again, input.first(again.size())));
  const auto followed = restorer.size();
  const auto start = std::move(restorer).finish();
  if (start) SOTTO_CHECK(start->auditor->size() == followed);
}

void check_report(ByteView input) {
  v1::ViolationReport message;
  if (!wire::decode(input, kMaxReportOctets, message)) return;
  const auto report = from_wire(message);
  if (!report) return;
  v1::ViolationReport again;
  to_wire(*report, again);
  SOTTO_CHECK(from_wire(again) == *report);
  SOTTO_CHECK(!explain(*report).empty());
  (void)check(*report);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  check_history(input);
  check_report(input);
  if (const auto pinned = PinnedLog::parse(input)) SOTTO_CHECK(equal(pinned->encoded(), input));
  return 0;
}
