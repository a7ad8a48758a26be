// What comes to this module from outside: operations, signed operations, link texts; and, driven by the
// input, a few members who act beside each other: everybody must come to the same group.
#include "groups/history.h"
#include "groups/link.h"
#include "result/check.h"

namespace {

using namespace sotto;  // NOLINT(google-build-using-namespace): one translation unit, nothing else in it
using namespace sotto::groups;  // NOLINT(google-build-using-namespace)

void operation(ByteView input) {
  if (const auto parsed = parse_operation(input)) SOTTO_CHECK(equal(groups::encode(*parsed), input));
}

void signed_operation(ByteView input) {
  const auto parsed = parse_signed_operation(input);
  if (!parsed) return;
  SOTTO_CHECK(equal(groups::encode(*parsed), input));
  (void)VerifiedOperation::from_own_store(parsed->o);
}

void link(ByteView input) {
  const auto parsed = parse_link_text(as_chars(input));
  if (!parsed) return;
  const auto again = parse_link_text(link_text(*parsed));
  SOTTO_CHECK(again && *again == *parsed);
}

Author person(std::uint8_t number) {
  ByteArray<16> account{number};
  ByteArray<32> key{number};
  return {AccountId(account), crypto::Fingerprint::from_octets(key), crypto::Fingerprint::from_octets(key),
          1};
}

Act act_of(std::uint8_t kind, std::uint8_t whom, const OperationHash& link) {
  const Author other = person(whom % 5);
  const Bytes number = {'+', '4', '6', '1', '1', '1', '1', '1', static_cast<std::uint8_t>('0' + whom % 3)};
  switch (kind % 12) {
    case 0: return Add{{other.member()}};
    case 1: return Remove{{other.account}};
    case 2: return SetRole{other.account, static_cast<Role>(1 + whom / 5 % 3)};
    case 3: return Rename{{whom}};
    case 4: return SetLink{LinkSecret{whom}};
    case 5: return Approve{other.member(), link};
    case 6: return Leave{};
    case 7: return DevicesLeft{{crypto::Fingerprint::from_octets({whom, 1})}};
    case 8: return Merge{};
    case 9: return Set{Setting::guests, whom % 2U};
    case 10: return AddGuest{number, {'e'}};
    default: return RemoveGuest{number};
  }
}

VerifiedOperation unsigned_operation(const Operation& made) {
  return VerifiedOperation::from_own_store(groups::encode(made)).value();
}

/// Four octets make an operation: author, kind, subject, and which one it builds on; 255: on everything.
void members(ByteView input) {
  constexpr std::size_t kMost = 12;  // the rest of the input would only take time
  const Operation create{{}, person(0), {}, {}, Create{{'g'}, {person(1).member(), person(2).member()}}};
  std::vector<VerifiedOperation> made = {unsigned_operation(create)};
  History history = History::begin(made[0]).value();
  for (std::size_t at = 0; at + 4 <= input.size() && made.size() < kMost; at += 4) {
    const auto link = history.state().link ? history.state().link->operation : OperationHash{};
    auto parents = history.heads();
    if (input[at + 3] != 255) parents = {made[input[at + 3] % made.size()].hash()};
    const UnixMs time{at / 4};
    const auto next = unsigned_operation(
        {history.id(), person(input[at] % 5), time, parents, act_of(input[at + 1], input[at + 2], link)});
    const auto admitted = history.admit(next);
    if (admitted && *admitted) made.push_back(next);
  }
  // The last one that can be taken first, again and again.
  History other = History::begin(made[0]).value();
  for (std::size_t turn = 1; turn < made.size(); ++turn) {
    for (std::size_t i = made.size(); i-- > 1;) {
      if (other.contains(made[i].hash())) continue;
      const auto admitted = other.admit(made[i]);
      if (admitted) break;
      SOTTO_CHECK(admitted.error() == GroupError::unknown_parent);
    }
  }
  SOTTO_CHECK(other.heads() == history.heads() && other.state() == history.state());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: operation(input); break;
    case 1: signed_operation(input); break;
    case 2: link(input); break;
    default: members(input);
  }
  return 0;
}
