// Octets as answers of a server to an auditor that has followed part of a log: at any moment, in any order.
// Never more than a bounded number of requests is in flight, and no head is found right that the log did not
// sign.
#include "audit/test_world.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::audit;
  struct World {
    crypto::DeterministicRandom random{1};
    testing::TestKeys keys{random};
    testing::LogServer server{keys, random};
    Bytes welcome;
    World() {
      server.grow(6);
      v1::ClientFrame hello;
      hello.set_request_id(1);
      hello.mutable_hello();
      welcome = wire::encode(server.answer(hello));
    }
  };
  static World world;
  crypto::DeterministicRandom random{2};
  testing::Disk disk;
  Follower follower({}, {}, disk.leaves(), random);
  UnixMs now = testing::kNow + minutes(1);
  (void)follower.connected(testing::kTlsKey, now);
  (void)disk.keep(follower.receive(world.welcome, now));
  // u16 length || frame, again and again.
  for (ByteView rest(data, size); rest.size() >= 2 && !follower.finished(); now = now + seconds(1)) {
    const std::size_t length = std::min<std::size_t>(rest.size() - 2, rest[0] * std::size_t{256} + rest[1]);
    const Effects effects = follower.receive(rest.subspan(2, length), now);
    rest = rest.subspan(2 + length);
    SOTTO_CHECK(effects.frames.size() <= kMaxListRequests);
    SOTTO_CHECK(disk.keep(effects));
    if (effects.head) SOTTO_CHECK(transparency::verify(world.keys.public_keys(), *effects.head));
    if (effects.disconnect) (void)follower.connected(testing::kTlsKey, now);
    (void)disk.keep(follower.tick(now));
  }
  return 0;
}
