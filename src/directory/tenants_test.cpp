// Two tenants and random requests in each other's name: nothing that Mallory asks for changes anything of
// Alice.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::address_of;
using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

/// Everything stored about an account, except one-time pairs and their cursor, which anybody may take.
std::vector<storage::Entry> owned_by(TestServer& server, const TestAccount& who) {
  auto page = server.store.scan(account_partition(who.account.id), {}, std::nullopt, {}).value();
  std::erase_if(page.entries, [](const auto& entry) { return entry.key[0] == 'O' || entry.key[0] == 'C'; });
  return page.entries;
}

TEST(Tenants, NobodyChangesAnothersObjects) {
  rc::check([](std::uint32_t seed, const std::vector<std::uint8_t>& steps) {
    TestServer server(seed);
    TestAccount alice{server.random};
    TestAccount mallory{server.random};
    RC_ASSERT(server.register_account(alice, "alice").has_value());
    RC_ASSERT(server.register_account(mallory, "mallory").has_value());
    RC_ASSERT(server.upload(address_of(alice), testing::make_prekeys(alice, 2, server.random)).has_value());
    const auto before = owned_by(server, alice);

    // What Mallory can sign: anything under her own keys, in Alice's name or her own.
    auto forged = draft_successor(alice.manifest, mallory.device.id, kNow);
    RC_ASSERT(add_device(forged, identity::testing::listing(mallory.device)).has_value());
    forged.account_key = mallory.account.key.public_key();
    const auto forged_manifest = sign_manifest(forged, mallory.account, mallory.device, server.random);
    const auto genuine = alice.successor(server.random, kNow, [](identity::Manifest&) {});
    const auto prekeys = testing::make_prekeys(mallory, 1, server.random);
    const AccountId& me = mallory.account.id;
    for (const std::uint8_t step : steps) {
      v1::PublishManifest publish;
      switch (step % 8) {
        case 0:
          identity::to_wire(forged_manifest, *publish.mutable_manifest());
          server.directory->publish_manifest(me, publish, kNow, [](const auto& r) { RC_ASSERT(!r); });
          break;
        case 1:  // even a manifest that Alice signed and has not published yet
          identity::to_wire(genuine.signed_manifest(), *publish.mutable_manifest());
          server.directory->publish_manifest(me, publish, kNow, [](const auto& r) { RC_ASSERT(!r); });
          break;
        case 2:
          server.directory->manage_handle(me, TestServer::handle_change(step & 8U, "alice"), kNow,
                                          [](const auto& r) { RC_ASSERT(!r); });
          break;
        case 3:
          server.directory->upload_prekeys({me, alice.device.id}, prekeys, kNow,
                                           [](const auto& r) { RC_ASSERT(!r); });
          break;
        case 4: {
          auto request = TestServer::registration(mallory, "alice");
          if ((step & 8U) != 0) request.set_account(wire::field(alice.account.id.view()));
          server.directory->register_account(request, kNow, [](const auto& r) { RC_ASSERT(!r); });
          break;
        }
        case 5:
          server.directory->fetch_bundles(me, TestServer::bundles_of(address_of(alice)), kNow,
                                          [](const auto&) {});
          break;
        case 6: server.settle(); break;
        default: server.crash();
      }
    }
    server.settle();
    RC_ASSERT(owned_by(server, alice) == before);
    RC_ASSERT(server.owner("alice") == alice.account.id);
  });
}

}  // namespace
}  // namespace sotto::directory
