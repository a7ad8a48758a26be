#include "client/accounts/retire.h"

#include "client/contacts/manifests.h"
#include "identity/retirement.h"

namespace sotto::client {
namespace {

const RequestKey kRetirementKey{RequestKind::retirement, {}};

/// profile.retiring
enum class Wish : std::uint8_t { none = 0, wanted = 1, refused_once = 2 };

Wish wish(store::Database& database) {
  store::Rows rows = database.query("SELECT retiring FROM profile");
  return rows.next() ? static_cast<Wish>(rows.integer(0)) : Wish::none;
}

void set_wish(Work& work, Wish wish) { work.db.run("UPDATE profile SET retiring = ?1", wish); }

void end(Work& work) {
  set_wish(work, Wish::none);
  work.self.stage = v1::Status::RETIRED;
  save_self(work.db, work.self);
  work.effects.disconnect = Disconnect::refused;
}

}  // namespace

std::string_view describe(RetireError error) {
  switch (error) {
    case RetireError::not_registered: return "this profile has no account; there is nothing to turn off";
  }
  return "unknown error";
}

Result<void, RetireError> retire_account(Work& work) {
  if (!work.self.ready()) return err(RetireError::not_registered);
  set_wish(work, Wish::wanted);
  return {};
}

Result<void, RetireError> take_as_retired(Work& work) {
  if (!work.self.ready()) return err(RetireError::not_registered);
  end(work);
  return {};
}

void keep_retirement(Work& work) {
  if (wish(work.db) == Wish::none || !work.self.manifest_confirmed ||
      !work.link.may(kRetirementKey, work.now))
    return;
  const auto newest = load_manifest(work.db, work.self.account_id());
  if (!newest || newest->find(work.self.device.id) == nullptr) return;
  const auto statement =
      identity::sign_retirement(*newest, *work.self.account, work.self.device, work.now, work.random);
  v1::ClientFrame frame;
  identity::to_wire(statement, *frame.mutable_retire_account());
  work.link.send(work.effects, frame, {.key = kRetirementKey});
}

void on_account_retired(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  end(work);
}

void on_retirement_refused(Work& work, const Request& request, const v1::Error& error) {
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
  if (error.code() == v1::Error::ACCOUNT_RETIRED) return end(work);
  if (error.retry_after_ms() > 0) return;
  if (error.code() == v1::Error::MANIFEST_REJECTED && wish(work.db) == Wish::wanted) {
    // Most likely another device changed the list meanwhile: signed anew, once, over the newest one.
    set_wish(work, Wish::refused_once);
    mark_stale(work.db, work.self.account_id());
    return;
  }
  set_wish(work, Wish::none);
  report_problem(work, v1::Problem::RETIREMENT_REFUSED,
                 "the server did not turn the account off; it goes on as before", error.detail());
}

void on_own_account_gone(Work& work) {
  if (wish(work.db) != Wish::none) return end(work);
  report_problem(
      work, v1::Problem::ACCOUNT_GONE,
      "the server says that this account was turned off for good, by another of its devices; if that is "
      "so, end this one with `sotto deregister --account`");
  work.effects.disconnect = Disconnect::refused;
}

}  // namespace sotto::client
