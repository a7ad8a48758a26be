#include "groups/link.h"

#include <algorithm>

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "groups/labels.h"
#include "identity/handle.h"

namespace sotto::groups {
namespace {

constexpr std::string_view kPrefix = "SOTTO:GROUP/1/";

bool is_normal_handle(std::string_view text) {
  const auto handle = identity::Handle::parse(text);
  return handle && handle->text() == text;
}

}  // namespace

std::string link_text(const LinkText& link) {
  Encoder out;
  out.raw(link.group).raw(link.secret).raw(link.approver.account.view()).raw(link.approver.key.octets());
  out.raw(as_bytes(link.handle));
  return std::string(kPrefix) + to_base32(out.view());
}

GroupResult<LinkText> parse_link_text(std::string_view text) {
  if (text.size() > kMaxLinkText || !text.starts_with(kPrefix)) return err(GroupError::malformed);
  const auto octets = from_base32(text.substr(kPrefix.size()));
  if (!octets) return err(GroupError::malformed);
  Decoder in(*octets);
  LinkText out;
  out.group = in.array<sizeof(GroupId)>();
  out.secret = in.array<sizeof(LinkSecret)>();
  out.approver.account = AccountId(in.array<AccountId::kSize>());
  out.approver.key = crypto::Fingerprint::from_octets(in.array<crypto::Fingerprint::kSize>());
  out.handle = as_chars(in.rest());
  if (!in.finished() || !is_normal_handle(out.handle)) return err(GroupError::malformed);
  return out;
}

RequestTag request_tag(const LinkSecret& secret, const GroupId& group, const MemberName& requester) {
  Encoder label;
  label.label(label::kLinkRequest);
  const auto mac = crypto::hmac_sha384(
      ByteView(secret), {label.view(), group, requester.account.view(), requester.key.octets()});
  return to_array<sizeof(RequestTag)>(ByteView(mac).first(sizeof(RequestTag)));
}

GroupResult<void> check_request(const GroupState& state, const MemberName& requester, ByteView tag) {
  if (!state.link) return err(GroupError::wrong_link);
  const auto expected = request_tag(state.link->secret, state.roster.group, requester);
  if (!crypto::constant_time_equal(expected, tag)) return err(GroupError::wrong_link);
  if (state.roster.find(requester.account) != nullptr) return err(GroupError::already_member);
  if (std::ranges::binary_search(state.link->refused, requester.account)) {
    return err(GroupError::not_allowed);
  }
  return {};
}

}  // namespace sotto::groups
