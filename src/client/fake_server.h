// The smallest server that two cores can talk through: one object, no sockets, no durability, no checks. Test
// code only; what the real server does is tested with the real server.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/core.h"
#include "crypto/random.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

class FakeServer {
 public:
  FakeServer();

  /// Connects or disconnects a core; frames flow with deliver().
  void attach(int client);
  void detach(int client);

  /// Takes a frame of a client; answers and pushes are queued.
  void take(int client, const v1::ClientFrame& frame, UnixMs now);
  /// The next frame for a client, if any.
  std::optional<v1::ServerFrame> next(int client);

  [[nodiscard]] v1::Welcome welcome(const v1::Hello& hello) const;
  /// Another hybrid identity from now on.
  void change_identity();

  // Faults and observations.
  bool refuse_submissions = false;        ///< OVERLOADED
  bool lie_about_newest = false;          ///< FetchManifests answers nothing new
  std::function<bool()> drop_submission;  ///< accepted, and the answer lost
  /// Accepted, and never delivered, for an account's envelopes as they come.
  std::function<bool(const Bytes& account)> lose_envelope;
  /// What a server gone wrong answers instead.
  std::function<void(const v1::ClientFrame& request, v1::ServerFrame& answer)> tamper;
  std::size_t submissions = 0;
  std::size_t manifest_fetches = 0;
  std::map<Bytes, std::map<Bytes, std::deque<v1::Envelope>>> mailboxes;  ///< account -> device -> envelopes
  std::map<Bytes, std::vector<v1::SignedManifest>> manifests;
  std::map<std::string, Bytes> handles;

 private:
  struct Connection {
    bool attached = false;
    Bytes account;
    Bytes device;
    std::uint64_t pushed = 0;  ///< sequence
    std::deque<v1::ServerFrame> outgoing;
  };
  struct Prekeys {
    v1::UploadPrekeys upload;
    std::uint32_t next = 0;
  };

  v1::ServerFrame answer(Connection& connection, const v1::ClientFrame& frame, UnixMs now);
  void register_account(const v1::Register& request, v1::ServerFrame& out);
  void fetch_manifests(const v1::FetchManifests& request, v1::ServerFrame& out) const;
  void publish(const Connection& connection, const v1::PublishManifest& request, v1::ServerFrame& out);
  void fetch_bundles(const v1::FetchBundles& request, v1::ServerFrame& out);
  void submit(const v1::Submit& request, v1::Submitted& out, UnixMs now);
  void push(Connection& connection);

  crypto::DeterministicRandom random_{99};
  crypto::HybridPrivateKey identity_;
  Bytes statement_;
  std::map<int, Connection> connections_;
  std::map<Bytes, std::map<Bytes, Prekeys>> prekeys_;
  std::uint64_t sequence_ = 0;
};

}  // namespace sotto::client
