// For tests: a log over a StepStore, the client and the auditor that watch it, and what it ought to say.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "crypto/random.h"
#include "transparency/auditor.h"
#include "transparency/contact.h"
#include "transparency_log/log.h"
#include "transparency_log/step_store.h"

namespace sotto::transparency_log::testing {

using transparency::AccountId;
using transparency::Auditor;
using transparency::LogView;

inline constexpr UnixMs kNow{1'800'000'000'000};

inline AccountId account(std::uint32_t number) {
  ByteArray<16> octets{};
  for (std::size_t i = 0; i < 4; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return AccountId(octets);
}
inline Bytes binding(std::uint32_t number, std::uint8_t version) {
  Bytes out(80, version);
  out[0] = static_cast<std::uint8_t>(number);
  return out;
}
inline storage::Partition effect_partition(std::uint32_t number) {
  return storage::Partition::create(Bytes{'t', static_cast<std::uint8_t>(number)}).value();
}

struct World {
  explicit World(std::uint32_t seed = 1, Options log_options = {})
      : store(seed), options(std::move(log_options)) {
    start();
  }

  /// Opens the log over what is durable.
  LogResult<void> start() {
    log.reset();
    store.crash();
    auto opened = Log::open(store, identity, vrf, random, options, now);
    if (!opened) return err(opened.error());
    log = *std::move(opened);
    return {};
  }
  /// One batch durable; false when none is queued.
  bool step() {
    const auto completion = store.step();
    if (completion) log->on_completion(*completion, now);
    return completion.has_value();
  }
  void settle() {
    while (step()) {
    }
  }
  /// Time passes and everything that waits becomes an epoch.
  void close() {
    now = now + seconds(2);
    log->tick(now);
    settle();
  }

  /// A registration or a new manifest of one account, with an effect that tells that it happened.
  Submission change(std::uint32_t number, std::uint8_t version) const {
    Submission out;
    if (version == 1) out.changes.push_back({handle(number), transparency::handle_value(account(number)), 1});
    out.changes.push_back({Label::account(account(number)), binding(number, version), version});
    storage::Batch effect(effect_partition(number));
    effect.put(as_bytes("version"), {version});
    out.effects.push_back(std::move(effect));
    return out;
  }
  void submit(std::uint32_t number, std::uint8_t version) {
    log->submit(change(number, version),
                [this](LogResult<std::uint64_t> result) { replies.push_back(result); });
  }
  static Label handle(std::uint32_t number) { return Label::handle("user" + std::to_string(number)); }

  /// Looks an account up as a client with a view of its own, which follows the log through all of this.
  void expect_says(std::uint32_t number, std::uint8_t version) {
    const auto answer = log->look_up_handle("user" + std::to_string(number), view.known_size());
    ASSERT_TRUE(answer) << describe(answer.error());
    const auto contact = verify_contact(view, "user" + std::to_string(number), *answer, pin_of, now);
    ASSERT_TRUE(contact) << number << ": " << transparency::describe(contact.error());
    ASSERT_EQ(contact->handle.present(), version != 0) << number;
    pins[handle(number)] = contact->handle;
    if (version == 0) return;
    ASSERT_TRUE(contact->account_state);
    pins[Label::account(account(number))] = *contact->account_state;
    EXPECT_EQ(contact->account_state->version, version) << number;
    EXPECT_EQ(contact->account_state->value, binding(number, version)) << number;
  }
  std::optional<std::uint8_t> effect_of(std::uint32_t number) {
    const auto value = store.get(effect_partition(number), as_bytes("version")).value();
    return value ? std::optional((*value)[0]) : std::nullopt;
  }
  /// Follows everything since the last call and admits the head.
  void audit() {
    while (auditor.size() < log->size()) {
      const auto entries = log->entries(auditor.size()).value();
      for (const auto& entry : entries) {
        std::vector<transparency::Mutation> list;
        bool more = true;
        for (std::uint32_t page = 0; more; ++page) {
          auto part = log->mutations(entry.epoch, page).value();
          list.insert(list.end(), part.mutations.begin(), part.mutations.end());
          more = part.more;
        }
        const auto followed = auditor.follow(entry, list);
        ASSERT_TRUE(followed) << entry.epoch << ": " << transparency::describe(followed.error());
      }
    }
    const auto admitted = auditor.admit(log->head().value(), now);
    ASSERT_TRUE(admitted) << transparency::describe(admitted.error());
  }

  StepStore store;
  Options options;
  crypto::DeterministicRandom random{7};
  crypto::HybridPrivateKey identity = crypto::HybridPrivateKey::generate(random);
  crypto::VrfPrivateKey vrf = crypto::VrfPrivateKey::generate(random);
  UnixMs now = kNow;
  std::unique_ptr<Log> log;
  std::vector<LogResult<std::uint64_t>> replies;
  transparency::LogKeys keys{identity.public_key(), vrf.public_key()};
  LogView view{keys};
  Auditor auditor{keys};
  std::map<Label, transparency::LabelState> pins;
  transparency::PinOf pin_of = [this](const Label& label) -> std::optional<transparency::LabelState> {
    const auto found = pins.find(label);
    return found == pins.end() ? std::nullopt : std::optional(found->second);
  };
};

}  // namespace sotto::transparency_log::testing
