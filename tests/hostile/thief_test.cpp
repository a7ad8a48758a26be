// Thieves: of one moment's session state, of a device's store, of a running copy of it, of the server's disk
// (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "client/recovery/commands.h"
#include "client/store/profile_folder.h"
#include "client/store/test_folder.h"
#include "identity/manifest.h"
#include "identity/server_statement.h"
#include "peer.h"
#include "session/incoming.h"
#include "session/prekey_ring.h"
#include "stage.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using client::store::ProfileFolder;
using client::store::read_all;
using client::store::StoreError;
using client::store::TestFolder;
using session::SessionError;
using Texts = std::vector<std::string>;

// Of a session's state: a backup, a memory image.

class HostileThief : public ::testing::Test {
 protected:
  HostileThief() {
    stage.chat(alice, bob, 2);
    stage.op.to_device = [this](Person& to, v1::ServerFrame frame) -> ServerFrames {
      for (Bytes& each : envelopes_of(frame)) (&to == &alice ? to_alice : to_bob).push_back(std::move(each));
      return {std::move(frame)};
    };
  }
  /// The first envelope that one message of Bob puts into Alice's mailbox.
  Bytes from_bob() {
    to_alice.clear();
    stage.write(bob, "alice", "a secret");
    stage.settle();
    return to_alice.front();
  }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  std::vector<Bytes> to_alice;
  std::vector<Bytes> to_bob;
};

TEST_F(HostileThief, OfASessionReadsNothingOfBefore) {
  std::vector<Bytes> recorded;
  for (int i = 0; i < 4; ++i) recorded.push_back(from_bob());
  for (const Bytes& envelope : recorded) {
    auto stolen = steal_session(alice.database(), bob.address());
    EXPECT_TRUE(read(stolen, envelope, stage.now));
  }
}

TEST_F(HostileThief, OfASessionIsBlindAfterOneRoundTrip) {
  auto stolen = steal_session(alice.database(), bob.address());
  EXPECT_FALSE(read(stolen, from_bob(), stage.now)) << "the state at the moment of the theft still opens";
  stage.write(alice, "bob", "heals");  // Alice's new key, and with Bob's next message his
  stage.settle();
  EXPECT_TRUE(read(stolen, from_bob(), stage.now));
}

TEST_F(HostileThief, OfASessionWhoBreaksP256IsBlindAfterOnePqEpoch) {
  auto stolen = steal_session(alice.database(), bob.address());
  const auto before = stolen.pq().installed();
  int messages = 0;
  while (steal_session(alice.database(), bob.address()).pq().installed() == before) {
    stage.chat(alice, bob, 1);
    messages += 2;
  }
  stage.chat(alice, bob, 2);
  EXPECT_LE(messages, 24);
  // Every elliptic key of the present in hand, as if each had been computed from the wire.
  stolen.ec() = std::move(steal_session(alice.database(), bob.address()).ec());
  EXPECT_EQ(read(stolen, from_bob(), stage.now), SessionError::unknown_epoch);
}

TEST_F(HostileThief, OfASessionWithoutTheDeviceKeyCannotWriteInItsName) {
  // Bob writes, so the next chain is Alice's to open: the thief opens it first.
  const auto kept = stage.withhold(alice, [&] {
    stage.write(bob, "alice", "your turn");
    stage.settle();
  });
  auto stolen = steal_session(alice.database(), bob.address());
  ASSERT_FALSE(read(stolen, kept.front(), stage.now));
  ASSERT_TRUE(stolen.step_if_due(stage.random()));
  const auto thief = crypto::HybridPrivateKey::generate(stage.random());
  const session::LocalDevice local{alice.address().account, alice.address().device,
                                   alice.self().account->key.public_key().fingerprint(), thief};
  v1::Inner inner;
  if (const auto* auth = stolen.ratchet_auth(local)) inner.set_ratchet_auth(wire::field(*auth));
  stage.deliver(bob, stolen.encrypt(wire::encode(inner), false, stage.now, stage.random()));
  EXPECT_EQ(bob.take_problems(),
            Texts{"UNDECRYPTABLE " + std::string(session::describe(SessionError::bad_ratchet_auth))});
  stage.deliver(alice, kept.front());
  EXPECT_EQ(alice.texts("bob").back(), "your turn");
  stage.chat(alice, bob, 2);
  EXPECT_EQ(bob.take_problems(), Texts{});
}

// Of a device that is switched off: the profile's folder.

const crypto::Argon2Parameters kQuick{.memory_kib = 64, .iterations = 1, .lanes = 1};

crypto::SecretBytes passphrase(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

/// How unlike uniform the octets are: near 255, with a spread of 23, for random ones.
double chi_square(std::string_view octets) {
  std::array<double, 256> counts{};
  for (const char each : octets) ++counts[static_cast<unsigned char>(each)];
  const double expected = static_cast<double>(octets.size()) / 256;
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

class HostileThiefOfAFolder : public ::testing::Test {
 protected:
  static constexpr std::size_t kPage = 4096;
  static constexpr double kLeastRandom = 400;  // 6 standard deviations above what random pages have

  TestFolder folder;
  const ProfileFolder profile{folder.path() / "profile"};
};

TEST_F(HostileThiefOfAFolder, SeesRandomPagesAndNoWordOfIt) {
  crypto::SystemRandom random;
  {
    Stage stage;
    Person& alice = stage.join("alice", profile.create(passphrase("correct horse"), kQuick, random).value());
    Person& bob = stage.join("bob");
    for (int i = 0; i < 20; ++i) {
      stage.write(alice, "bob", "the secret words of alice");
      stage.write(bob, "alice", "the secret words of bob");
      stage.settle();
    }
    ASSERT_EQ(alice.texts("bob").size(), 40U);
  }
  std::size_t pages = 0;
  for (const auto& file : std::filesystem::directory_iterator(profile.path())) {
    const std::string octets = read_all(file.path());
    // Five octets and more: three turn up in random pages by chance, once in forty runs.
    for (const char* word :
         {"secret", "alice", "of bob", "laptop", "sotto.example", "CREATE TABLE", "SQLite"}) {
      EXPECT_EQ(octets.find(word), std::string::npos) << word << " in " << file.path();
    }
    if (file.path().extension() != ".db") continue;
    for (std::size_t at = 0; at + kPage <= octets.size(); at += kPage, ++pages) {
      EXPECT_LT(chi_square(std::string_view(octets).substr(at, kPage)), kLeastRandom) << at / kPage;
    }
  }
  EXPECT_GT(pages, 30U);
}

TEST_F(HostileThiefOfAFolder, IsToldThatThePassphraseIsWrongAndNothingElse) {
  crypto::SystemRandom random;
  {
    ASSERT_TRUE(profile.create(passphrase("correct horse"), kQuick, random));
  }
  for (const char* guess : {"", "correct hors", "correct horse ", "Correct horse"}) {
    const auto opened = profile.open(passphrase(guess));
    ASSERT_FALSE(opened) << guess;
    EXPECT_NE(opened.error(), StoreError::database_corrupt);
    if (*guess != '\0') {
      EXPECT_EQ(opened.error(), StoreError::wrong_passphrase) << guess;
    }
  }
  // Another profile's key file, whose passphrase the thief knows.
  const ProfileFolder own(folder.path() / "own");
  {
    ASSERT_TRUE(own.create(passphrase("mine"), kQuick, random));
  }
  std::filesystem::copy_file(own.path() / "key", profile.path() / "key",
                             std::filesystem::copy_options::overwrite_existing);
  const auto opened = profile.open(passphrase("mine"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), StoreError::database_corrupt);
}

// Of the whole open store, who runs a copy of it.

TEST_F(HostileThief, WhoRunsACopyOfADeviceIsNoticedByTheDeviceItself) {
  Person& copy = stage.clone(alice, "copy");
  stage.connect(copy);
  stage.settle();
  EXPECT_TRUE(alice.told(v1::Problem::DEVICE_COPIED));
  EXPECT_FALSE(alice.connection);
  alice.take_problems();
  // Alice comes back, which tells the copy the same.
  stage.pass(seconds(5));
  EXPECT_TRUE(copy.told(v1::Problem::DEVICE_COPIED));
}

TEST_F(HostileThief, WhoRunsACopyOfADeviceIsNoticedByWhomItWritesTo) {
  Person& copy = stage.clone(alice, "copy");
  stage.disconnect(alice);
  stage.now = stage.now + seconds(2);  // no two runs begin in one second
  stage.connect(copy);
  stage.write(copy, "bob", "from the copy");
  stage.settle();
  stage.disconnect(copy);
  bob.take_problems();
  stage.connect(alice);
  stage.settle();
  stage.write(alice, "bob", "Alice herself");
  stage.settle();
  // One of the two used an index or a key that the other had used before.
  EXPECT_TRUE(bob.told(v1::Problem::UNDECRYPTABLE));
  stage.pass_in_steps(hours(1), minutes(10));
  const auto texts = bob.texts("alice");
  EXPECT_EQ(std::ranges::count(texts, "Alice herself"), 1);  // repaired
  stage.chat(alice, bob, 1);
}

// Of the server's disk, with everything on it; later also with every secret of P-256.

class HostileThiefOfTheServer : public ::testing::Test {
 protected:
  HostileThiefOfTheServer() {
    stage.chat(alice, bob, 2);
    stage.link(alice, "tablet");
    const auto seed = crypto::random_secret<recovery::RecoverySeed>(stage.random());
    stage.command(alice, [&](client::Core& core) {
      return core.run_command<client::RecoveryOutcome<void>>(
          stage.now, {}, [&](client::Work& work) { return client::set_up_recovery(work, seed); });
    });
    stage.settle();
    v1::ClientFrame handle;
    handle.mutable_manage_handle()->set_add("given-up");
    EXPECT_TRUE(stage.ask(alice, handle).has_handle_managed());
    handle.mutable_manage_handle()->set_remove("given-up");
    EXPECT_TRUE(stage.ask(alice, handle).has_handle_managed());
    guess_at_password();
    stage.disconnect(bob);
    stage.write(alice, "bob", kWords);
    stage.write(carol, "bob", kWords);  // a first message
    stage.settle();
    stage.shut_down();
  }

  /// Alice has a password, and Bob tried another one twice.
  void guess_at_password() {
    stage.command(alice, [&](client::Core& core) {
      return core.change_password(
          client::NewPassword{.salt = {1}, .cost = identity::kPasswordCost, .authenticator = {7}}, stage.now);
    });
    stage.settle();
    Person& stranger = stage.add_waiting("stranger");
    stage.connect(stranger);
    stage.settle();
    for (int i = 0; i < 2; ++i) {
      v1::ClientFrame frame;
      frame.mutable_sign_in()->set_handle("alice");
      frame.mutable_sign_in()->set_authenticator(std::string(32, 'x'));
      EXPECT_TRUE(stage.ask(stranger, frame).has_error());
    }
    stage.disconnect(stranger);
  }

  static std::string name_of(const storage::Partition& partition) {
    return std::string(as_chars(partition.name()));
  }
  /// All that the store gives back, by partition.
  std::vector<std::pair<std::string, storage::Entry>> entries() {
    std::vector<std::pair<std::string, storage::Entry>> out;
    log::NullLogger logger;
    const auto store = storage::RocksDbStore::open(
                           {.directory = folder.path() / "db", .bounds = {}}, [](auto) {}, logger)
                           .value();
    for (const auto& partition : stage.partitions()) {
      Bytes from;
      for (bool more = true; more;) {
        auto page = store->scan(partition, from, std::nullopt, {}).value();
        for (auto& entry : page.entries) out.emplace_back(name_of(partition), std::move(entry));
        more = page.more;
        if (more) {
          from = out.back().second.key;
          from.push_back(0);
        }
      }
    }
    return out;
  }
  std::vector<Bytes> envelopes_for(Person& person) {
    std::vector<Bytes> out;
    const std::string mailbox =
        "mbx" + wire::field(person.address().account.view()) + wire::field(person.address().device.view());
    for (const auto& [partition, entry] : entries()) {
      if (partition != mailbox || entry.key.front() != 'e') continue;
      const std::size_t head = 1 + 8 + 16;
      Decoder in(ByteView(entry.value).subspan(head));
      out.push_back(to_bytes(in.var(session::kMaxEnvelope)));
      // version, time, totals, payload, an empty shared body: no room for a sender
      EXPECT_EQ(entry.value.size(), head + 4 + out.back().size() + 4);
    }
    return out;
  }

  static constexpr const char* kWords = "the words of this conversation";
  TestFolder folder;
  Stage stage{folder.path() / "db"};
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  Person& carol = stage.join("carol");
};

TEST_F(HostileThiefOfTheServer, FindsNoWordsAndNoPrivateKeyInAnyFile) {
  std::size_t octets_read = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path() / "db")) {
    if (!file.is_regular_file()) continue;
    const std::string octets = read_all(file.path());
    octets_read += octets.size();
    EXPECT_EQ(octets.find("words of this"), std::string::npos) << file.path();
    for (Person* person : {&alice, &bob, &carol}) {
      for (const auto& secret : {identity::SecretCodec::encode(*person->self().account),
                                 identity::SecretCodec::encode(person->self().device)}) {
        // kind, id, then the seed's two halves
        const auto all = as_chars(session::SecretCodec::view(secret));
        EXPECT_EQ(octets.find(all.substr(17, 32)), std::string::npos) << file.path();
        EXPECT_EQ(octets.find(all.substr(49, 32)), std::string::npos) << file.path();
      }
    }
  }
  EXPECT_GT(octets_read, 100'000U);
}

/// A kind of key, as docs/specs/directory.md 2, relay.md 2 and transparency.md 8 list them.
struct Column {
  std::string_view partition;  ///< how its name begins
  std::size_t partition_size;
  char queue;
  std::size_t key_size;  ///< 0: several
  const char* name;
};
constexpr Column kColumns[] = {
    {"acc", 19, 'A', 1, "account"},
    {"acc", 19, 'M', 9, "manifest"},
    {"acc", 19, 'P', 17, "batch"},
    {"acc", 19, 'C', 17, "cursor"},
    {"acc", 19, 'O', 21, "pair"},
    {"hnd", 4, 'H', 33, "claim"},
    {"hnd", 4, 'R', 33, "hold"},
    {"mbx", 35, 'e', 9, "envelope"},
    {"mbx", 35, 's', 1, "checkpoint"},
    {"mbx-expiry", 10, 'd', 37, "expiry"},
    {"ktlog", 5, 'H', 1, "state"},
    {"ktlog", 5, 'E', 9, "entry"},
    {"ktlog", 5, 'M', 13, "mutations"},
    {"ktlog", 5, 'N', 10, "node"},
    {"ktm", 3, 'P', 0, "page"},
    {"ktm", 4, 'P', 0, "page"},
    {"ktv", 4, 'L', 33, "label"},
    {"rec", 19, 'S', 17, "recovery slot"},
    {"sgn", 19, 'P', 1, "password"},
    {"sgn", 19, 'F', 1, "failures"},
    {"ntc", 19, 'N', 9, "notice"},
    {"ntc", 19, 'L', 1, "last notice"},
    {"sign-in", 7, 'S', 1, "sign-in secret"},
    {"first-contacts", 14, 'C', 17, "first contacts"},
    {"first-contacts", 14, 'K', 1, "first contact keys"},
};

TEST_F(HostileThiefOfTheServer, FindsExactlyTheColumnsThatTheDocumentationLists) {
  std::map<std::string, int> found;
  for (const auto& [partition, entry] : entries()) {
    const char queue = static_cast<char>(entry.key.front());
    const std::size_t key = entry.key.size();
    std::string column;
    for (const Column& each : kColumns) {
      const bool here = partition.starts_with(each.partition) && partition.size() == each.partition_size;
      if (here && queue == each.queue && (key == each.key_size || each.key_size == 0)) column = each.name;
    }
    EXPECT_FALSE(column.empty()) << partition << " " << queue << " " << key;
    ++found[column];
    if (column == "pair") {
      EXPECT_EQ(entry.value.size(), 33U + 1568U);
    }
    if (column == "cursor") {
      EXPECT_EQ(entry.value.size(), 4U);
    }
  }
  EXPECT_EQ(found["account"], 3);
  EXPECT_EQ(found["claim"], 3);
  EXPECT_EQ(found["hold"], 1);               // what Alice gave up
  EXPECT_EQ(found["label"], 7);              // three accounts, four handles
  EXPECT_GE(found["node"], found["entry"]);  // every leaf, and what is complete above
  EXPECT_EQ(found["manifest"], 5);  // Alice's second version, and the one that names her recovery key
  EXPECT_EQ(found["recovery slot"], 1);
  EXPECT_GE(found["envelope"], 2);
  for (const char* column : {"password", "failures", "notice", "last notice", "sign-in secret"}) {
    EXPECT_EQ(found[column], column == std::string("notice") ? 2 : 1) << column;
  }
}

TEST_F(HostileThiefOfTheServer, FindsNoHandleInTheLogNorWhatWasGivenUp) {
  for (const auto& [partition, entry] : entries()) {
    const std::string_view value = as_chars(entry.value);
    EXPECT_EQ(value.find("given-up"), std::string_view::npos) << partition;
    if (!partition.starts_with("kt")) continue;
    for (const char* handle : {"alice", "bob", "carol"}) {
      EXPECT_EQ(value.find(handle), std::string_view::npos) << partition;
    }
  }
}

TEST_F(HostileThiefOfTheServer, FindsNoSenderInAnEnvelope) {
  const auto envelopes = envelopes_for(bob);
  ASSERT_EQ(envelopes.size(), 2U);
  for (const Bytes& envelope : envelopes) {
    for (Person* person : {&alice, &carol}) {
      const auto octets = as_chars(envelope);
      EXPECT_EQ(octets.find(as_chars(person->address().account.view())), std::string_view::npos);
      EXPECT_EQ(octets.find(as_chars(person->address().device.view())), std::string_view::npos);
      const auto fingerprint = person->self().device.key.public_key().fingerprint().octets();
      EXPECT_EQ(octets.find(as_chars(fingerprint)), std::string_view::npos);
    }
  }
  // Nor beside it: in the whole partition of the mailbox.
  for (const auto& [partition, entry] : entries()) {
    if (!partition.starts_with("mbx")) continue;
    EXPECT_EQ(as_chars(entry.value).find(as_chars(carol.address().account.view())), std::string_view::npos);
  }
}

TEST_F(HostileThiefOfTheServer, WhoLaterHasEverySecretOfP256OpensNothing) {
  // Bob's prekeys with the elliptic halves true and the ML-KEM halves guessed.
  Bytes ring = to_bytes(session::SecretCodec::view(steal_ring(bob.database()).encode()));
  std::size_t at = 1 + 4 + 48 + 8 + 1 + 8 + 32;
  const auto guess = [&](std::size_t size) {
    std::fill_n(ring.begin() + static_cast<std::ptrdiff_t>(at), size, std::uint8_t{0x5a});
    at += size;
  };
  guess(64);
  const std::size_t pairs = ring[at + 3];
  at += 4;
  for (std::size_t i = 0; i < pairs; ++i) {
    if (ring[at++] == 0) continue;
    at += 32;
    guess(64);
  }
  const auto without = session::PrekeyRing::decode(crypto::SecretBytes::copy_of(ring)).value();
  const auto with = steal_ring(bob.database());
  std::size_t inits = 0;
  for (const Bytes& envelope : envelopes_for(bob)) {
    if (session::peek(envelope)->type != session::WireType::init) continue;
    ++inits;
    const auto opened = session::open_init(bob.self().local(), without, envelope);
    ASSERT_FALSE(opened);  // not even who wrote it
    EXPECT_EQ(opened.error(), SessionError::bad_handshake);
    EXPECT_TRUE(session::open_init(bob.self().local(), with, envelope));
  }
  EXPECT_EQ(inits, 1U);
  // A message of a running session: every elliptic key of it, and the post-quantum half of another session.
  auto session = steal_session(bob.database(), alice.address());
  Stage elsewhere(7);
  Person& dave = elsewhere.join("dave");
  Person& erin = elsewhere.join("erin");
  elsewhere.chat(dave, erin, 2);
  for (const Bytes& envelope : envelopes_for(bob)) {
    if (session::peek(envelope)->type == session::WireType::init) continue;
    auto guessed = steal_session(bob.database(), alice.address());
    guessed.pq() = std::move(steal_session(erin.database(), dave.address()).pq());
    EXPECT_TRUE(read(guessed, envelope, stage.now));
    EXPECT_FALSE(read(session, envelope, stage.now));
  }
}

}  // namespace
}  // namespace sotto::hostile
