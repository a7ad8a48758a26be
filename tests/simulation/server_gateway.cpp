// The part of ServerMachine that is behind its gateway: Kannel, which keeps what it has taken and calls back
// until it is answered, and the carriers.
#include <fmt/format.h>

#include <memory>

#include "server_machine.h"

namespace sotto::simulation {
namespace {

/// One for each user towards the same telephone.
constexpr int kServerNumbers = 9;
constexpr std::uint32_t kPlenty = 1'000'000;
constexpr DurationMs kHandingOver = seconds(5);
constexpr DurationMs kCarriage = minutes(5);
constexpr DurationMs kCallAgain = seconds(30);
constexpr std::uint32_t kFailedPerMille = 100;

bool comes_again(const gateway::SmsResult<void>& answer) {
  return !answer && (answer.error() == gateway::SmsError::storage_unavailable ||
                     answer.error() == gateway::SmsError::overloaded);
}

}  // namespace

gateway::SmsRules ServerMachine::sms_rules() {
  gateway::SmsRules rules;
  for (int i = 1; i <= kServerNumbers; ++i) rules.numbers.push_back(fmt::format("+4670000000{}", i));
  rules.senders = gateway::SmsSenders::everybody;
  rules.server = kServerName;
  rules.budgets = {.parts_per_day = kPlenty,
                   .account_parts_per_day = kPlenty,
                   .account_texts_per_hour = kPlenty,
                   .account_recipients_per_day = kPlenty};
  return rules;
}

void ServerMachine::hand_over_sms(const gateway::OutgoingSms& text) {
  if (dying_) return;
  ++texts_on_their_way_;
  schedule_.after(dice_.spread(kHandingOver), [this, life = kills_, text] {
    --texts_on_their_way_;
    const bool taken = !dice_.chance(kFailedPerMille);
    // Kannel has it, whatever became of the server meanwhile.
    if (taken) {
      telephones_(text);
      call_back([ref = text.ref](server::Core& core, UnixMs now, gateway::SmsReply<void> reply) {
        core.sms_report(ref, gateway::SmsState::delivered, now, std::move(reply));
      });
    }
    if (life != kills_) return;
    const auto result = taken ? gateway::HandOver::accepted : gateway::HandOver::failed;
    run([&] { core_->sms_handed_over(text.ref, result, now()); });
  });
}

void ServerMachine::bring_text(const gateway::IncomingSms& text) {
  call_back([text](server::Core& core, UnixMs now, gateway::SmsReply<void> reply) {
    core.sms_received(text, now, std::move(reply));
  });
}

void ServerMachine::call_back(const KannelCall& call) {
  ++texts_on_their_way_;
  schedule_.after(dice_.spread(kCarriage), [this, call] {
    const auto answered = std::make_shared<bool>(false);
    if (running()) {
      run([&] {
        call(*core_, now(),
             [answered](const gateway::SmsResult<void>& answer) { *answered |= !comes_again(answer); });
      });
    }
    schedule_.after(kCallAgain, [this, call, answered] {
      --texts_on_their_way_;
      if (!*answered) call_back(call);
    });
  });
}

}  // namespace sotto::simulation
