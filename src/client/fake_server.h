// The smallest server that two cores can talk through: one object, no sockets, no durability, no checks. Its
// transparency log is a real one (transparency/test_log.h). Test code only; what the real server does is
// tested with the real server.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/core.h"
#include "crypto/random.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/test_log.h"

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
  /// Another VRF key and with it another log from now on, under the same identity.
  void change_log();

  // The log: what the directory takes is in its next epoch at once.
  using Log = transparency::testing::TestLog;
  [[nodiscard]] Log& log() { return *log_; }
  /// From now on this history is what clients see.
  void show(const Log& log) {
    *log_ = log;
    head_.reset();
  }
  [[nodiscard]] const transparency::testing::TestKeys& keys() const { return *keys_; }
  /// A change of the log that the directory knows nothing of.
  void set_in_log(const transparency::Label& label, Bytes value, UnixMs now);
  void give_up_handle(const std::string& handle, UnixMs now);
  std::optional<UnixMs> heads_stop_at;  ///< the newest head is of that time
  std::size_t lookups = 0;
  /// What witnesses signed, if anything.
  std::optional<transparency::SignedTreeHead> cosigned;

  // Faults and observations.
  int shared_bodies = 0;                  ///< submissions that had one
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
  std::set<Bytes> retired;  ///< accounts
  std::vector<v1::ReportAccount> reports;

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
  void answer_about_log(const v1::ClientFrame& frame, v1::ServerFrame& out, UnixMs now);
  void look_up(const v1::LookUp& request, v1::LookupAnswer& out, UnixMs now);
  const transparency::SignedTreeHead& head(UnixMs now);
  void authenticate(Connection& connection, const v1::Authenticate& request, v1::ServerFrame& out);
  void register_account(const v1::Register& request, v1::ServerFrame& out, UnixMs now);
  void fetch_manifests(const v1::FetchManifests& request, v1::ServerFrame& out) const;
  void publish(const Connection& connection, const v1::PublishManifest& request, v1::ServerFrame& out,
               UnixMs now);
  void log_manifest(const v1::SignedManifest& manifest);
  void retire(const Connection& connection, const v1::RetireAccount& request, UnixMs now,
              v1::ServerFrame& out);
  void fetch_bundles(const v1::FetchBundles& request, v1::ServerFrame& out);
  void submit(const v1::Submit& request, v1::Submitted& out, UnixMs now);
  void push(Connection& connection);

  crypto::DeterministicRandom random_{99};
  std::unique_ptr<transparency::testing::TestKeys> keys_;
  std::unique_ptr<Log> log_;
  std::optional<transparency::SignedTreeHead> head_;
  Bytes statement_;
  std::map<int, Connection> connections_;
  std::map<Bytes, std::map<Bytes, Prekeys>> prekeys_;
  std::uint64_t sequence_ = 0;
};

}  // namespace sotto::client
