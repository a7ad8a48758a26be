#include "client/accounts/own_handles.h"

#include <algorithm>

#include "client/transparency/self_audit.h"

namespace sotto::client {
namespace {

const RequestKey kStatusKey{RequestKind::account_status, {}};
const RequestKey kChangeKey{RequestKind::handle, {}};

bool may_ask(Work& work, const RequestKey& key) { return work.link.ready() && work.link.may(key, work.now); }

/// Messages claim one handle: another one when that is gone.
void keep_claim(Work& work, const auto& handles) {
  if (handles.empty() || std::find(handles.begin(), handles.end(), work.self.handle) != handles.end()) return;
  work.self.handle = handles[0];
  save_self(work.db, work.self);
}

/// What the account has now: the log has to agree from now on.
void watch(Work& work, const auto& handles) {
  for (const std::string& handle : handles) watch_own_handle(work.db, handle);
}

v1::OwnHandles& announce(Work& work, const auto& handles) {
  v1::OwnHandles& own = *work.effects.events.emplace_back().mutable_own_handles();
  own.mutable_handles()->Assign(handles.begin(), handles.end());
  return own;
}

}  // namespace

bool ask_own_handles(Work& work) {
  if (!may_ask(work, kStatusKey)) return false;
  v1::ClientFrame frame;
  frame.mutable_get_account_status();
  work.link.send(work.effects, frame, {.key = kStatusKey});
  return true;
}

bool change_own_handle(Work& work, const v1::ManageHandle& change) {
  if (!may_ask(work, kChangeKey)) return false;
  v1::ClientFrame frame;
  *frame.mutable_manage_handle() = change;
  const std::string& handle = change.has_prove()    ? change.prove().handle()
                              : change.has_remove() ? change.remove()
                                                    : change.add();
  work.link.send(work.effects, frame, {.key = kChangeKey, .handle = handle});
  return true;
}

void on_account_status(Work& work, const Request& request, const v1::AccountStatus& answer) {
  work.link.succeeded(request.key);
  keep_claim(work, answer.handles());
  watch(work, answer.handles());
  announce(work, answer.handles());
}

void on_handle_managed(Work& work, const Request& request, const v1::HandleManaged& answer) {
  work.link.succeeded(request.key);
  const bool changed = answer.code_sent_to().empty();
  if (changed) {
    keep_claim(work, answer.handles());
    if (std::ranges::find(answer.handles(), request.handle) == answer.handles().end()) {
      forget_own_handle(work.db, request.handle);
    }
    watch(work, answer.handles());
  }
  announce(work, answer.handles()).set_code_sent_to(answer.code_sent_to());
}

void on_handle_change_refused(Work& work, const Request& request, const v1::Error& error) {
  // A person asked, and decides whether to ask again: no pause.
  work.link.succeeded(request.key);
  const std::string detail = error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail();
  report_problem(work, v1::Problem::HANDLE_REFUSED, detail, request.handle);
}

}  // namespace sotto::client
