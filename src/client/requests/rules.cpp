#include "client/requests/rules.h"

#include "bytes/hex.h"
#include "client/requests/decisions.h"
#include "client/sync/registers.h"
#include "crypto/hash.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

constexpr std::string_view kLinkBegin = "SOTTO:CONTACT/1/";
constexpr std::size_t kTokenSize = 16;
constexpr char kSeparator = '/';
/// More than the longest handle and a token have.
constexpr std::size_t kMaxLinkText = 512;

struct ContactLink {
  std::string handle;
  Bytes token;
};

std::optional<ContactLink> parse(std::string_view text) {
  if (text.size() > kMaxLinkText || !text.starts_with(kLinkBegin)) return std::nullopt;
  text.remove_prefix(kLinkBegin.size());
  const std::size_t end = text.rfind(kSeparator);
  if (end == std::string_view::npos) return std::nullopt;
  const auto handle = identity::Handle::parse(text.substr(0, end));
  auto token = from_hex(text.substr(end + 1));
  if (!handle || !token || token->size() != kTokenSize) return std::nullopt;
  return ContactLink{handle->text(), *std::move(token)};
}

ByteView own_subject(const Self& self) { return self.account->id.view(); }

}  // namespace

ContactRule contact_rule(store::Database& database, const Self& self) {
  if (!self.account) return v1::ContactRules::ANYBODY;
  const std::uint64_t number = number_of(database, Write::CONTACT_RULE, own_subject(self));
  if (number == 0) return v1::ContactRules::ANYBODY;
  const bool known = number <= static_cast<std::uint64_t>(v1::ContactRules::From_MAX);
  return known ? static_cast<ContactRule>(number) : v1::ContactRules::NOBODY;
}

void set_contact_rule(Work& work, ContactRule rule) {
  write_register(work, Write::CONTACT_RULE, own_subject(work.self), static_cast<std::uint64_t>(rule));
  release_receipts(work);
}

v1::ContactRules contact_rules(store::Database& database, const Self& self) {
  v1::ContactRules rules;
  rules.set_from(contact_rule(database, self));
  const std::string token = text_of(database, Write::CONTACT_LINK, own_subject(self));
  if (!token.empty()) rules.set_link(std::string(kLinkBegin) + self.handle + kSeparator + token);
  return rules;
}

void renew_contact_link(Work& work) {
  write_register(work, Write::CONTACT_LINK, own_subject(work.self), 0,
                 to_hex(work.random.array<kTokenSize>()));
}

void withdraw_contact_link(Work& work) {
  write_register(work, Write::CONTACT_LINK, own_subject(work.self), 0);
}

bool is_introduced(store::Database& database, const Self& self, const v1::Content& content) {
  const auto token = from_hex(text_of(database, Write::CONTACT_LINK, own_subject(self)));
  return token && token->size() == kTokenSize &&
         crypto::constant_time_equal(*token, wire::octets(content.introduction()));
}

Result<std::string, ComposeError> use_contact_link(Work& work, std::string_view text) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto link = parse(text);
  if (!link) return err(ComposeError::bad_contact_link);
  work.db.run("INSERT OR REPLACE INTO introduction (handle, token) VALUES (?1, ?2)",
              std::string_view(link->handle), link->token);
  return link->handle;
}

void introduce(Work& work, const ContactRecord& contact, v1::Content& content) {
  if (!contact.handle) return;
  store::Rows rows =
      work.db.query("SELECT token FROM introduction WHERE handle = ?1", std::string_view(*contact.handle));
  if (rows.next()) content.set_introduction(wire::field(rows.octets(0)));
}

}  // namespace sotto::client
