#include "client/recovery/commands.h"

#include <algorithm>

#include "client/contacts/contact_records.h"
#include "client/outbox/queue.h"
#include "client/recovery/drill.h"
#include "client/recovery/messages.h"
#include "client/recovery/setup.h"
#include "identity/handle.h"
#include "recovery/limits.h"
#include "recovery/share.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr DurationMs kShortestDelay = seconds(1);

recovery::AccountName own_name(const Self& self) {
  return {self.account_id(), self.account->key.public_key().fingerprint()};
}

void withdraw(Work& work, const std::optional<recovery::ContactsRecord>& before,
              std::span<const identity::AccountId> staying) {
  if (!before) return;
  v1::RecoveryMessage message;
  message.mutable_withdraw()->set_set(wire::field(before->set));
  for (const auto& account : before->contacts) {
    if (std::ranges::find(staying, account) == staying.end()) tell(work, account, message);
  }
}

void change(Work& work, RecoverySetup setup) {
  change_recovery_setup(work, std::move(setup));
  work.db.run("UPDATE recovery_setup SET unnamed = 1");
}

RecoveryOutcome<std::vector<identity::AccountId>> accounts_of(Work& work,
                                                              std::span<const std::string> handles) {
  std::vector<identity::AccountId> out;
  for (const std::string& typed : handles) {
    const auto handle = identity::Handle::parse(typed);
    if (!handle) return err(RecoveryCommandError::bad_handle);
    if (handle->text() == work.self.handle) return err(RecoveryCommandError::own_account);
    const auto contact = find_contact(work.db, handle->text());
    if (!contact || !contact->key_holds()) return err(RecoveryCommandError::unknown_contact);
    if (std::ranges::find(out, *contact->account) != out.end()) return err(RecoveryCommandError::own_account);
    out.push_back(*contact->account);
  }
  return out;
}

/// The share leaves; what is kept of it is what its holder will be asked for.
void send_share(Work& work, const identity::AccountId& contact, const recovery::Share& share,
                DurationMs delay) {
  v1::RecoveryMessage message;
  auto& out = *message.mutable_share();
  out.set_set(wire::field(share.terms.set));
  out.set_index(share.index);
  out.set_threshold(share.terms.threshold);
  out.set_share(wire::field(recovery::share_octets(share)));
  out.set_delay_ms(delay.value);
  out.set_slot(wire::field(share.terms.slot));
  const OutboxItemId item = tell(work, contact, message);
  work.db.run("UPDATE recovery_contact SET share_hash = ?2, item = ?3 WHERE account = ?1", contact,
              recovery::share_hash(share), item);
}

/// Shares that have not left yet are of no use any more.
void drop_unsent_shares(Work& work) {
  work.db.run(
      "DELETE FROM outbox_item WHERE id IN (SELECT item FROM recovery_contact WHERE item IS NOT NULL)");
}

}  // namespace

RecoveryOutcome<void> set_up_recovery(Work& work, const recovery::RecoverySeed& seed) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  const auto before = load_recovery_setup(work.db);
  if (before) withdraw(work, before->contacts, {});
  drop_unsent_shares(work);
  const auto slot = recovery::SlotKey::derive(seed);
  change(work, {.key = recovery::RecoveryKey::derive(seed, own_name(work.self)).public_key(),
                .slot = slot.slot,
                .access_hash = slot.access_hash(),
                .contacts = std::nullopt,
                .drilled = work.now});
  return {};
}

RecoveryOutcome<void> remove_recovery(Work& work) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  const auto before = load_recovery_setup(work.db);
  if (!before || !before->key) return err(RecoveryCommandError::no_key);
  withdraw(work, before->contacts, {});
  drop_unsent_shares(work);
  change(work, {});
  return {};
}

RecoveryOutcome<void> set_recovery_contacts(Work& work, const recovery::RecoverySeed& seed,
                                            const ContactsWish& wish) {
  SOTTO_CHECK_OK(check_recovery_key(work, seed));
  auto setup = load_recovery_setup(work.db);
  if (!setup || !setup->key) return err(RecoveryCommandError::no_key);
  SOTTO_TRY(const auto accounts, accounts_of(work, wish.handles));
  drop_unsent_shares(work);
  withdraw(work, setup->contacts, accounts);
  setup->contacts.reset();
  if (accounts.empty()) {
    change_recovery_setup(work, *std::move(setup));
    return {};
  }
  if (wish.delay < kShortestDelay || wish.delay > recovery::kMaxDelay)
    return err(RecoveryCommandError::bad_delay);
  const auto opener = crypto::random_secret<recovery::RecoverySeed>(work.random);
  const recovery::SetId set = work.random.array<16>();
  const auto shares =
      recovery::make_shares(opener, own_name(work.self), set, wish.threshold, accounts.size(), work.random);
  if (!shares) return err(RecoveryCommandError::bad_terms);
  setup->contacts =
      recovery::ContactsRecord{.set = set,
                               .threshold = static_cast<std::uint8_t>(wish.threshold),
                               .delay = wish.delay,
                               .access_hash = recovery::SlotKey::derive(opener).access_hash(),
                               .sealed = recovery::seal_contacts_slot(opener, own_name(work.self), set, seed),
                               .contacts = accounts};
  setup->drilled = work.now;  // the key was typed and is the right one
  change_recovery_setup(work, *std::move(setup));
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    send_share(work, accounts[i], (*shares)[i], wish.delay);
  }
  return {};
}

RecoveryOutcome<void> drill_recovery_contacts(Work& work) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  const auto setup = load_recovery_setup(work.db);
  if (!setup || !setup->contacts) return err(RecoveryCommandError::no_contacts);
  v1::RecoveryMessage message;
  message.mutable_drill()->set_set(wire::field(setup->contacts->set));
  for (const auto& account : setup->contacts->contacts) tell(work, account, message);
  return {};
}

}  // namespace sotto::client
