#include "groups/attack.h"

#include <algorithm>
#include <tuple>

namespace sotto::groups {
namespace {

/// By which somebody only gives up something: nobody gains from undoing it.
bool gives_up(const Act& act) {
  return std::holds_alternative<Leave>(act) || std::holds_alternative<DevicesLeft>(act);
}

/// The smaller, the stronger.
auto strength(const Operation& operation, const OperationHash& hash) {
  const bool left = std::holds_alternative<DevicesLeft>(operation.act);
  const int kind = left                                             ? 0
                   : std::holds_alternative<Remove>(operation.act)  ? 1
                   : std::holds_alternative<SetRole>(operation.act) ? 2
                                                                    : 3;
  // The newer manifest knows better which devices are there.
  return std::tuple(kind, left ? ~operation.author.manifest_version : 0, hash);
}

}  // namespace

Role needed_role(const Act& act) {
  const bool about_guests = std::holds_alternative<AddGuest>(act) || std::holds_alternative<RemoveGuest>(act);
  if (gives_up(act) || about_guests || std::holds_alternative<Merge>(act)) return Role::member;
  return std::holds_alternative<SetRole>(act) ? Role::owner : Role::admin;
}

bool undoes(const Operation& attacker, const Operation& attacked) {
  const Author& author = attacked.author;
  if (const auto* left = std::get_if<DevicesLeft>(&attacker.act)) {
    return attacker.author.account == author.account &&
           attacker.author.manifest_version >= author.manifest_version &&
           std::ranges::find(left->devices, author.device_key) != left->devices.end();
  }
  if (gives_up(attacked.act)) return false;
  if (const auto* remove = std::get_if<Remove>(&attacker.act)) {
    return std::ranges::find(remove->members, author.account) != remove->members.end();
  }
  if (const auto* role = std::get_if<SetRole>(&attacker.act)) {
    return role->member == author.account && attacker.author.account != author.account &&
           role->role < needed_role(attacked.act);
  }
  return false;
}

bool is_stronger(const Operation& a, const OperationHash& hash_a, const Operation& b,
                 const OperationHash& hash_b) {
  return strength(a, hash_a) < strength(b, hash_b);
}

}  // namespace sotto::groups
