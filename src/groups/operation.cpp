#include "groups/operation.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "groups/labels.h"
#include "identity/limits.h"

namespace sotto::groups {
namespace {

constexpr std::uint8_t kVersion = 1;

/// Writes the body of an act.
class Writer {
 public:
  explicit Writer(Encoder& out) : out_(out) {}

  void operator()(const Create& act) {
    out_.var(act.name);
    names(act.members);
  }
  void operator()(const Add& act) { names(act.members); }
  void operator()(const Remove& act) {
    out_.u16(static_cast<std::uint16_t>(act.members.size()));
    for (const AccountId& account : act.members) out_.raw(account.view());
  }
  void operator()(const SetRole& act) { out_.raw(act.member.view()).u8(static_cast<std::uint8_t>(act.role)); }
  void operator()(const Rename& act) { out_.var(act.name); }
  void operator()(const SetPhoto& act) { out_.var(act.descriptor); }
  void operator()(const SetLink& act) { out_.var(act.secret ? ByteView(*act.secret) : ByteView()); }
  void operator()(const Approve& act) {
    out_.raw(act.member.account.view()).raw(act.member.key.octets()).raw(act.link);
  }
  void operator()(const Refuse& act) { out_.raw(act.account.view()).raw(act.link); }
  void operator()(const Leave& /*act*/) {}
  void operator()(const Set& act) { out_.u8(static_cast<std::uint8_t>(act.setting)).u64(act.value); }
  void operator()(const DevicesLeft& act) {
    out_.u8(static_cast<std::uint8_t>(act.devices.size()));
    for (const auto& device : act.devices) out_.raw(device.octets());
  }
  void operator()(const Merge& /*act*/) {}
  void operator()(const AddGuest& act) { out_.var(act.number).var(act.name); }
  void operator()(const RemoveGuest& act) { out_.var(act.number); }

 private:
  void names(const std::vector<MemberName>& members) {
    out_.u16(static_cast<std::uint16_t>(members.size()));
    for (const MemberName& member : members) out_.raw(member.account.view()).raw(member.key.octets());
  }

  Encoder& out_;
};

AccountId read_account(Decoder& in) { return AccountId(in.array<AccountId::kSize>()); }
crypto::Fingerprint read_fingerprint(Decoder& in) {
  return crypto::Fingerprint::from_octets(in.array<crypto::Fingerprint::kSize>());
}
MemberName read_member(Decoder& in) {
  const AccountId account = read_account(in);
  return {account, read_fingerprint(in)};
}

/// `count` values; a failed decoder ends the loop.
template <typename Read>
auto read_list(Decoder& in, std::size_t count, const Read& read) {
  std::vector<decltype(read(in))> out;
  for (std::size_t i = 0; i < count && !in.failed(); ++i) out.push_back(read(in));
  return out;
}

/// One order and no value twice, so that one list has one encoding.
template <typename T, typename Key = std::identity>
bool ascending(const std::vector<T>& list, const Key& key = {}) {
  return std::ranges::adjacent_find(list, [&](const T& a, const T& b) { return !(key(a) < key(b)); }) ==
         list.end();
}
bool allowed(const std::vector<MemberName>& members, std::size_t at_least) {
  return members.size() >= at_least && members.size() <= kMaxMembersPerOperation &&
         ascending(members, [](const MemberName& member) { return member.account; });
}
bool allowed_number(const Bytes& number) {
  const auto is_digit = [](std::uint8_t octet) { return octet >= '0' && octet <= '9'; };
  return number.size() >= kMinNumber && number.size() <= kMaxNumber && number[0] == '+' && number[1] != '0' &&
         std::all_of(number.begin() + 1, number.end(), is_digit);
}
bool allowed_name(const Bytes& name) { return !name.empty() && name.size() <= kMaxGroupName; }

/// Whether the parts of an act keep the rules of docs/specs/groups.md 2.
class Wellformed {
 public:
  explicit Wellformed(const Operation& operation) : operation_(operation) {}

  bool operator()(const Create& act) const {
    return allowed_name(act.name) && allowed(act.members, 0) &&
           std::ranges::find(act.members, operation_.author.account, &MemberName::account) ==
               act.members.end();
  }
  bool operator()(const Add& act) const { return allowed(act.members, 1); }
  bool operator()(const Remove& act) const {
    return !act.members.empty() && act.members.size() <= kMaxMembersPerOperation && ascending(act.members);
  }
  bool operator()(const SetRole& act) const { return act.role >= Role::member && act.role <= Role::owner; }
  bool operator()(const Rename& act) const { return allowed_name(act.name); }
  bool operator()(const SetPhoto& act) const { return act.descriptor.size() <= kMaxPhoto; }
  bool operator()(const Set& act) const {
    switch (act.setting) {
      case Setting::timer: return act.value <= kMaxTimer.value;
      case Setting::guests: return act.value <= 1;
    }
    return false;
  }
  bool operator()(const DevicesLeft& act) const {
    return !act.devices.empty() && act.devices.size() <= kMaxDevicesLeft && ascending(act.devices) &&
           std::ranges::find(act.devices, operation_.author.device_key) == act.devices.end();
  }
  bool operator()(const AddGuest& act) const { return allowed_number(act.number) && allowed_name(act.name); }
  bool operator()(const RemoveGuest& act) const { return allowed_number(act.number); }
  template <typename Other>
  bool operator()(const Other& /*act*/) const {
    return true;
  }

 private:
  const Operation& operation_;
};

GroupResult<Act> read_link(Decoder& in) {
  const ByteView secret = in.var(sizeof(LinkSecret));
  if (secret.empty()) return SetLink{};
  if (secret.size() != sizeof(LinkSecret)) return err(GroupError::malformed);
  return SetLink{to_array<sizeof(LinkSecret)>(secret)};
}

GroupResult<Act> read_act(Decoder& in) {
  switch (in.u8()) {
    case 1: {
      Bytes name = to_bytes(in.var(kMaxGroupName));
      return Create{std::move(name), read_list(in, in.u16(), read_member)};
    }
    case 2: return Add{read_list(in, in.u16(), read_member)};
    case 3: return Remove{read_list(in, in.u16(), read_account)};
    case 4: {
      const AccountId member = read_account(in);
      return SetRole{member, static_cast<Role>(in.u8())};
    }
    case 5: return Rename{to_bytes(in.var(kMaxGroupName))};
    case 6: return SetPhoto{to_bytes(in.var(kMaxPhoto))};
    case 7: return read_link(in);
    case 8: {
      const MemberName member = read_member(in);
      return Approve{member, in.array<sizeof(OperationHash)>()};
    }
    case 9: {
      const AccountId account = read_account(in);
      return Refuse{account, in.array<sizeof(OperationHash)>()};
    }
    case 10: return Leave{};
    case 11: {
      const auto setting = static_cast<Setting>(in.u8());
      return Set{setting, in.u64()};
    }
    case 12: return DevicesLeft{read_list(in, in.u8(), read_fingerprint)};
    case 13: return Merge{};
    case 14: {
      Bytes number = to_bytes(in.var(kMaxNumber));
      return AddGuest{std::move(number), to_bytes(in.var(kMaxGroupName))};
    }
    case 15: return RemoveGuest{to_bytes(in.var(kMaxNumber))};
    default: return err(GroupError::malformed);
  }
}

Author read_author(Decoder& in) {
  const AccountId account = read_account(in);
  const auto account_key = read_fingerprint(in);
  const auto device_key = read_fingerprint(in);
  return {account, account_key, device_key, in.u64()};
}

bool wellformed(const Operation& operation) {
  const bool begins = std::holds_alternative<Create>(operation.act);
  return operation.author.manifest_version > 0 && begins == operation.parents.empty() &&
         operation.parents.size() <= kMaxParents && ascending(operation.parents) &&
         std::visit(Wellformed(operation), operation.act);
}

}  // namespace

Bytes encode(const Operation& operation) {
  Encoder out(512);
  out.label(label::kOperation).u8(kVersion).raw(operation.group);
  const Author& author = operation.author;
  out.raw(author.account.view()).raw(author.account_key.octets()).raw(author.device_key.octets());
  out.u64(author.manifest_version).u64(operation.time.value);
  out.u8(static_cast<std::uint8_t>(operation.parents.size()));
  for (const OperationHash& parent : operation.parents) out.raw(parent);
  out.u8(static_cast<std::uint8_t>(operation.act.index() + 1));
  std::visit(Writer(out), operation.act);
  return std::move(out).take();
}

GroupResult<Operation> parse_operation(ByteView o) {
  Decoder in(o);
  in.label(label::kOperation);
  if (in.u8() != kVersion) return err(GroupError::malformed);
  Operation out;
  out.group = in.array<sizeof(GroupId)>();
  out.author = read_author(in);
  out.time = {in.u64()};
  out.parents = read_list(in, in.u8(), [](Decoder& from) { return from.array<sizeof(OperationHash)>(); });
  SOTTO_TRY(out.act, read_act(in));
  if (!in.finished() || !wellformed(out)) return err(GroupError::malformed);
  return out;
}

GroupId group_id(ByteView create) {
  Encoder label;
  label.label(label::kGroupId);
  return crypto::sha256({label.view(), create});
}

}  // namespace sotto::groups
