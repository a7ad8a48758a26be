// What must be true, whatever happens: watches what devices say, send and store, and knows every message that
// was ever written.
//
//   always    no message is shown twice, out of its sender's order, to the wrong account or altered; what was
//             shown stays; nothing arrives that cannot be decrypted; no message fails; states never go back;
//             no message key serves twice; a file that is here is what was sent, and nobody sends its octets
//             in clear
//   in the end every message is delivered, is on every device that the recipient's and the sender's accounts
//             had when it was written, and nothing is left over anywhere
//
// Some faults cost something by their nature, and only that is forgiven (docs/specs/simulation.md).
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app_watch.h"
#include "device_machine.h"
#include "sent_files.h"
#include "sotto/v1/client_api.pb.h"
#include "transcript.h"
#include "wiretap.h"

namespace sotto::simulation {

/// Who may see a message: names of accounts are handles.
struct Route {
  DeviceMachine& from;
  std::string sender;
  std::string recipient;
  std::string recipient_account;  ///< its id, what a conversation is called before its handle is confirmed
  /// Devices that the two accounts had at the time, the sending one excepted.
  std::vector<const DeviceMachine*> must_reach;
  /// Those of them that are the recipient's. When all of these are removed, nobody may be left who has it.
  std::vector<const DeviceMachine*> readers = {};
  /// Devices that may never show it: removed ones, as far as its sender knows of it; and where it was removed
  /// itself, those that know.
  std::vector<const DeviceMachine*> must_not_reach = {};
  bool waits = false;  ///< for its files, while what was written later leaves
};

class Oracle final : public DeviceObserver {
 public:
  explicit Oracle(Transcript& transcript) : transcript_(transcript) {}

  /// A text that no other message has.
  [[nodiscard]] std::string next_text(std::size_t length) const;
  /// Before the command that writes it: its own effects already speak of the message.
  void on_composing(Route route, std::string text);
  /// The command failed: the newest message was never written.
  void on_not_composed();

  // DeviceObserver
  void on_event(DeviceMachine& device, const v1::Event& event) override;
  void on_sent(DeviceMachine& device, const v1::ClientFrame& frame) override;
  void on_asked(DeviceMachine& device, const client::BlobAsk& request) override;
  void on_boot(DeviceMachine& device) override;
  void on_restored(DeviceMachine& device) override;
  void on_failure(DeviceMachine& device, std::string_view what) override { violation(device.name(), what); }
  void violation(std::string_view where, std::string_view what);

  /// The device is being removed from its account: nothing needs to reach it any more, what it wrote and
  /// writes may be lost, and it may say that it was removed.
  void on_removed(DeviceMachine& device);

  // What faults cost.
  /// From now on devices may speak of such problems.
  void forgive(v1::Problem::Code problem) { forgiven_.insert(problem); }
  /// Some device was restored from a backup.
  [[nodiscard]] bool any_rolled_back() const { return !rolled_back_.empty(); }
  /// Messages may arrive out of order, whoever sent them.
  void forgive_order() { order_counts_ = false; }
  /// What was written so far may be on its way for ever; only what this device wrote if it is given.
  void forgive_arrival(const DeviceMachine* from = nullptr);

  /// Compares everything in the device's store with what it must and may hold. Nothing if it is not ready.
  void read_store(DeviceMachine& device);
  /// Everything ever written is where it must be, as far as events told.
  [[nodiscard]] bool all_arrived() const { return awaited_ == 0; }
  /// A violation for each message that is not where it must be.
  void require_all_arrived();

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] std::size_t written() const { return messages_.size(); }
  /// How often a message reached a device, its sender's excepted.
  [[nodiscard]] std::size_t shown() const { return shown_; }
  [[nodiscard]] std::size_t envelopes() const { return wiretap_.envelopes(); }
  SentFiles& files() { return files_; }
  AppWatch& apps() { return apps_; }
  /// What apps are told is looked at, too, when a store is read.
  void look_at_apps(DeviceMachine& device);

 private:
  enum class Standing : std::uint8_t {
    written,
    forgotten,  ///< its sender was restored from a backup that does not have it
    refused,    ///< never written: nobody may ever see it
  };
  struct Written {
    Route route;
    std::string text;
    Standing standing = Standing::written;
    v1::Message::State state = v1::Message::QUEUED;
    bool await_delivered = true;     ///< its sender must learn that it arrived
    std::set<std::size_t> awaiting;  ///< numbers of devices that it must still reach
    std::set<std::size_t> there;     ///< of those that have it
  };
  /// The newest message of one sending device in one conversation.
  using Sequence = std::map<std::pair<std::string, std::string>, std::size_t>;
  /// Messages of a store by number.
  using Held = std::map<std::size_t, v1::Message::State>;

  /// The message of that text; null when nobody ever wrote it.
  Written* find(const std::string& body, std::size_t& number);
  void on_message(DeviceMachine& device, const v1::Message& message);
  /// True if the message may stand like this on that device.
  bool check(DeviceMachine& device, const v1::Message& message, const Written& written, std::size_t number);
  void note(DeviceMachine& device, const v1::Message& message, Written& written);
  void in_order(DeviceMachine& device, const v1::Message& message, Sequence& last, std::size_t number,
                std::string_view where);
  void require_kept(DeviceMachine& device, const Held& held);
  void look_at_files(DeviceMachine& device);
  /// Looked at elsewhere: of groups, of guests, between people and apps.
  bool is_beside(DeviceMachine& device, const v1::Message& message);
  void release(Written& written);
  void release_state(Written& written);
  /// Some device that must read it is still in its account.
  [[nodiscard]] bool has_reader(const Written& written) const;
  [[nodiscard]] bool is_forgiven(const DeviceMachine& device, const v1::Problem& problem) const;

  Transcript& transcript_;
  Wiretap wiretap_;
  SentFiles files_;
  AppWatch apps_;
  std::vector<Written> messages_;
  std::set<std::pair<std::size_t, std::string>> announced_;  ///< by number of the device: ids
  std::map<std::size_t, Sequence> last_shown_;               ///< by number of the device
  std::size_t awaited_ = 0;                                  ///< all await_delivered and awaiting together
  std::size_t shown_ = 0;
  std::set<const DeviceMachine*> rolled_back_;
  std::set<const DeviceMachine*>
      repairing_;  ///< devices that could not read something, and asked for it again
  std::set<const DeviceMachine*> removed_;
  std::set<std::string> removed_ids_;
  std::set<std::string> rolled_back_ids_;  ///< those of their devices and accounts
  std::set<v1::Problem::Code> forgiven_;
  bool order_counts_ = true;
  std::vector<std::string> violations_;
};

}  // namespace sotto::simulation
