#include "transport/records.h"

#include <gtest/gtest.h>

#include "transport/raw_peer.h"
#include "transport/test_loop.h"

namespace sotto::transport {
namespace {

using testing::pattern;
using testing::test_certificate;

/// Two ends of one connection, and a way to tamper in between.
class RecordsTest : public ::testing::Test {
 protected:
  RecordsTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    server_socket = FileDescriptor(ends[0]);
    client_socket = FileDescriptor(ends[1]);
    const auto server_context = TlsServerContext::create(test_certificate());
    const auto client_context = TlsClientContext::create(PinnedKeys{{test_certificate().pin()}});
    server = tls_server_records(server_socket.get(), *server_context);
    client = tls_client_records(client_socket.get(), *client_context, "localhost");
  }
  void shake_hands() {
    IoStatus a = IoStatus::want_read;
    IoStatus b = IoStatus::want_read;
    for (int i = 0; i < 20 && (a != IoStatus::done || b != IoStatus::done); ++i) {
      a = client->handshake().status;
      b = server->handshake().status;
    }
    ASSERT_EQ(a, IoStatus::done);
    ASSERT_EQ(b, IoStatus::done);
  }

  FileDescriptor server_socket;
  FileDescriptor client_socket;
  std::unique_ptr<Records> server;
  std::unique_ptr<Records> client;
  Bytes buffer = Bytes(65'536);
};

TEST_F(RecordsTest, WaitInsteadOfBlocking) {
  EXPECT_EQ(server->handshake().status, IoStatus::want_read);
  EXPECT_EQ(client->handshake().status, IoStatus::want_read);
  shake_hands();
  EXPECT_EQ(server->read(buffer).status, IoStatus::want_read);
  const Bytes much = pattern(1 << 20);
  ByteView rest(much);
  IoResult result{IoStatus::done};
  while (result.status == IoStatus::done) {
    result = server->write(rest);
    rest = rest.subspan(result.octets);
  }
  EXPECT_EQ(result.status, IoStatus::want_write);
  Bytes received;
  for (int i = 0; i < 10'000 && received.size() < much.size(); ++i) {
    if (const IoResult got = client->read(buffer); got.status == IoStatus::done) {
      received.insert(received.end(), buffer.begin(),
                      buffer.begin() + static_cast<std::ptrdiff_t>(got.octets));
    }
    // The unsent rest may have moved in memory.
    const Bytes moved = to_bytes(rest);
    if (!moved.empty()) rest = rest.subspan(server->write(moved).octets);
  }
  EXPECT_EQ(received, much);
}

TEST_F(RecordsTest, HaveNoExporterBeforeTheHandshake) {
  EXPECT_EQ(client->info().error(), TransportError::library_failure);
}

TEST_F(RecordsTest, AgreeOnTheSameSecrets) {
  shake_hands();
  EXPECT_EQ(client->info()->exporter, server->info()->exporter);
  EXPECT_EQ(server->info()->tls_group, "X25519MLKEM768");
  EXPECT_EQ(client->info()->peer_pin, test_certificate().pin());
  EXPECT_EQ(server->peer_pin(), std::nullopt);
}

TEST_F(RecordsTest, AnnounceRecordsThatWereReadAhead) {
  shake_hands();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(client->write(pattern(100)).octets, 100U);
  EXPECT_EQ(server->read(buffer).octets, 100U);
  EXPECT_TRUE(server->pending());
  EXPECT_EQ(server->read(buffer).octets, 100U);
  EXPECT_EQ(server->read(buffer).octets, 100U);
  EXPECT_FALSE(server->pending());
}

TEST_F(RecordsTest, TellAnOrderlyEndFromALostConnection) {
  shake_hands();
  client->shutdown();
  EXPECT_EQ(server->read(buffer).status, IoStatus::closed);
}

TEST_F(RecordsTest, NoteATruncatedConnection) {
  shake_hands();
  client_socket = FileDescriptor();
  EXPECT_EQ(server->read(buffer).status, IoStatus::lost);
}

TEST_F(RecordsTest, FailOnATamperedRecord) {
  shake_hands();
  const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'f');
  ASSERT_EQ(::send(client_socket.get(), forged.data(), forged.size(), 0), 37);
  EXPECT_EQ(server->read(buffer).status, IoStatus::failed);
  EXPECT_EQ(server->failure().reason, TransportError::tls_failed);
  EXPECT_EQ(client->read(buffer).status, IoStatus::failed) << "the alert arrives";
}

TEST_F(RecordsTest, SurviveWritingToAClosedSocket) {
  shake_hands();
  client_socket = FileDescriptor();
  EXPECT_EQ(server->write(pattern(10)).status, IoStatus::lost);
}

TEST_F(RecordsTest, PlainRecordsPassOctetsThrough) {
  const auto a = plain_records(server_socket.get());
  const auto b = plain_records(client_socket.get());
  EXPECT_EQ(a->handshake().status, IoStatus::done);
  EXPECT_EQ(a->read(buffer).status, IoStatus::want_read);
  EXPECT_EQ(b->write(pattern(10)).octets, 10U);
  EXPECT_EQ(a->read(buffer).octets, 10U);
  EXPECT_EQ(a->info()->exporter, Exporter{});
  b->shutdown();
  client_socket = FileDescriptor();
  EXPECT_EQ(a->read(buffer).status, IoStatus::closed);
  EXPECT_EQ(a->write(pattern(1)).status, IoStatus::lost);
}

}  // namespace
}  // namespace sotto::transport
