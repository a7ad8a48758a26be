#include "client/notices/account_notices.h"

#include "client/notices/notices.h"
#include "identity/device_name.h"

namespace sotto::client {
namespace {

std::string_view words(v1::AccountNotice::Kind kind) {
  switch (kind) {
    case v1::AccountNotice::SIGN_IN_FAILED:
      return "somebody tried to sign in to your account with a wrong password";
    case v1::AccountNotice::SIGN_IN_LOCKED:
      return "too many wrong passwords: signing in to your account by password is closed for a while; your "
             "devices go on working";
    case v1::AccountNotice::SIGNED_IN:
      return "somebody signed in with your password, which adds no device by itself. If it was not you, "
             "choose "
             "another one; the command is `sotto password set`";
    case v1::AccountNotice::RECOVERY_SLOT_FETCHED:
      return "somebody who can open a recovery slot of your account fetched it";
    case v1::AccountNotice::RECOVERY_SLOT_REFUSED:
      return "somebody asked for a recovery slot of your account and could not name its secret";
    default: return {};
  }
}

v1::Notice::Kind kind_of(v1::AccountNotice::Kind kind) {
  switch (kind) {
    case v1::AccountNotice::SIGN_IN_FAILED: return v1::Notice::SIGN_IN_FAILED;
    case v1::AccountNotice::SIGN_IN_LOCKED: return v1::Notice::SIGN_IN_LOCKED;
    case v1::AccountNotice::SIGNED_IN: return v1::Notice::SIGNED_IN;
    case v1::AccountNotice::RECOVERY_SLOT_FETCHED: return v1::Notice::RECOVERY_SLOT_FETCHED;
    case v1::AccountNotice::RECOVERY_SLOT_REFUSED: return v1::Notice::RECOVERY_SLOT_REFUSED;
    default: return v1::Notice::KIND_UNSPECIFIED;
  }
}

std::uint64_t newest_seen(store::Database& database) {
  store::Rows rows = database.query("SELECT number FROM account_notice");
  return rows.next() ? rows.count(0) : 0;
}

}  // namespace

void on_account_notice(Work& work, const v1::AccountNotice& notice) {
  const std::string_view detail = words(notice.kind());
  // A number above what SQLite holds is nobody's next one.
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 62;
  if (detail.empty() || notice.number() > kLargest || notice.number() <= newest_seen(work.db)) return;
  work.db.run("INSERT OR REPLACE INTO account_notice (id, number) VALUES (1, ?1)", notice.number());
  v1::Notice out;
  out.set_kind(kind_of(notice.kind()));
  out.set_time_ms(notice.time_ms());
  out.set_detail(std::string(detail));
  out.set_address(identity::clean_device_name(notice.address()));
  give_notice(work, out);
}

}  // namespace sotto::client
