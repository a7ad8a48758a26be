#include "transparency/contact.h"

#include <gtest/gtest.h>

#include <map>

#include "identity/test_support.h"
#include "transparency/test_log.h"

namespace sotto::transparency {
namespace {

using identity::testing::TestAccount;
using testing::account;
using testing::kNow;
using testing::TestKeys;
using testing::TestLog;

class ContactTest : public ::testing::Test {
 protected:
  ContactTest() {
    log.set(handle, handle_value(bob.account.id));
    log.set(bound, AccountBinding::of(bob.manifest).encoded());
    log.close(kNow);
  }
  TransparencyResult<ContactStates> look_up(const std::vector<Label>& labels) {
    return verify_contact(view, "bob", log.answer(labels, view.known_size(), kNow), pin_of, kNow);
  }
  LabelState state_of(const Label& label) {
    return verify_account(view, bob.account.id, log.answer({label}, view.known_size(), kNow), pin_of, kNow)
        .value();
  }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  TestLog log{keys, random};
  LogView view{keys.public_keys()};
  TestAccount bob{random};
  Label handle = Label::handle("bob");
  Label bound = Label::account(bob.account.id);
  std::map<Label, LabelState> pins;
  PinOf pin_of = [this](const Label& label) -> std::optional<LabelState> {
    const auto found = pins.find(label);
    if (found == pins.end()) return std::nullopt;
    return found->second;
  };
};

TEST_F(ContactTest, AHandleLeadsToAnAccountAndItsManifest) {
  const auto contact = look_up({handle, bound});
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->account, bob.account.id);
  EXPECT_EQ(check_manifest(*contact->account_state, bob.manifest), ManifestCheck::logged);
  pins = {{handle, contact->handle}, {bound, *contact->account_state}};
  EXPECT_TRUE(look_up({handle, bound}));
}

TEST_F(ContactTest, AnAnswerMustBringTheAccountItNamesAndNoOther) {
  EXPECT_EQ(look_up({handle}).error(), TransparencyError::malformed);
  EXPECT_EQ(look_up({handle, Label::account(account(7))}).error(), TransparencyError::bad_vrf_proof);
  EXPECT_EQ(look_up({}).error(), TransparencyError::malformed);
}

TEST_F(ContactTest, AbsentAndRetiredHandlesNameNobody) {
  log.set(handle, handle_value(std::nullopt));
  log.close(kNow);
  const auto retired = look_up({handle});
  ASSERT_TRUE(retired);
  EXPECT_EQ(retired->account, std::nullopt);
  EXPECT_TRUE(retired->handle.present());
  const auto nobody = verify_contact(
      view, "nobody", log.answer({Label::handle("nobody")}, view.known_size(), kNow), pin_of, kNow);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->handle.present());
}

TEST_F(ContactTest, APinnedContactCannotFallBack) {
  const auto contact = look_up({handle, bound});
  ASSERT_TRUE(contact);
  pins = {{handle, contact->handle}, {bound, *contact->account_state}};
  log.set_version(bound, AccountBinding::of(TestAccount(random).manifest).encoded(), 1);
  log.close(kNow);
  EXPECT_EQ(look_up({handle, bound}).error(), TransparencyError::value_replaced);
}

TEST_F(ContactTest, OnlyTheLoggedManifestMayBeEncryptedTo) {
  const LabelState first = state_of(bound);
  const auto second = bob.successor(random, identity::testing::kNow + seconds(1), [](auto&) {});
  EXPECT_EQ(check_manifest(first, bob.manifest), ManifestCheck::logged);
  EXPECT_EQ(check_manifest(first, second), ManifestCheck::newer);
  log.set(bound, AccountBinding::of(second).encoded());
  log.close(kNow);
  const LabelState now = state_of(bound);
  EXPECT_EQ(check_manifest(now, second), ManifestCheck::logged);
  EXPECT_EQ(check_manifest(now, bob.manifest), ManifestCheck::older);
  EXPECT_EQ(check_manifest(now, TestAccount(random).manifest), ManifestCheck::other_key);
  EXPECT_EQ(check_manifest({}, second), ManifestCheck::not_in_log);
  const auto twin = bob.successor(random, identity::testing::kNow + seconds(2), [](auto&) {});
  EXPECT_EQ(check_manifest(now, twin), ManifestCheck::other_manifest);
}

TEST_F(ContactTest, AnAccountThatWasTurnedOffStaysOff) {
  pins = {{bound, state_of(bound)}};
  log.set(bound, account_value(std::nullopt));
  log.close(kNow);
  const LabelState off = state_of(bound);
  EXPECT_EQ(off.version, 2U);
  EXPECT_EQ(check_manifest(off, bob.manifest), ManifestCheck::retired);
  EXPECT_EQ(self_audit({bound, 1, AccountBinding::of(bob.manifest).encoded()}, off), SelfAudit::retired);
  EXPECT_EQ(self_audit({bound, 2, {}}, off), SelfAudit::as_published);
  EXPECT_EQ(self_audit({handle, 1, handle_value(bob.account.id)}, off), SelfAudit::ahead)
      << "handles come and go";
  pins = {{bound, off}};
  EXPECT_EQ(state_of(bound), off);
  log.set(bound, AccountBinding::of(bob.manifest).encoded());
  log.close(kNow);
  EXPECT_EQ(verify_account(view, bob.account.id, log.answer({bound}, view.known_size(), kNow), pin_of, kNow)
                .error(),
            TransparencyError::value_replaced);
}

TEST_F(ContactTest, SelfAuditComparesVersionAndValue) {
  const Bytes ours = AccountBinding::of(bob.manifest).encoded();
  const LabelState state = state_of(bound);
  EXPECT_EQ(self_audit({bound, 1, ours}, state), SelfAudit::as_published);
  EXPECT_EQ(self_audit({bound, 1, Bytes(80)}, state), SelfAudit::replaced);
  EXPECT_EQ(self_audit({bound, 2, ours}, state), SelfAudit::behind);
  EXPECT_EQ(self_audit({bound, 0, ours}, state), SelfAudit::ahead);
  EXPECT_EQ(self_audit({bound, 1, ours}, {}), SelfAudit::missing);
}

TEST(Label, KeepsHandlesAndAccountsApart) {
  EXPECT_NE(Label::handle("a"), Label::account(account(1)));
  EXPECT_EQ(as_chars(Label::handle("bob").octets()), "h:bob");
  EXPECT_EQ(Label::account(account(1)).octets().size(), 18U);
  EXPECT_EQ(Label::handle("bob").alpha(), (Bytes{0, 0, 0, 5, 'h', ':', 'b', 'o', 'b'}));
}

TEST(Values, RefuseOtherLengths) {
  for (std::size_t size = 0; size <= 82; ++size) {
    EXPECT_EQ(AccountBinding::parse(Bytes(size)).has_value(), size == 80);
    EXPECT_EQ(parse_handle_value(Bytes(size)).has_value(), size == 0 || size == 16);
    EXPECT_EQ(parse_account_value(Bytes(size)).has_value(), size == 0 || size == 80);
  }
}

}  // namespace
}  // namespace sotto::transparency
