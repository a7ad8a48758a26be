// The transparency log of the real server: what a death in the middle of registrations leaves of it.
#include <set>

#include "server/test_auditor.h"
#include "test_sottod.h"

namespace sotto::sottod {
namespace {

using testing::Process;
using testing::RawClient;
using testing::TestAccount;

class LogProcessTest : public testing::SottodTest {
 protected:
  LogProcessTest() {
    configure(
        "[transparency]\nepoch_interval_ms = 5\n"
        "[limits]\nregistrations_per_second = 0\nrequests_per_second = 0\n");
  }
  static std::string handle(std::size_t number) { return "user" + std::to_string(number); }

  /// Registers accounts from number `first` on, in a row without waiting, and kills the server when `answers`
  /// of them were answered. Who was told that they are registered.
  std::set<std::size_t> register_and_kill(std::size_t first, std::size_t count, std::size_t answers) {
    const auto client = connect();
    client->hello();
    std::map<std::uint64_t, std::size_t> requests;
    for (std::size_t i = first; i < first + count; ++i) {
      requests.emplace(client->post(RawClient::registration(account(100 + i), handle(i))), i);
    }
    std::set<std::size_t> registered;
    const auto collect = [&] {
      for (const auto& frame : client->frames()) {
        if (frame.has_registered()) registered.insert(requests.at(frame.request_id()));
      }
      return registered.size();
    };
    client->run_until([&] { return collect() >= answers; });
    server_->finish(SIGKILL);
    client->wait_for_end();
    collect();
    return registered;
  }
  /// Follows the log as somebody whom nobody knows.
  void audit() {
    const auto client = connect();
    const auto keys = server::testing::log_keys(client->hello());
    if (!auditor_) auditor_.emplace(keys);
    server::testing::follow_log(*auditor_, asking(*client), SystemClock().now());
  }
  static std::function<v1::ServerFrame(const v1::ClientFrame&)> asking(RawClient& client) {
    return [&client](const v1::ClientFrame& frame) { return client.ask(frame); };
  }

  std::optional<transparency::Auditor> auditor_;  ///< one through all lives of the server
};

TEST_F(LogProcessTest, KilledDuringRegistrationsItStaysOneLogThatSaysWhatTheDirectorySays) {
  constexpr std::size_t kCount = 24;
  std::set<std::size_t> registered;
  std::size_t posted = 0;
  for (const std::size_t answers : {0U, 1U, 7U, 16U}) {
    start();
    registered.merge(register_and_kill(posted, kCount, answers));
    posted += kCount;
    start();
    audit();
    server_->finish(SIGKILL);
  }
  EXPECT_GE(registered.size(), 24U);

  start();
  const auto watcher = connect(account(1), "watcher");
  transparency::LogView view(server::testing::log_keys(connect()->hello()));
  std::size_t present = 0;
  for (std::size_t i = 0; i < posted; ++i) {
    const auto states = server::testing::look_up(view, asking(*watcher), handle(i), SystemClock().now());
    ASSERT_TRUE(states) << describe(states.error());
    v1::ClientFrame fetch;
    fetch.mutable_fetch_manifests()->set_account(wire::field(account(100 + i).account.id.view()));
    const auto manifests = watcher->ask(fetch).manifests();
    ASSERT_EQ(states->account.has_value(), manifests.manifests_size() == 1) << i;
    if (registered.contains(i)) EXPECT_TRUE(states->account) << i << " was told that it is registered";
    if (!states->account) continue;
    ++present;
    EXPECT_EQ(states->account, account(100 + i).account.id);
    EXPECT_EQ(check_manifest(*states->account_state, account(100 + i).manifest),
              transparency::ManifestCheck::logged);
  }
  audit();
  // Two labels each, and nothing else: the log holds nobody that the directory does not have.
  EXPECT_EQ(auditor_->leaves(), 2 * (present + 1));
}

TEST_F(LogProcessTest, AnOrderlyStopAnswersWhoWaitsForAnEpoch) {
  configure("[transparency]\nepoch_interval_ms = 60000\n");
  start();
  const auto client = connect();
  client->hello();
  client->post(RawClient::registration(account(1), "first"));
  const auto request = client->post(RawClient::registration(account(2), "second"));
  // Whatever comes behind it on the connection is answered after it was taken.
  v1::ClientFrame head;
  head.mutable_fetch_tree_head();
  EXPECT_TRUE(client->ask(head).has_tree_head());
  EXPECT_EQ(admin({"status"})["log"]["waiting_changes"], 4);
  ::kill(server_->pid(), SIGTERM);
  client->wait_for_end();
  EXPECT_TRUE(client->wait_for(request)->has_registered());
  EXPECT_EQ(server_->wait(), 0);
  start();
  EXPECT_EQ(admin({"status"})["log"]["state"], "ready");
  audit();
  EXPECT_EQ(auditor_->leaves(), 4U);
}

TEST_F(LogProcessTest, AWitnessIsReadFromAFileAndItsCosignatureHandedOut) {
  crypto::SystemRandom random;
  const auto witness = crypto::HybridPrivateKey::generate(random);
  std::ofstream(folder_ / "witness.key") << to_hex(witness.public_key().encoded()) << "\n";
  configure("[transparency]\nwitnesses = [\"witness.key\"]\n");
  start();
  audit();
  const auto client = connect();
  client->hello();
  const auto& head = auditor_->last_admitted()->head;
  v1::ClientFrame frame;
  frame.mutable_submit_cosignature()->set_head(wire::field(head.encoded()));
  transparency::to_wire(cosign(head, witness, random),
                        *frame.mutable_submit_cosignature()->mutable_cosignature());
  EXPECT_TRUE(client->ask(frame).has_done());
  v1::ClientFrame question;
  question.mutable_fetch_tree_head()->set_cosigned(true);
  EXPECT_EQ(client->ask(question).tree_head().head().cosignatures_size(), 1);
  EXPECT_EQ(admin({"status"})["log"]["epochs_cosigned"], head.size);
}

}  // namespace
}  // namespace sotto::sottod
