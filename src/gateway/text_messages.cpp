#include "gateway/text_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "gateway/sms_limits.h"
#include "gateway/sms_parts.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::gateway {
namespace {

constexpr std::array kBackOff = {seconds(5), seconds(30), minutes(2), minutes(10)};
constexpr DurationMs kLastBackOff = minutes(30);

DurationMs back_off(unsigned tries) { return tries < kBackOff.size() ? kBackOff[tries] : kLastBackOff; }

/// What stands before the first text of a route: the recipient learns who writes and how to end it.
std::string introduction(const TextMessages::Sender& sender, const std::string& server) {
  return std::string(cut_utf8(sender.name, kMaxIntroducedName)) + " writes through " + server +
         ". Not encrypted. Answer STOP to end this.\n\n";
}

/// Whether an answer is that word and nothing else but what people type around it.
bool wants(std::string_view text, std::string_view word) {
  text = text.substr(0, text.find_last_not_of(" \r\n.!") + 1);
  return std::ranges::equal(text, word, [](char a, char b) { return (a & ~0x20) == b; });
}

v1::SmsReport::State to_wire(SmsState state) {
  switch (state) {
    case SmsState::at_carrier: return v1::SmsReport::AT_CARRIER;
    case SmsState::delivered: return v1::SmsReport::DELIVERED;
    case SmsState::failed: return v1::SmsReport::FAILED;
    case SmsState::no_report: return v1::SmsReport::NO_REPORT;
    case SmsState::waiting:
    case SmsState::handed_over: break;
  }
  return v1::SmsReport::STATE_UNSPECIFIED;
}

}  // namespace

TextMessages::TextMessages(storage::Store& store, crypto::RandomSource& random, SmsRules rules,
                           SmsOutput& output)
    : store_(store),
      random_(random),
      rules_(std::move(rules)),
      output_(output),
      commits_(store),
      budget_(rules_.budgets),
      routes_(rules_.numbers) {}

SmsResult<std::string> TextMessages::recipient(const std::string& number) const {
  const auto handle = identity::Handle::phone(number);
  if (!handle) return err(SmsError::number_invalid);
  const std::string& to = handle->text();
  const auto fits = [&](const std::string& prefix) { return to.starts_with(prefix); };
  const bool own = std::ranges::find(rules_.numbers, to) != rules_.numbers.end();
  if (own || (!rules_.prefixes.empty() && std::ranges::none_of(rules_.prefixes, fits))) {
    return err(SmsError::unreachable);
  }
  return to;
}

SmsResult<void> TextMessages::may_send(const Sender& sender) const {
  if (rules_.numbers.empty() || rules_.senders == SmsSenders::nobody) return err(SmsError::unavailable);
  if (rules_.senders == SmsSenders::proven && !sender.proven) return err(SmsError::not_allowed);
  return {};
}

SmsResult<TextMessages::Plan> TextMessages::plan(const Sender& sender, const SmsId& id, std::string to,
                                                 const std::string& words, UnixMs now) {
  SOTTO_TRY(RouteRecord route, routes_.choose(sender.account, to, now));
  const RouteRecord* const known = routes_.find(route.number, route.peer);
  const bool first = known == nullptr || known->account != sender.account;
  const std::size_t begun = first ? routes_.begun_lately(sender.account, now) : 0;
  if (first && begun >= rules_.budgets.account_recipients_per_day) return err(SmsError::too_many_recipients);
  std::string text = (first ? introduction(sender, rules_.server) : "") + words;
  const auto length = sms_length(text);
  if (!length) return err(SmsError::malformed);
  if (length->parts > kMaxSmsParts) return err(SmsError::too_long);
  if (texts_.size() >= kMaxTexts) return err(SmsError::overloaded);
  SOTTO_CHECK_OK(budget_.check(sender.account, static_cast<std::uint32_t>(length->parts), now));
  TextRecord record{.account = sender.account,
                    .id = id,
                    .accepted = now,
                    .reported = {},
                    .parts = static_cast<std::uint8_t>(length->parts),
                    .from = route.number,
                    .to = std::move(to),
                    .text = std::move(text)};
  return Plan{std::move(record), std::move(route)};
}

SmsResult<v1::SmsSent> TextMessages::repeated(const Text& text, const std::string& to, UnixMs now) const {
  // Its answer is not known before it is durable.
  if (text.writing) return err(SmsError::overloaded);
  v1::SmsSent sent;
  sent.set_number(to);
  sent.set_parts(text.record.parts);
  if (const auto route = routes_.choose(text.record.account, to, now)) sent.set_from(route->number);
  return sent;
}

void TextMessages::send(const Sender& sender, const v1::SendSms& request, UnixMs now,
                        SmsReply<v1::SmsSent> reply) {
  auto may = ready(now);
  if (may) may = may_send(sender);
  if (!may) return reply(std::unexpected(may.error()));
  const auto id = SmsId::from(wire::octets(request.id()));
  if (!id || request.text().empty()) return reply(err(SmsError::malformed));
  if (request.text().size() > kMaxSmsOctets) return reply(err(SmsError::too_long));
  auto to = recipient(request.number());
  if (!to) return reply(std::unexpected(to.error()));
  if (const auto known = by_id_.find({sender.account, *id}); known != by_id_.end()) {
    return reply(repeated(texts_.at(known->second), *to, now));
  }
  auto planned = plan(sender, *id, *std::move(to), request.text(), now);
  if (!planned) return reply(std::unexpected(planned.error()));
  accept(*std::move(planned), now, std::move(reply));
}

void TextMessages::accept(Plan plan, UnixMs now, SmsReply<v1::SmsSent> reply) {
  const SmsRef ref(random_.array<SmsRef::kSize>());
  storage::Batch batch(sms_partition());
  batch.put(text_key(ref), encode(plan.text));
  batch.put(route_key(plan.route.number, plan.route.peer), encode(plan.route));
  v1::SmsSent sent;
  sent.set_from(plan.text.from);
  sent.set_number(plan.text.to);
  sent.set_parts(plan.text.parts);
  // Counted and reserved at once: the next request must not be measured without this one.
  budget_.charge(plan.text.account, plan.text.parts, now);
  routes_.put(plan.route);
  add(ref, {.record = std::move(plan.text)});
  commits_.commit(std::move(batch), [this, ref, now, route = std::move(plan.route), sent = std::move(sent),
                                     reply = std::move(reply)](const auto& result) mutable {
    if (!result) {
      refuse(ref, route);
      return reply(err(sms_error_of(result.error())));
    }
    ++counts_.accepted;
    reply(std::move(sent));
    const auto found = texts_.find(ref);
    if (found == texts_.end()) return;  // the account was turned off meanwhile
    found->second.writing = false;
    due_.emplace(now, ref);
    hand_over(now);
  });
}

void TextMessages::refuse(const SmsRef& ref, const RouteRecord& route) {
  if (texts_.contains(ref)) drop(ref);
  // Whoever begins it next introduces itself.
  const RouteRecord* kept = routes_.find(route.number, route.peer);
  if (kept != nullptr && *kept == route && route.created == route.last_used) routes_.erase(route);
}

void TextMessages::add(const SmsRef& ref, Text text) {
  by_id_.emplace(Id{text.record.account, text.record.id}, ref);
  ends_.emplace(text.record.accepted + kTextKept, ref);
  texts_.emplace(ref, std::move(text));
}

void TextMessages::drop(const SmsRef& ref) {
  const auto found = texts_.find(ref);
  by_id_.erase({found->second.record.account, found->second.record.id});
  restless_.erase(ref);
  texts_.erase(found);
}

void TextMessages::hand_over(UnixMs now) {
  while (in_hands_ < kMaxInHands && !due_.empty() && due_.begin()->first <= now) {
    const SmsRef ref = due_.begin()->second;
    due_.erase(due_.begin());
    const auto found = texts_.find(ref);
    if (found == texts_.end() || found->second.record.state != SmsState::waiting) continue;
    ++in_hands_;
    const TextRecord& text = found->second.record;
    output_.hand_over({ref, text.from, text.to, text.text});
  }
}

void TextMessages::handed_over(const SmsRef& ref, HandOver result, UnixMs now) {
  --in_hands_;
  const auto found = texts_.find(ref);
  // A report may have come before this.
  if (found != texts_.end() && found->second.record.state == SmsState::waiting) {
    Text& text = found->second;
    const bool late = has_passed(kHandOverTime, text.record.accepted, now);
    if (result == HandOver::accepted) {
      become(ref, SmsState::handed_over, now, [](const auto&) {});
    } else if (result == HandOver::refused || late) {
      become(ref, SmsState::failed, now, [](const auto&) {});
    } else {
      due_.emplace(now + back_off(text.tries++), ref);
    }
  }
  hand_over(now);
}

void TextMessages::report(const SmsRef& ref, SmsState state, UnixMs now, SmsReply<void> reply) {
  if (const auto loaded = ready(now); !loaded) return reply(std::unexpected(loaded.error()));
  const auto found = texts_.find(ref);
  if (found == texts_.end()) return reply(err(SmsError::unknown_text));
  const Text& text = found->second;
  const bool news = !is_final(text.record.state) && text.record.state < state;
  if (news) return become(ref, state, now, std::move(reply));
  if (text.unsaved) return reply(err(SmsError::storage_unavailable));
  reply({});
}

void TextMessages::become(const SmsRef& ref, SmsState state, UnixMs now, SmsReply<void> reply) {
  TextRecord& text = texts_.at(ref).record;
  text.state = state;
  text.text.clear();
  text.owed = to_wire(state) != v1::SmsReport::STATE_UNSPECIFIED;
  if (text.owed) text.reported = now;
  if (is_final(state)) {
    text.from.clear();
    text.to.clear();
    ++(state == SmsState::delivered ? counts_.delivered : counts_.failed);
  }
  save(ref, std::move(reply));
}

void TextMessages::save(const SmsRef& ref, SmsReply<void> reply) {
  storage::Batch batch(sms_partition());
  batch.put(text_key(ref), encode(texts_.at(ref).record));
  commits_.commit(std::move(batch), [this, ref, reply = std::move(reply)](const auto& result) mutable {
    if (const auto found = texts_.find(ref); found != texts_.end()) {
      found->second.unsaved = !result;
      if (!result) restless_.insert(ref);
      if (result && found->second.record.owed) tell(ref);
    }
    if (!result) return reply(err(sms_error_of(result.error())));
    reply({});
  });
}

void TextMessages::tell(const SmsRef& ref) {
  Text& text = texts_.at(ref);
  if (text.telling) return;
  text.telling = true;
  restless_.insert(ref);
  v1::GatewayEvent event;
  v1::SmsReport& report = *event.mutable_report();
  report.set_id(wire::field(text.record.id.view()));
  report.set_state(to_wire(text.record.state));
  report.set_time_ms(text.record.reported.value);
  output_.tell(text.record.account, event,
               [this, ref, state = text.record.state](bool stored) { told(ref, state, stored); });
}

void TextMessages::told(const SmsRef& ref, SmsState state, bool stored) {
  const auto found = texts_.find(ref);
  if (found == texts_.end()) return;
  Text& text = found->second;
  text.telling = false;
  if (!stored) return;  // looked at again
  if (text.record.state != state) return tell(ref);
  text.record.owed = false;
  restless_.erase(ref);
  save(ref, [](const auto&) {});
}

void TextMessages::receive(const IncomingSms& incoming, UnixMs now, SmsReply<void> reply) {
  if (const auto loaded = ready(now); !loaded) return reply(std::unexpected(loaded.error()));
  const RouteRecord* found = routes_.find(incoming.to, incoming.from);
  if (found == nullptr) {
    ++counts_.unroutable;
    return reply(err(SmsError::unroutable));
  }
  RouteRecord route = *found;
  const bool stopped = wants(incoming.text, "STOP") || (route.stopped && !wants(incoming.text, "START"));
  const bool changed = std::exchange(route.stopped, stopped) != stopped;
  const bool old = has_passed(kRouteTouched, std::exchange(route.last_used, now), now);
  save_route(route, changed || old);
  v1::GatewayEvent event;
  v1::SmsReceived& received = *event.mutable_received();
  received.set_id(wire::field(incoming_id(incoming)));
  received.set_from(route.peer);
  received.set_to(route.number);
  const std::string_view text = cut_utf8(incoming.text, kMaxIncomingOctets);
  received.set_text(std::string(text));
  received.set_cut(text.size() < incoming.text.size());
  output_.tell(route.account, event, [this, reply = std::move(reply)](bool stored) mutable {
    if (!stored) return reply(err(SmsError::storage_unavailable));
    ++counts_.received;
    reply({});
  });
}

ByteArray<16> TextMessages::incoming_id(const IncomingSms& incoming) {
  if (incoming.gateway_id.empty()) return random_.array<16>();
  Encoder name;
  name.var(as_bytes(incoming.from)).var(as_bytes(incoming.to)).var(as_bytes(incoming.gateway_id));
  const auto digest = crypto::sha256(name.view());
  return to_array<16>(ByteView(digest).first(16));
}

void TextMessages::save_route(const RouteRecord& route, bool must) {
  routes_.put(route);
  if (!must) return;
  storage::Batch batch(sms_partition());
  batch.put(route_key(route.number, route.peer), encode(route));
  // What is lost by a failure is repeated by the next text.
  commits_.commit(std::move(batch), [](const auto&) {});
}

SmsResult<void> TextMessages::charge_code(const std::string& number, UnixMs now) {
  SOTTO_CHECK_OK(recipient(number));
  SOTTO_CHECK_OK(budget_.check(1, now));
  budget_.charge(1, now);
  return {};
}

std::vector<v1::SmsRoute> TextMessages::routes_of(const identity::AccountId& account) const {
  std::vector<v1::SmsRoute> out;
  for (const RouteRecord& route : routes_.of(account)) {
    v1::SmsRoute& one = out.emplace_back();
    one.set_number(route.number);
    one.set_peer(route.peer);
    one.set_last_used_ms(route.last_used.value);
    one.set_stopped(route.stopped);
  }
  return out;
}

TextMessages::Counts TextMessages::counts() const {
  Counts counts = counts_;
  counts.waiting = due_.size() + in_hands_;
  return counts;
}

}  // namespace sotto::gateway
