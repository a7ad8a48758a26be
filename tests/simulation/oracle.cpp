#include "oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/records.h"

namespace sotto::simulation {
namespace {

constexpr std::uint32_t kWholeHistory = 1'000'000;

/// QUEUED, SENT, DELIVERED in that order; everything else is no progress.
int progress(v1::Message::State state) {
  switch (state) {
    case v1::Message::QUEUED: return 1;
    case v1::Message::SENT: return 2;
    case v1::Message::DELIVERED: return 3;
    default: return 0;
  }
}

std::string own_device_id(DeviceMachine& device) { return to_hex(device.core().self()->device.id.view()); }

}  // namespace

std::string Oracle::next_text(std::size_t length) const {
  std::string text = fmt::format("m{} ", messages_.size());
  if (text.size() < length) text.append(length - text.size(), 'x');
  return text;
}

void Oracle::on_composed(Route route, std::string text) {
  Written written{.route = std::move(route), .text = std::move(text), .on_device = {}};
  for (const DeviceMachine* device : written.route.must_reach)
    written.on_device.emplace(device->number(), false);
  unfinished_ += 1 + written.on_device.size();
  transcript_.line(written.route.from.name(), fmt::format("writes m{} to {}, {} octets", messages_.size(),
                                                          written.route.recipient, written.text.size()));
  messages_.push_back(std::move(written));
}

void Oracle::violation(std::string_view where, std::string_view what) {
  transcript_.line(where, fmt::format("VIOLATION {}", what));
  violations_.push_back(fmt::format("{}: {}", where, what));
}

Oracle::Written* Oracle::find(const std::string& body, std::size_t& number) {
  const char* end = body.data() + body.size();
  if (body.empty() || body.front() != 'm') return nullptr;
  if (std::from_chars(body.data() + 1, end, number).ec != std::errc()) return nullptr;
  if (number >= messages_.size() || messages_[number].text != body) return nullptr;
  return &messages_[number];
}

void Oracle::on_event(DeviceMachine& device, const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kMessage: return on_message(device, event.message());
    case v1::Event::kRegistered: return transcript_.line(device.name(), "is registered");
    case v1::Event::kConnection:
      return transcript_.line(device.name(), v1::ConnectionState::State_Name(event.connection().state()));
    case v1::Event::kOwnDevices:
      return transcript_.line(device.name(),
                              fmt::format("sees device list {}", event.own_devices().version()));
    case v1::Event::kProblem:
      return violation(device.name(),
                       fmt::format("{}: {} ({})", v1::Problem::Code_Name(event.problem().code()),
                                   event.problem().detail(), event.problem().subject()));
    case v1::Event::kContact:
    case v1::Event::kOwnHandles:
    case v1::Event::KIND_NOT_SET: return;
  }
}

void Oracle::on_message(DeviceMachine& device, const v1::Message& message) {
  std::size_t number = 0;
  Written* written = find(message.body(), number);
  if (written == nullptr) return violation(device.name(), "shows a message that nobody wrote");
  if (!check(device, message, *written, number)) return;
  const bool incoming = message.state() == v1::Message::RECEIVED;
  transcript_.line(device.name(), fmt::format("m{} {}", number, v1::Message::State_Name(message.state())));
  if (incoming) {
    const auto there = written->on_device.find(device.number());
    if (there != written->on_device.end() && there->second) {
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
  if (sender && progress(message.state()) < progress(written.state)) wrong = "went back in state";
  if (wrong.empty()) return true;
  violation(device.name(), fmt::format("m{} {} {}", number, wrong, message.failure()));
  return false;
}

void Oracle::note(DeviceMachine& device, const v1::Message& message, Written& written) {
  if (&written.route.from == &device) {
    if (written.state != v1::Message::DELIVERED && message.state() == v1::Message::DELIVERED) --unfinished_;
    written.state = message.state();
    return;
  }
  const auto there = written.on_device.find(device.number());
  // A device that was added later may have it or not.
  if (there == written.on_device.end()) {
    ++shown_;
    written.on_device.emplace(device.number(), true);
    return;
  }
  if (there->second) return;
  there->second = true;
  --unfinished_;
  ++shown_;
}

void Oracle::in_order(DeviceMachine& device, const v1::Message& message, Sequence& last, std::size_t number,
                      std::string_view where) {
  const auto [entry, first] = last.emplace(message.conversation() + " " + message.sender_device(), number);
  if (!first && entry->second >= number) {
    violation(device.name(),
              fmt::format("m{} stands behind m{} of the same device, {}", number, entry->second, where));
  }
  entry->second = number;
}

void Oracle::read_store(DeviceMachine& device) {
  if (!device.ready()) return;
  auto& database = device.database();
  const auto& self = *device.core().self();
  std::set<std::size_t> seen;
  for (const auto& conversation : client::conversation_records(database, self)) {
    const auto account = from_hex(conversation.contact().account());
    const auto contact = account && !account->empty()
                             ? client::find_contact(database, *identity::AccountId::from(*account))
                             : client::find_contact(database, conversation.contact().handle());
    if (!contact) return violation(device.name(), "a conversation has no contact");
    Sequence timeline;
    for (const auto& message : client::history(database, self, contact->id, kWholeHistory)) {
      std::size_t number = 0;
      Written* written = find(message.body(), number);
      if (written == nullptr) {
        violation(device.name(), "holds a message that nobody wrote");
        continue;
      }
      if (!seen.insert(number).second) violation(device.name(), fmt::format("holds m{} twice", number));
      if (!check(device, message, *written, number)) continue;
      in_order(device, message, timeline, number, "in the timeline");
      note(device, message, *written);
    }
  }
}

bool Oracle::all_arrived() const { return unfinished_ == 0; }

void Oracle::require_all_arrived() {
  for (std::size_t number = 0; number < messages_.size(); ++number) {
    const Written& written = messages_[number];
    if (written.state != v1::Message::DELIVERED) {
      violation(written.route.from.name(),
                fmt::format("m{} ends as {}", number, v1::Message::State_Name(written.state)));
    }
    for (const DeviceMachine* device : written.route.must_reach) {
      if (!written.on_device.at(device->number())) {
        violation(device->name(), fmt::format("m{} of {} never arrived", number, written.route.from.name()));
      }
    }
  }
}

}  // namespace sotto::simulation
