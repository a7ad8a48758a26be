// `sotto contact`: what is known of somebody, and whether their key is what it was.
#include "called.h"
#include "client/api/contacts.h"
#include "client/contacts/contact_records.h"
#include "commands.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

constexpr std::uint64_t kLookupTimeS = 10;

v1::ContactRequest named(const std::string& contact) {
  v1::ContactRequest request;
  request.set_contact(contact);
  return request;
}

/// Nobody need be asked.
bool is_known(Profile& profile, const std::string& user) {
  const auto contact = client::find_named(profile.database(), user);
  return contact && contact->pinned.has_value();
}

}  // namespace

CommandResult<ExitCode> run_contact_show(const GlobalOptions& global, const std::string& typed) {
  SOTTO_TRY(const std::string user, called(typed));
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const v1::Contact contact, is_known(session.profile(), user)
                                           ? api::get_contact(session.api(), named(user))
                                           : session.call(api::look_up_contact, named(user), kLookupTimeS));
  session.output().contact(contact);
  return session.close();
}

CommandResult<ExitCode> run_contact_accept(const GlobalOptions& global, const std::string& user) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(api::accept_key, named(user)));
  session.output().note("The new key of " + user + " is accepted; it is pinned with the next connection.");
  return session.close();
}

CommandResult<ExitCode> run_contact_keep(const GlobalOptions& global, const std::string& user) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(api::keep_key, named(user)));
  session.output().note("The known key of " + user +
                        " is kept: what waits goes to it alone. If the server still shows another one, "
                        "sending stops again with the next connection.");
  return session.close();
}

}  // namespace sotto::cli
