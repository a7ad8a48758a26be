// Recovery with a watched seed: its text, what is derived from it, its splitting, and the slots it opens.
#include "identity/test_support.h"
#include "poison.h"
#include "recovery/request.h"
#include "recovery/share.h"
#include "recovery/slot.h"

namespace sotto::testing {
namespace {

using namespace recovery;

class ConstantTimeRecovery : public ConstantTime {
 protected:
  RecoverySeed seed = crypto::random_secret<RecoverySeed>(random);
};

TEST_F(ConstantTimeRecovery, P31_ASeedIsWrittenAndReadWithoutTablesOrBranches) {
  expect_constant_time([&] {
    std::string text = seed_text(seed);
    EXPECT_TRUE(parse_seed(text));
    text[7] = static_cast<char>(text[7] ^ 0x20);  // as typed in the other case, or a character that is none
    static_cast<void>(parse_seed(text));
  });
}

TEST_F(ConstantTimeRecovery, P31_ASeedIsSplitAndPutTogether) {
  expect_constant_time([&] {
    const AccountName owner{identity::AccountId(random.array<16>()),
                            crypto::Fingerprint::from_octets(random.array<32>())};
    auto shares = make_shares(seed, owner, random.array<16>(), 3, 5, random);
    ASSERT_TRUE(shares);
    std::vector<Share> given;
    for (const std::size_t which : {4U, 0U, 2U}) {
      auto again = decode_share(encode((*shares)[which]));
      ASSERT_TRUE(again);
      given.push_back(*std::move(again));
    }
    EXPECT_TRUE(combine_shares(given));
    const auto keys = RequestKeys::generate(random);
    const Bytes request = make_request(keys, "alice", {1}).value();
    auto release = make_release(request, given[0], random);
    ASSERT_TRUE(release);
    EXPECT_TRUE(open_release(*release, request, keys));
    release->back() ^= 1U;
    EXPECT_EQ(open_release(*release, request, keys).error(), RecoveryError::cannot_open);
  });
}

TEST_F(ConstantTimeRecovery, P31_SlotsAreSealedOpenedAndRefused) {
  expect_constant_time([&] {
    const auto account = identity::AccountIdentity::generate(random);
    const auto sync_key = crypto::random_secret<identity::SyncKey>(random);
    const AccountName name{account.id, account.key.public_key().fingerprint()};
    const auto key = RecoveryKey::derive(seed, name);
    const SlotKey slot = SlotKey::derive(seed);
    EXPECT_NE(slot.access_hash(), AccessHash{});
    auto sealed =
        seal_slot(key.public_key(), slot.slot, {account, sync_key, "alice", {.version = 1}, {}}, random);
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(open_slot(seed, *sealed));
    sealed->back() ^= 1U;
    EXPECT_EQ(open_slot(seed, *sealed).error(), RecoveryError::cannot_open);
    const auto opener = crypto::random_secret<RecoverySeed>(random);
    const SetId set = random.array<16>();
    EXPECT_TRUE(open_contacts_slot(opener, name, set, seal_contacts_slot(opener, name, set, seed)));
  });
}

}  // namespace
}  // namespace sotto::testing
