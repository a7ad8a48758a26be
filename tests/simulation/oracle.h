// What must be true, whatever happens: watches what devices say and what their stores hold, and knows every
// message that was ever written.
//
//   always    no message is shown twice, out of its sender's order, to the wrong account or altered; nothing
//             arrives that cannot be decrypted; no message fails; states never go back
//   in the end every message is delivered, is on every device that the recipient's and the sender's accounts
//             had when it was written, and nothing is left over anywhere
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "device_machine.h"
#include "sotto/v1/client_api.pb.h"
#include "transcript.h"

namespace sotto::simulation {

/// Who may see a message: names of accounts are handles.
struct Route {
  DeviceMachine& from;
  std::string sender;
  std::string recipient;
  std::string recipient_account;  ///< its id, what a conversation is called before its handle is confirmed
  /// Devices that the two accounts had at the time, the sending one excepted.
  std::vector<const DeviceMachine*> must_reach;
};

class Oracle final : public DeviceObserver {
 public:
  explicit Oracle(Transcript& transcript) : transcript_(transcript) {}

  /// A text that no other message has.
  [[nodiscard]] std::string next_text(std::size_t length) const;
  /// The command that wrote it was committed.
  void on_composed(Route route, std::string text);

  void on_event(DeviceMachine& device, const v1::Event& event) override;
  void on_boot(DeviceMachine& device) override { read_store(device); }
  void on_failure(DeviceMachine& device, std::string_view what) override { violation(device.name(), what); }
  void violation(std::string_view where, std::string_view what);

  /// Compares everything in the device's store with what it may hold. Precondition: it runs and is ready.
  void read_store(DeviceMachine& device);
  /// Everything ever written is where it must be, as far as events told.
  [[nodiscard]] bool all_arrived() const;
  /// A violation for each message that is not where it must be.
  void require_all_arrived();

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] std::size_t written() const { return messages_.size(); }
  /// How often a message reached a device, its sender's excepted.
  [[nodiscard]] std::size_t shown() const { return shown_; }

 private:
  struct Written {
    Route route;
    std::string text;
    v1::Message::State state = v1::Message::QUEUED;
    std::map<std::size_t, bool> on_device;  ///< by number: there, for those that must be reached
  };
  /// One sender's messages on one device in one conversation.
  using Sequence = std::map<std::string, std::size_t>;

  /// The message of that text; null when nobody ever wrote it.
  Written* find(const std::string& body, std::size_t& number);
  void on_message(DeviceMachine& device, const v1::Message& message);
  /// True if the message may stand like this on that device.
  bool check(DeviceMachine& device, const v1::Message& message, const Written& written, std::size_t number);
  void note(DeviceMachine& device, const v1::Message& message, Written& written);
  void in_order(DeviceMachine& device, const v1::Message& message, Sequence& last, std::size_t number,
                std::string_view where);

  Transcript& transcript_;
  std::vector<Written> messages_;
  std::map<std::size_t, Sequence> last_shown_;  ///< by number of the device
  std::size_t unfinished_ = 0;                  ///< messages not delivered, and devices not reached
  std::size_t shown_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace sotto::simulation
