#include "client/api/families.h"

#include "client/api/contacts.h"
#include "client/families/commands.h"
#include "client/families/records.h"

namespace sotto::client::api {
namespace {

/// Does something once these people are known; the member of the family whom it concerns.
template <typename Command>
CommandResult<Wait<v1::Family>> change(Client& client, const std::vector<std::string>& people,
                                       Command command) {
  SOTTO_TRY(auto known, until_known(client, people));
  return followed_by(std::move(known), [&client, command = std::move(command)](const v1::Nothing&) {
    return run_in(client, command);
  });
}

/// Digits, as people read them out.
std::string without_blanks(std::string digits) {
  std::erase(digits, ' ');
  return digits;
}

PolicyChange change_of(const v1::FamilyPolicyChange& request) {
  PolicyChange out{.allow = {request.allow().begin(), request.allow().end()},
                   .forbid = {request.forbid().begin(), request.forbid().end()}};
  if (request.has_hours()) out.hours = request.hours();
  if (request.has_offset()) out.offset = request.offset();
  if (request.has_hold_strangers()) out.hold_strangers = request.hold_strangers();
  if (request.has_blur_pictures()) out.blur_pictures = request.blur_pictures();
  if (request.has_blur_all_pictures()) out.blur_all_pictures = request.blur_all_pictures();
  return out;
}

}  // namespace

CommandResult<v1::FamilyList> list_families(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self& self) {
    v1::FamilyList list;
    for (auto& record : family_records(client.database(), self)) *list.add_families() = std::move(record);
    for (auto& record : guardian_offers(client.database(), self, client.now())) {
      *list.add_families() = std::move(record);
    }
    return list;
  });
}

CommandResult<v1::FamilyRequestList> list_family_requests(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self&) {
    v1::FamilyRequestList list;
    for (auto& record : family_requests(client.database())) *list.add_requests() = std::move(record);
    return list;
  });
}

CommandResult<Wait<v1::Family>> offer_guardianship(Client& client, const v1::FamilyRef& request) {
  return change(client, {request.person()},
                [person = request.person()](Work& work) { return client::offer_guardianship(work, person); });
}

CommandResult<Wait<v1::Family>> accept_guardian(Client& client, const v1::FamilyAcceptance& request) {
  return change(client, {request.guardian()},
                [guardian = request.guardian(), fingerprint = without_blanks(request.fingerprint())](
                    Work& work) { return client::accept_guardian(work, guardian, fingerprint); });
}

CommandResult<Wait<v1::Family>> change_family_policy(Client& client, const v1::FamilyPolicyChange& request) {
  const PolicyChange policy = change_of(request);
  std::vector<std::string> people = policy.allow;
  people.insert(people.end(), policy.forbid.begin(), policy.forbid.end());
  people.push_back(request.child());
  return change(client, people, [child = request.child(), policy](Work& work) {
    return client::change_policy(work, child, policy);
  });
}

CommandResult<Wait<v1::Family>> end_guardianship(Client& client, const v1::FamilyRef& request) {
  return change(client, {request.person()},
                [person = request.person()](Work& work) { return client::end_guardianship(work, person); });
}

CommandResult<Wait<v1::Family>> ask_guardian(Client& client, const v1::FamilyAsk& request) {
  return change(client, {request.person()}, [person = request.person(), note = request.note()](Work& work) {
    return client::ask_guardian(work, person, note);
  });
}

CommandResult<Wait<v1::Family>> decide_for_child(Client& client, const v1::FamilyDecision& request) {
  return change(client, {request.child(), request.person()},
                [child = request.child(), person = request.person(), approve = request.approve()](
                    Work& work) { return client::decide_for_child(work, child, person, approve); });
}

}  // namespace sotto::client::api
