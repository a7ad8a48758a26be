// Text messages (SMS) of accounts: who may send how many to whom, what waits for the gateway, what became of
// it, and where answers go. docs/specs/gateway.md.
//
// Synchronous and for one thread: its owner hands in requests, the store's completions, what the gateway says
// and ticks, and gets effects through SmsOutput. Owns the partition "sms". Not its concern: HTTP (kannel.h),
// which devices an account has, mailboxes, frames.
#pragma once

#include <map>
#include <set>

#include "crypto/random.h"
#include "gateway/sms_budget.h"
#include "gateway/sms_routes.h"
#include "sotto/v1/gateway.pb.h"
#include "storage/commits.h"

namespace sotto::gateway {

enum class SmsSenders : std::uint8_t {
  nobody,  ///< only codes are sent
  proven,  ///< accounts that have a telephone number as a handle
  everybody,
};

/// What a deployment configures.
struct SmsRules {
  std::vector<std::string> numbers;  ///< the server's, in normal form; empty: there is no gateway
  SmsSenders senders = SmsSenders::proven;
  std::vector<std::string> prefixes;  ///< of numbers that texts may go to; empty: all
  std::string server;                 ///< by which name it introduces those who write
  SmsBudgets budgets;
};

/// A text for the gateway.
struct OutgoingSms {
  SmsRef ref;
  std::string from;
  std::string to;
  std::string text;
};

/// A text that the gateway brought, as it says.
struct IncomingSms {
  std::string from;
  std::string to;
  std::string text;
  std::string gateway_id;  ///< the same when it brings a text again; empty: none
};

enum class HandOver : std::uint8_t {
  accepted,
  refused,  ///< this text never will be accepted
  failed,   ///< not now
};

/// What is to be done. Called from inside TextMessages' functions; must not call back into it.
class SmsOutput {
 public:
  virtual ~SmsOutput() = default;
  /// To the gateway; handed_over() says what became of it.
  virtual void hand_over(const OutgoingSms& text) = 0;
  /// To all devices of the account. `done` is told whether it is durable in every mailbox that takes it.
  virtual void tell(const identity::AccountId& account, const v1::GatewayEvent& event,
                    std::move_only_function<void(bool stored)> done) = 0;
};

class TextMessages {
 public:
  struct Counts {
    std::uint64_t accepted = 0, delivered = 0, failed = 0, received = 0, unroutable = 0;
    std::size_t waiting = 0;
  };
  /// Who writes, and by which name it is introduced.
  struct Sender {
    identity::AccountId account;
    std::string name;
    bool proven = false;
  };

  /// Everything referred to must outlive it. Tickets of its commits count from 1.
  TextMessages(storage::Store& store, crypto::RandomSource& random, SmsRules rules, SmsOutput& output);

  /// Takes a text; the answer is given when it is durable. The same id again gets the same answer and sends
  /// nothing. Errors: all but unknown_text and unroutable.
  void send(const Sender& sender, const v1::SendSms& request, UnixMs now, SmsReply<v1::SmsSent> reply);
  void handed_over(const SmsRef& ref, HandOver result, UnixMs now);
  /// What the gateway says of a text; the answer is given when it is durable. A state that was passed already
  /// changes nothing. Errors: unknown_text, overloaded, storage_unavailable.
  void report(const SmsRef& ref, SmsState state, UnixMs now, SmsReply<void> reply);
  /// An incoming text; the answer is given when it is in the mailboxes. Errors: unroutable,
  /// storage_unavailable.
  void receive(const IncomingSms& text, UnixMs now, SmsReply<void> reply);
  /// Whether a code may be sent to the number, which is counted. Errors: unreachable, budget_spent.
  SmsResult<void> charge_code(const std::string& number, UnixMs now);

  /// About once a second.
  void tick(UnixMs now);
  /// Takes back everything that is kept about the account, which was turned off.
  void forget(const identity::AccountId& account);
  /// What is kept about the account.
  [[nodiscard]] std::vector<v1::SmsRoute> routes_of(const identity::AccountId& account) const;
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  [[nodiscard]] const SmsRules& rules() const { return rules_; }
  [[nodiscard]] Counts counts() const;

 private:
  struct Text {
    TextRecord record;
    bool writing = true;   ///< its first commit has not completed
    bool unsaved = false;  ///< the last commit failed
    bool telling = false;
    unsigned tries = 0;
  };
  struct Plan {
    TextRecord text;
    RouteRecord route;
  };
  using Id = std::pair<identity::AccountId, SmsId>;

  SmsResult<void> load(UnixMs now);
  SmsResult<void> load_texts();
  SmsResult<void> load_routes();
  SmsResult<void> ready(UnixMs now);
  /// The recipient in normal form. Errors: number_invalid, unreachable.
  SmsResult<std::string> recipient(const std::string& number) const;
  SmsResult<void> may_send(const Sender& sender) const;
  SmsResult<Plan> plan(const Sender& sender, const SmsId& id, std::string to, const std::string& words,
                       UnixMs now);
  SmsResult<v1::SmsSent> repeated(const Text& text, const std::string& to, UnixMs now) const;
  void accept(Plan plan, UnixMs now, SmsReply<v1::SmsSent> reply);
  /// It could not be made durable.
  void refuse(const SmsRef& ref, const RouteRecord& route);
  void add(const SmsRef& ref, Text text);
  void drop(const SmsRef& ref);
  void hand_over(UnixMs now);
  void become(const SmsRef& ref, SmsState state, UnixMs now, SmsReply<void> reply);
  void save(const SmsRef& ref, SmsReply<void> reply);
  void tell(const SmsRef& ref);
  void told(const SmsRef& ref, SmsState state, bool stored);
  void look_after(UnixMs now);
  void end(UnixMs now);
  void save_route(const RouteRecord& route, bool must);
  ByteArray<16> incoming_id(const IncomingSms& incoming);
  void erase(const std::vector<Bytes>& keys);

  storage::Store& store_;
  crypto::RandomSource& random_;
  SmsRules rules_;
  SmsOutput& output_;
  storage::Commits commits_;
  SmsBudget budget_;
  SmsRoutes routes_;
  std::map<SmsRef, Text> texts_;
  std::map<Id, SmsRef> by_id_;
  std::multimap<UnixMs, SmsRef> due_;   ///< when to hand over
  std::multimap<UnixMs, SmsRef> ends_;  ///< when nothing more is expected
  std::set<SmsRef> restless_;           ///< unsaved or owed: looked at again
  std::size_t in_hands_ = 0;
  UnixMs next_look_;
  bool loaded_ = false;
  Counts counts_;
};

}  // namespace sotto::gateway
