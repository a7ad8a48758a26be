#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/requests/decisions.h"
#include "groups.h"
#include "guests.h"
#include "speech.h"
#include "wire/decode.h"

namespace sotto::simulation {
namespace {

constexpr std::uint32_t kWholeHistory = 1'000'000;

/// QUEUED, SENT, DELIVERED in that order; everything else is no progress.
int progress(v1::Message::State state) {
  switch (state) {
    case v1::Message::QUEUED: return 1;
    case v1::Message::SENT: return 2;
    case v1::Message::DELIVERED: return 3;
    case v1::Message::READ: return 4;
    default: return 0;
  }
}

std::string own_device_id(DeviceMachine& device) { return to_hex(device.core().self()->device.id.view()); }

/// Whether the newest manifest that the device has of an account lists a device.
bool lists(DeviceMachine& device, const std::string& account, const std::string& listed) {
  const auto manifest =
      client::load_manifest(device.database(), *identity::AccountId::from(wire::octets(account)));
  return manifest && manifest->find(*identity::DeviceId::from(wire::octets(listed))) != nullptr;
}

/// Every message in the store, each conversation in the order of its timeline.
void for_each_stored(DeviceMachine& device, const std::function<void(const v1::Message&)>& visit) {
  auto& database = device.database();
  const auto& self = *device.core().self();
  auto conversations = client::conversation_records(database, self, {});
  std::ranges::move(client::request_records(database, self, {}), std::back_inserter(conversations));
  for (const auto& conversation : conversations) {
    const auto account = from_hex(conversation.contact().account());
    const auto contact = account && !account->empty()
                             ? client::find_contact(database, *identity::AccountId::from(*account))
                             : client::find_contact(database, conversation.contact().handle());
    if (!contact) continue;
    for (const auto& message : client::history(
             database, self, client::ensure_conversation(database, contact->id), kWholeHistory, {})) {
      if (!message.has_system()) visit(message);
    }
  }
}

}  // namespace

std::string Oracle::next_text(std::size_t length) const {
  std::string text = fmt::format("m{} ", messages_.size());
  if (text.size() < length) text.append(length - text.size(), 'x');
  return text;
}

void Oracle::on_composing(Route route, std::string text) {
  Written written{.route = std::move(route), .text = std::move(text), .awaiting = {}, .there = {}};
  // What a device writes that is being removed may arrive or not.
  if (!removed_.contains(&written.route.from)) {
    for (const DeviceMachine* device : written.route.must_reach) written.awaiting.insert(device->number());
  }
  written.await_delivered = !removed_.contains(&written.route.from) && has_reader(written);
  awaited_ += (written.await_delivered ? 1U : 0U) + written.awaiting.size();
  transcript_.line(written.route.from.name(), fmt::format("writes m{} to {}, {} octets", messages_.size(),
                                                          written.route.recipient, written.text.size()));
  messages_.push_back(std::move(written));
}

void Oracle::on_not_composed() {
  messages_.back().standing = Standing::refused;
  release(messages_.back());
}

void Oracle::release_state(Written& written) {
  if (std::exchange(written.await_delivered, false)) --awaited_;
}

void Oracle::release(Written& written) {
  release_state(written);
  awaited_ -= written.awaiting.size();
  written.awaiting.clear();
}

void Oracle::forgive_arrival(const DeviceMachine* from) {
  for (Written& written : messages_) {
    if (from == nullptr || &written.route.from == from) release(written);
  }
}

bool Oracle::has_reader(const Written& written) const {
  return std::ranges::any_of(written.route.readers,
                             [this](const DeviceMachine* device) { return !removed_.contains(device); });
}

void Oracle::on_removed(DeviceMachine& device) {
  removed_.insert(&device);
  removed_ids_.insert(own_device_id(device));
  forgive_arrival(&device);
  for (Written& written : messages_) {
    awaited_ -= written.awaiting.erase(device.number());
    if (!has_reader(written)) release_state(written);
  }
}

void Oracle::violation(std::string_view where, std::string_view what) {
  transcript_.line(where, fmt::format("VIOLATION {}", what));
  violations_.push_back(fmt::format("{}: {}", where, what));
}

Oracle::Written* Oracle::find(const std::string& body, std::size_t& number) {
  const char* end = body.data() + body.size();
  if (body.empty() || body.front() != 'm') return nullptr;
  const std::string_view written = std::string_view(body).substr(0, body.find(kEdited));
  if (std::from_chars(body.data() + 1, end, number).ec != std::errc()) return nullptr;
  if (number >= messages_.size() || messages_[number].text != written) return nullptr;
  return messages_[number].standing == Standing::refused ? nullptr : &messages_[number];
}

void Oracle::on_event(DeviceMachine& device, const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kMessage:
      if (event.message().has_system()) return transcript_.line(device.name(), event.message().body());
      return on_message(device, event.message());
    case v1::Event::kRegistered: return transcript_.line(device.name(), "is registered");
    case v1::Event::kConnection:
      return transcript_.line(device.name(), v1::ConnectionState::State_Name(event.connection().state()));
    case v1::Event::kOwnDevices:
      return transcript_.line(device.name(),
                              fmt::format("sees device list {}", event.own_devices().version()));
    case v1::Event::kProblem: {
      const auto& problem = event.problem();
      const auto text = fmt::format("{}: {} ({})", v1::Problem::Code_Name(problem.code()), problem.detail(),
                                    problem.subject());
      const bool knows = removed_.contains(&device) && problem.code() == v1::Problem::DEVICE_REVOKED;
      if (!knows && !is_forgiven(device, problem)) return violation(device.name(), text);
      if (problem.code() == v1::Problem::UNDECRYPTABLE) repairing_.insert(&device);
      return transcript_.line(device.name(), text);
    }
    case v1::Event::kNotice:
      return transcript_.line(device.name(), v1::Notice::Kind_Name(event.notice().kind()));
    case v1::Event::kLink:
      return transcript_.line(device.name(), "links: " + v1::LinkProgress::Stage_Name(event.link().stage()));
    case v1::Event::kRecovery:
      return transcript_.line(device.name(),
                              "recovery: " + v1::RecoveryProgress::Stage_Name(event.recovery().stage()));
    case v1::Event::kFile: return look_at_files(device);
    case v1::Event::kTyping:
    case v1::Event::kErased:
    case v1::Event::kConversation:
    case v1::Event::kGroup:
    case v1::Event::kFamily:
    case v1::Event::kFamilyRequest:
    case v1::Event::kGroupRequest:
    case v1::Event::kVerification:
    case v1::Event::kContact:
    case v1::Event::kOwnHandles:
    case v1::Event::KIND_NOT_SET: return;
  }
}

/// What a backup costs, it costs between the device that was restored and those that it talks with.
bool Oracle::is_forgiven(const DeviceMachine& device, const v1::Problem& problem) const {
  if (forgiven_.contains(problem.code())) return true;
  switch (problem.code()) {
    // The one who cannot be read is named, unless nobody knows who it is.
    case v1::Problem::UNDECRYPTABLE:
    case v1::Problem::MANIFEST_REFUSED:
      return rolled_back_.contains(&device) || rolled_back_ids_.contains(problem.subject()) ||
             (problem.subject().empty() && any_rolled_back());
    // A message is named. CONTENT_REFUSED: what was signed, and after the restart signed again, has two
    // texts, of which a receipt may name the other.
    case v1::Problem::MESSAGES_MISSING:
    case v1::Problem::CONTENT_REFUSED: return any_rolled_back();
    default: return false;
  }
}

void Oracle::on_sent(DeviceMachine& device, const v1::ClientFrame& frame) {
  for (const auto& target : frame.submit().targets()) {
    for (const auto& to : target.devices()) {
      if (removed_ids_.contains(to_hex(wire::octets(to.device()))) &&
          !lists(device, target.account(), to.device()))
        violation(device.name(), "writes to a device that it knows was removed");
      for (const auto& envelope : to.envelopes()) {
        const auto wrong = wiretap_.note(wire::octets(envelope), rolled_back_.contains(&device));
        if (wrong) violation(device.name(), *wrong);
      }
    }
  }
}

void Oracle::on_asked(DeviceMachine& device, const client::BlobAsk& request) {
  if (SentFiles::shows(request.body)) violation(device.name(), "hands the server a file in clear");
}

void Oracle::look_at_files(DeviceMachine& device) {
  if (const auto wrong = files_.wrong(device)) violation(device.name(), *wrong);
}

void Oracle::look_at_apps(DeviceMachine& device) {
  if (const auto wrong = apps_.wrong(device)) violation(device.name(), *wrong);
}

bool Oracle::is_beside(DeviceMachine& device, const v1::Message& message) {
  if (AppWatch::is_one(message)) {
    if (const auto wrong = apps_.wrong(device, message)) violation(device.name(), *wrong);
    return true;
  }
  return message.body().starts_with(kInGroup) || is_text_message(message);
}

void Oracle::on_boot(DeviceMachine& device) {
  files_.forget(device);
  read_store(device);
}

void Oracle::on_message(DeviceMachine& device, const v1::Message& message) {
  if (is_beside(device, message)) return;
  if (message.body().starts_with(kBrief)) {
    if (message.expires_ms() <= device.now().value)
      violation(device.name(), "shows a message after its time");
    return;
  }
  std::size_t number = 0;
  Written* written = find(message.body(), number);
  if (written == nullptr) return violation(device.name(), "shows a message that nobody wrote");
  if (!check(device, message, *written, number)) return;
  const bool incoming = message.state() == v1::Message::RECEIVED;
  transcript_.line(device.name(), fmt::format("m{} {}", number, v1::Message::State_Name(message.state())));
  // What was said about it shows it again.
  const bool again = !announced_.emplace(device.number(), message.message_id()).second;
  if (incoming && !again) {
    if (written->there.contains(device.number())) {
      return violation(device.name(), fmt::format("m{} is shown twice", number));
    }
    in_order(device, message, last_shown_[device.number()], number, "as shown");
  }
  note(device, message, *written);
}

bool Oracle::check(DeviceMachine& device, const v1::Message& message, const Written& written,
                   std::size_t number) {
  const bool sender = &written.route.from == &device;
  const std::string& account = device.core().self()->handle;
  const bool outgoing = account == written.route.sender;
  std::string_view wrong;
  if (!outgoing && account != written.route.recipient) wrong = "is shown to a stranger";
  if (message.outgoing() != outgoing) wrong = "has the wrong direction";
  if (outgoing && message.conversation() != written.route.recipient &&
      message.conversation() != written.route.recipient_account) {
    wrong = "stands in another conversation";
  }
  if (message.state() == v1::Message::FAILED) wrong = "failed";
  if (outgoing == (message.state() == v1::Message::RECEIVED)) wrong = "has an impossible state";
  if (sender && message.sender_device() != own_device_id(device)) wrong = "has another sender";
  if (std::ranges::find(written.route.must_not_reach, &device) != written.route.must_not_reach.end())
    wrong = "was written after its sender or this device was removed, and both knew";
  if (sender && progress(message.state()) < progress(written.state)) wrong = "went back in state";
  if (wrong.empty()) return true;
  violation(device.name(), fmt::format("m{} {} {}", number, wrong, message.failure()));
  return false;
}

void Oracle::note(DeviceMachine& device, const v1::Message& message, Written& written) {
  announced_.emplace(device.number(), message.message_id());
  if (&written.route.from == &device) {
    if (progress(message.state()) >= progress(v1::Message::DELIVERED)) release_state(written);
    written.state = message.state();
    return;
  }
  if (!written.there.insert(device.number()).second) return;
  ++shown_;
  // A device that was added later may have it or not.
  if (written.awaiting.erase(device.number()) > 0) --awaited_;
}

void Oracle::in_order(DeviceMachine& device, const v1::Message& message, Sequence& last, std::size_t number,
                      std::string_view where) {
  const Written& written = messages_[number];
  if (!order_counts_ || written.route.waits || written.standing == Standing::forgotten) return;
  // What is repaired comes later than what was not broken.
  if (repairing_.contains(&device)) return;
  if (rolled_back_.contains(&device) || rolled_back_.contains(&written.route.from)) return;
  const auto [entry, first] =
      last.emplace(std::pair(message.conversation(), message.sender_device()), number);
  if (!first && entry->second >= number) {
    violation(device.name(),
              fmt::format("m{} stands behind m{} of the same device, {}", number, entry->second, where));
  }
  entry->second = number;
}

void Oracle::read_store(DeviceMachine& device) {
  if (!device.ready()) return;
  Held held;
  Sequence timeline;
  for_each_stored(device, [&](const v1::Message& message) {
    if (message.body().starts_with(kBrief) || is_beside(device, message)) return;
    std::size_t number = 0;
    Written* written = find(message.body(), number);
    if (written == nullptr) return violation(device.name(), "holds a message that nobody wrote");
    if (!held.emplace(number, message.state()).second)
      violation(device.name(), fmt::format("holds m{} twice", number));
    if (!check(device, message, *written, number)) return;
    in_order(device, message, timeline, number, "in the timeline");
    note(device, message, *written);
  });
  require_kept(device, held);
  look_at_files(device);
  look_at_apps(device);
}

void Oracle::require_kept(DeviceMachine& device, const Held& held) {
  for (std::size_t number = 0; number < messages_.size(); ++number) {
    const Written& written = messages_[number];
    const bool own = &written.route.from == &device && written.standing == Standing::written;
    if ((own || written.there.contains(device.number())) && !held.contains(number)) {
      violation(device.name(), fmt::format("m{} is gone from the store", number));
    }
  }
}

/// A backup takes back what the device knew since: messages it wrote, received or heard of. What it had not
/// received yet must still reach it, and what it still knows to have written must still arrive.
void Oracle::on_restored(DeviceMachine& device) {
  files_.forget(device);
  rolled_back_.insert(&device);
  rolled_back_ids_.insert(own_device_id(device));
  rolled_back_ids_.insert(to_hex(device.core().self()->account_id().view()));
  Held held;
  std::erase_if(announced_, [&](const auto& entry) { return entry.first == device.number(); });
  for_each_stored(device, [&](const v1::Message& message) {
    std::size_t number = 0;
    announced_.emplace(device.number(), message.message_id());
    if (find(message.body(), number) != nullptr) held.emplace(number, message.state());
  });
  for (std::size_t number = 0; number < messages_.size(); ++number) {
    Written& written = messages_[number];
    const auto still = held.find(number);
    if (&written.route.from == &device) {
      if (still == held.end()) {
        if (written.standing == Standing::written) written.standing = Standing::forgotten;
        release(written);
      } else {
        written.state = still->second;
        release_state(written);  // the receipt may have come and gone
      }
    } else if (still == held.end() && written.there.erase(device.number()) > 0) {
      release_state(written);  // the receipt may be gone
    }
  }
  last_shown_.erase(device.number());
  const std::string id = own_device_id(device);
  for (auto& [number, sequence] : last_shown_) {
    std::erase_if(sequence, [&](const auto& entry) { return entry.first.second == id; });
  }
}

void Oracle::require_all_arrived() {
  for (std::size_t number = 0; number < messages_.size(); ++number) {
    const Written& written = messages_[number];
    if (written.await_delivered) {
      violation(written.route.from.name(),
                fmt::format("m{} ends as {}", number, v1::Message::State_Name(written.state)));
    }
    for (const DeviceMachine* device : written.route.must_reach) {
      if (written.awaiting.contains(device->number())) {
        violation(device->name(), fmt::format("m{} of {} never arrived", number, written.route.from.name()));
      }
    }
  }
}

}  // namespace sotto::simulation
