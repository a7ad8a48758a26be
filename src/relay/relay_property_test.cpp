// The relay against a model, over random histories with crashes, disk failures and lost connections.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>

#include "relay/relay.h"
#include "storage/memory_store.h"

namespace sotto::relay {
namespace {

using storage::MemoryStore;

constexpr std::size_t kDevices = 3;

/// What one recipient device may rely on, and what it has seen.
struct DeviceModel {
  std::vector<std::string> confirmed;  ///< payloads reported as accepted, in order of acceptance
  std::set<std::string> refused;       ///< reported as refused: may still arrive after a crash, never owed
  std::vector<std::string> received;   ///< distinct payloads in order of first receipt
  std::set<std::string> known;
  std::map<std::uint64_t, std::string> by_sequence;
  std::optional<Sequence> last_on_connection;
  bool connected = false;
};

class History : public Output {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (std::size_t i = 0; i < kDevices; ++i) {
      ByteArray<16> octets{};
      octets[0] = static_cast<std::uint8_t>(i + 1);
      devices_.emplace_back(octets);
    }
    limits_.window_envelopes = 4;
    limits_.mailbox_envelopes = 40;
    limits_.idle_mailboxes = 1;
    restart();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) step();
    drain();
  }

  void submitted(SubmissionId id, std::vector<TargetResult> results) override {
    const auto sent = pending_.extract(id.value);
    ASSERT_FALSE(sent.empty());
    for (std::size_t d = 0; d < kDevices; ++d) {
      const DeviceResult& result = results.at(0).devices.at(d);
      const auto& payloads = sent.mapped()[d];
      ASSERT_LE(result.accepted, payloads.size());
      ASSERT_EQ(result.refusal == Refusal::none, result.accepted == payloads.size());
      for (std::size_t i = 0; i < payloads.size(); ++i) {
        if (i < result.accepted) {
          models_[d].confirmed.push_back(payloads[i]);
        } else {
          models_[d].refused.insert(payloads[i]);
        }
      }
    }
  }

  void deliver(const DeviceAddress& device, std::span<const Envelope> envelopes) override {
    const auto d = static_cast<std::size_t>(device.device.view()[0] - 1);
    DeviceModel& model = models_[d];
    ASSERT_TRUE(model.connected);
    for (const Envelope& envelope : envelopes) {
      const std::string payload(as_chars(envelope.payload));
      ASSERT_TRUE(!model.last_on_connection || *model.last_on_connection < envelope.sequence);
      model.last_on_connection = envelope.sequence;
      const auto [known, fresh] = model.by_sequence.emplace(envelope.sequence.value, payload);
      ASSERT_EQ(known->second, payload) << "a sequence was used twice";
      if (model.known.insert(payload).second) model.received.push_back(payload);
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }

  void step() {
    switch (below(12)) {
      case 0:
      case 1:
      case 2: submit(); break;
      case 3:
      case 4: sync(); break;
      case 5: toggle(below(kDevices)); break;
      case 6:
      case 7: acknowledge(below(kDevices)); break;
      case 8: relay_->tick(now_); break;
      case 9: relay_->turn_end(); break;
      case 10:
        if (below(8) == 0) crash();
        break;
      case 11:
        if (below(4) == 0) store_.fail_next_commits(1 + below(3), storage::StorageError::no_space);
        if (below(8) == 0) store_.fail_next_reads(1, storage::StorageError::io_error);
        break;
      default: break;
    }
  }

  void submit() {
    std::vector<std::vector<std::string>> payloads(kDevices);
    Target target{AccountId{}, 1, CurrentManifest{1, devices_}, {}, {}};
    for (std::size_t d = 0; d < kDevices; ++d) {
      for (std::uint32_t i = below(4); i > 0; --i) payloads[d].push_back(std::to_string(++last_payload_));
    }
    const auto& kept = pending_.emplace(++last_submission_, std::move(payloads)).first->second;
    for (std::size_t d = 0; d < kDevices; ++d) {
      DeviceEnvelopes& list = target.devices.emplace_back(DeviceEnvelopes{devices_[d], {}});
      for (const std::string& payload : kept[d]) list.envelopes.push_back(as_bytes(payload));
    }
    relay_->submit({last_submission_}, std::span(&target, 1), now_);
  }

  void sync() {
    store_.sync();
    relay_->turn_end();
  }

  void toggle(std::size_t d) {
    DeviceModel& model = models_[d];
    if (model.connected) {
      relay_->detach(address(d));
      model.connected = false;
    } else {
      model.last_on_connection.reset();
      model.connected = relay_->attach(address(d), now_).has_value();
    }
  }

  void acknowledge(std::size_t d) {
    DeviceModel& model = models_[d];
    if (!model.connected || !model.last_on_connection) return;
    const std::uint64_t back = below(3);
    const std::uint64_t last = model.last_on_connection->value;
    relay_->acknowledge(address(d), {last > back ? last - back : 0});
  }

  void crash() {
    relay_.reset();
    store_.crash();
    pending_.clear();  // the senders never hear of these
    for (DeviceModel& model : models_) model.connected = false;
    restart();
  }

  void restart() { relay_ = std::make_unique<Relay>(store_, limits_, *this); }

  DeviceAddress address(std::size_t d) const { return {AccountId{}, devices_[d]}; }

  /// Everything heals: every device connects and takes what it is owed.
  void drain() {
    store_.fail_next_commits(0, storage::StorageError::no_space);
    store_.fail_next_reads(0, storage::StorageError::io_error);
    for (std::size_t d = 0; d < kDevices; ++d) {
      if (!models_[d].connected) toggle(d);
    }
    for (int i = 0; i < 200; ++i) {
      sync();
      for (std::size_t d = 0; d < kDevices; ++d) {
        if (models_[d].last_on_connection) relay_->acknowledge(address(d), *models_[d].last_on_connection);
      }
    }
    EXPECT_EQ(relay_->pending_submissions(), 0u);
    for (std::size_t d = 0; d < kDevices; ++d) check(d);
  }

  void check(std::size_t d) {
    const DeviceModel& model = models_[d];
    EXPECT_EQ(relay_->status(address(d)), MailboxStatus{}) << "device " << d << " is drained";
    std::vector<std::string> received_and_owed;
    const std::set<std::string> owed(model.confirmed.begin(), model.confirmed.end());
    for (const std::string& payload : model.received) {
      if (owed.contains(payload)) received_and_owed.push_back(payload);
      EXPECT_FALSE(model.refused.contains(payload)) << payload << " was refused and arrived";
    }
    EXPECT_EQ(received_and_owed, model.confirmed) << "accepted is delivered, in order";
  }

  std::mt19937 random_;
  Limits limits_;
  UnixMs now_{days(20'000).value};
  std::vector<DeviceId> devices_;
  std::array<DeviceModel, kDevices> models_;
  std::map<std::uint64_t, std::vector<std::vector<std::string>>> pending_;
  std::uint64_t last_submission_ = 0;
  std::uint64_t last_payload_ = 0;
  MemoryStore store_{[this](const std::vector<storage::Completion>& completions) {
    for (const auto& completion : completions) relay_->on_completion(completion);
  }};
  std::unique_ptr<Relay> relay_;
};

TEST(RelayPropertyTest, AcceptedIsDeliveredInOrderWhateverCrashesAndFails) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    History(seed).run(600);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace sotto::relay
