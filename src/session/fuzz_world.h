// Two devices in the middle of a conversation, always the same: the ground that the fuzz targets stand on.
#pragma once

#include <vector>

#include "result/check.h"
#include "session/peer_state.h"
#include "session/prekey_ring.h"

namespace sotto::session::fuzzing {

inline constexpr UnixMs kNow{1'700'000'000'000};

struct Device {
  Device(std::uint8_t name, crypto::RandomSource& random)
      : account(ByteArray<16>{name, 0xac}),
        device(ByteArray<16>{name, 0xde}),
        account_key(crypto::Fingerprint::from_octets(ByteArray<32>{name})),
        key(crypto::HybridPrivateKey::generate(random)) {}

  [[nodiscard]] LocalDevice local() const { return {account, device, account_key, key}; }
  [[nodiscard]] PeerDevice peer() const { return {account, device, account_key, key.public_key()}; }

  AccountId account;
  DeviceId device;
  crypto::Fingerprint account_key;
  crypto::HybridPrivateKey key;
};

/// Alice has written `messages` times to Bob, who has read them and answered each.
struct World {
  explicit World(int messages) {
    const auto upload = ring.generate(bob.local(), kNow, random, 1);
    const auto batch = verify_batch(upload.m, upload.signature, upload.last_resort_kem, bob.peer(), {}, kNow);
    SOTTO_CHECK(batch && alice_state.start_session(alice.local(), bob.peer(), *batch->last_resort(kNow), {},
                                                   kNow, random));
    init = alice_state.seal(alice.local(), bob.peer(), {}, kNow, random)->wire;
    for (int i = 0; i < messages; ++i) exchange();
    if (messages > 0) run_on();
    save(alice_state, alice_records);
    save(bob_state, bob_records);
  }

  static void save(PeerState& state, std::vector<StoredRecord>& out) {
    for (auto& change : state.take_changes()) {
      if (change.value) out.push_back({std::move(change.key), *std::move(change.value)});
    }
  }

  crypto::DeterministicRandom random{1};
  Device alice{1, random};
  Device bob{2, random};
  PrekeyRing ring;
  PeerState alice_state{bob.peer().identity()};
  PeerState bob_state{alice.peer().identity()};
  Bytes init;
  std::vector<StoredRecord> alice_records;
  std::vector<StoredRecord> bob_records;

 private:
  /// Alice writes again, twice, and the first is lost: Bob holds skipped keys and her chain runs.
  void run_on() {
    (void)alice_state.seal(alice.local(), bob.peer(), {}, kNow, random);
    const auto arrives = alice_state.seal(alice.local(), bob.peer(), {}, kNow, random);
    SOTTO_CHECK(bob_state.receive(bob.local(), alice.peer(), arrives->wire, kNow, random));
  }
  void exchange() {
    if (bob_state.sessions().empty()) {
      const auto opened = open_init(bob.local(), ring, init);
      SOTTO_CHECK(opened && bob_state.accept_init(bob.local(), alice.peer(), *opened, kNow, random));
    } else {
      const auto question = alice_state.seal(alice.local(), bob.peer(), {}, kNow, random);
      SOTTO_CHECK(bob_state.receive(bob.local(), alice.peer(), question->wire, kNow, random));
    }
    const auto answer = bob_state.seal(bob.local(), alice.peer(), {}, kNow, random);
    SOTTO_CHECK(alice_state.receive(alice.local(), bob.peer(), answer->wire, kNow, random));
  }
};

}  // namespace sotto::session::fuzzing
