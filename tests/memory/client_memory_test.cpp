// Two clients over encrypted stores on disk: after they are closed nothing of their secrets is in memory, and
// of the passphrase not even while they run.
#include <gtest/gtest.h>

#include "client/conversations/records.h"
#include "client/core.h"
#include "client/fake_server.h"
#include "client/store/profile_folder.h"
#include "client/store/test_folder.h"
#include "known_secrets.h"
#include "wire/decode.h"

namespace sotto::testing {
namespace {

using client::Core;
using Nothing = std::vector<std::string>;

constexpr UnixMs kNow{1'800'000'000'000};
constexpr crypto::Argon2Parameters kCheap = {.memory_kib = 256, .iterations = 1, .lanes = 1};

/// Random text, which nobody but its makers has in memory.
std::string random_text() {
  ByteArray<24> octets = crypto::SystemRandom().array<24>();
  std::string out;
  for (const std::uint8_t octet : octets) out.push_back(static_cast<char>('a' + octet % 26));
  return out;
}

class ClientMemory : public ::testing::Test {
 protected:
  struct Client {
    Client(int number, KnownSecrets& secrets, crypto::RandomSource& random)
        : id(number), folder(disk.path() / "profile") {
      const std::string passphrase = random_text();
      secrets.add("passphrase", as_bytes(passphrase));
      database = folder.create(crypto::SecretBytes::copy_of(as_bytes(passphrase)), kCheap, random).value();
      core = Core::create(*database, random).value();
    }
    int id;
    client::store::TestFolder disk;
    client::store::ProfileFolder folder;
    std::unique_ptr<client::store::Database> database;
    std::unique_ptr<Core> core;
    std::size_t messages = 0;
  };

  void perform(Client& client, const client::Effects& effects) {
    for (const auto& event : effects.events) client.messages += event.has_message() ? 1 : 0;
    for (const Bytes& octets : effects.frames) {
      v1::ClientFrame frame;
      ASSERT_TRUE(wire::decode(octets, wire::kMaxFrameBytes, frame));
      server_.take(client.id, frame, kNow);
    }
  }
  void settle(Client& a, Client& b) {
    bool moved = true;
    for (int i = 0; moved && i < 2000; ++i) {
      moved = false;
      for (Client* client : {&a, &b}) {
        const auto frame = server_.next(client->id);
        if (!frame) continue;
        moved = true;
        perform(*client, client->core->receive(*frame, kNow).value());
      }
    }
    ASSERT_FALSE(moved);
  }
  void sign_up(Client& client, std::string_view handle) {
    ASSERT_TRUE(client.core->set_up_account(handle, "", "laptop", {.host = "fake", .port = 1}, kNow).value());
    server_.attach(client.id);
    perform(client, client.core->connected({}, kNow).value());
  }
  void say(Client& from, std::string_view to) {
    const std::string text = random_text();
    texts_.add("plaintext", as_bytes(text));
    auto sent = from.core->send_text(to, text, kNow).value();
    ASSERT_TRUE(sent.value);
    perform(from, sent.effects);
  }

  client::FakeServer server_;
  KnownSecrets passphrases_;
  KnownSecrets texts_;
  KnownSecrets keys_;
  NotingRandom random_{keys_};
};

TEST_F(ClientMemory, P32_AClosedClientLeavesNoKeyNoPassphraseAndNoText) {
  {
    Client alice(1, passphrases_, random_);
    Client bob(2, passphrases_, random_);
    EXPECT_EQ(passphrases_.found(), Nothing()) << "with the store open the passphrase is no longer needed";
    sign_up(alice, "alice");
    sign_up(bob, "bob");
    settle(alice, bob);
    for (int i = 0; i < 3; ++i) {
      say(alice, "bob");
      settle(alice, bob);
      say(bob, "alice");
      settle(alice, bob);
    }
    EXPECT_GE(alice.messages + bob.messages,
              12U);  // each is announced on both sides, changes of its state too
    EXPECT_FALSE(keys_.found().empty());
  }
  EXPECT_EQ(passphrases_.found(), Nothing());
  EXPECT_EQ(texts_.found(), Nothing());
  EXPECT_EQ(keys_.found(), Nothing());
}

}  // namespace
}  // namespace sotto::testing
