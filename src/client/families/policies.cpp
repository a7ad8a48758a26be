#include "client/families/policies.h"

#include <algorithm>

#include "client/families/messages.h"
#include "families/signed_policy.h"
#include "wire/decode.h"

namespace sotto::client {

families::Policy present_policy(Work& work, const families::Person& child) {
  const auto known = policy_for(work.db, child.account);
  const bool counts =
      known && !known->ended && known->child == child && known->guardian == own_person(work.self);
  if (counts) return *known;
  families::Policy policy;
  policy.child = child;
  policy.guardian = own_person(work.self);
  policy.version = known ? known->version : 0;
  policy.hold_strangers = true;
  return policy;
}

v1::Family put_in_force(Work& work, const Child& child, families::Policy policy) {
  // Times, so that a guardian who lost all devices, and the last number with them, is still heard.
  policy.version = std::max(policy.version + 1, work.now.value);
  policy.time = work.now;
  policy.device = work.self.device.key.public_key().fingerprint();
  const Bytes octets = families::sign(policy, work.self.device.key, work.random);
  save_policy(work.db, policy, octets);
  v1::FamilyMessage message;
  message.set_policy(wire::field(octets));
  tell_family(work, child.person.account, message);
  return child_record(work.db, work.self, child);
}

}  // namespace sotto::client
