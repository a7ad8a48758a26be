// Whatever members do without knowing of each other, hostile ones included, and in whatever order it arrives:
// everybody who has the same operations sees the same group.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "groups/naive_model.h"
#include "groups/test_support.h"

namespace sotto::groups {
namespace {

using testing::beginning;
using testing::NaiveModel;
using testing::operation_on;
using testing::people;
using testing::person;

constexpr std::uint16_t kPeople = 6;
constexpr std::size_t kGuests = 3;

Bytes guest(std::size_t which) {
  return {'+', '4', '6', '1', '2', '3', '4', '5', static_cast<std::uint8_t>('0' + which)};
}

/// Members who each know a part of what happened.
class Society {
 public:
  Society(std::uint64_t seed, bool hostile)
      : random_(seed), hostile_(hostile), create_(beginning(person(1), people(2, kPeople - 2))) {
    made_.push_back(create_);
  }

  void live(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      History& here = replicas_[below(replicas_.size())];
      if (below(6) == 0) {
        hear(here);
      } else {
        do_something(here);
      }
    }
  }

  [[nodiscard]] const std::vector<VerifiedOperation>& made() const { return made_; }
  [[nodiscard]] const std::vector<VerifiedOperation>& refused() const { return refused_; }
  std::array<History, 3>& replicas() { return replicas_; }

  /// Some order in which everything can be taken.
  std::vector<VerifiedOperation> shuffled() {
    std::vector<VerifiedOperation> out;
    std::vector<const VerifiedOperation*> rest;
    for (const auto& operation : made_) rest.push_back(&operation);
    std::set<OperationHash> taken;
    while (!rest.empty()) {
      std::vector<std::size_t> ready;
      for (std::size_t i = 0; i < rest.size(); ++i) {
        const auto& parents = rest[i]->operation().parents;
        if (std::ranges::all_of(parents, [&](const auto& parent) { return taken.contains(parent); })) {
          ready.push_back(i);
        }
      }
      const std::size_t next = ready[below(ready.size())];
      out.push_back(*rest[next]);
      taken.insert(rest[next]->hash());
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(next));
    }
    return out;
  }

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

 private:
  Author somebody() {
    Author out = person(static_cast<std::uint16_t>(1 + below(kPeople)), static_cast<std::uint8_t>(below(2)));
    out.manifest_version = 1 + below(3);
    return out;
  }

  /// Mostly one who may do something here.
  Author somebody_able(const History& here) {
    for (int tries = 0; tries < 4; ++tries) {
      const Author out = somebody();
      if (testing::role_of(here, out).value_or(Role::member) > Role::member) return out;
    }
    return somebody();
  }

  Act something(const History& here, const Author& author) {
    const Author other = somebody();
    const auto role = static_cast<Role>(1 + below(3));
    switch (below(15)) {
      case 0: return Add{{other.member()}};
      case 1:
      case 2: return Remove{{other.account}};
      case 3:
      case 4: return SetRole{other.account, role};
      case 5: return Rename{{static_cast<std::uint8_t>(below(256))}};
      case 6: return SetLink{LinkSecret{static_cast<std::uint8_t>(below(256))}};
      case 7: {
        const auto& link = here.state().link;
        const OperationHash hash = link ? link->operation : OperationHash{};
        if (below(2) == 0) return Refuse{other.account, hash};
        return Approve{other.member(), hash};
      }
      case 8: return Leave{};
      case 9: {
        const std::uint16_t own = author.account.view()[1];
        const bool first = author.device_key == person(own).device_key;
        return DevicesLeft{{person(own, first ? 1 : 0).device_key}};
      }
      case 10:
      case 11: return Set{Setting::guests, std::min<std::size_t>(below(4), 1)};
      case 12:
      case 13: return AddGuest{guest(below(kGuests)), {static_cast<std::uint8_t>(below(256))}};
      default: return RemoveGuest{guest(below(kGuests))};
    }
  }

  void do_something(History& here) {
    const Author author = somebody_able(here);
    auto parents = here.heads();
    if (hostile_ && below(2) == 0) parents = {made_[below(made_.size())].hash()};
    if (!std::ranges::all_of(parents, [&](const auto& parent) { return here.contains(parent); })) return;
    const auto operation = operation_on(here.id(), parents, author, something(here, author), below(1000));
    const auto admitted = here.admit(operation);
    if (!admitted) {
      refused_.push_back(operation);
    } else if (*admitted &&
               std::ranges::find(made_, operation.hash(), &VerifiedOperation::hash) == made_.end()) {
      made_.push_back(operation);
    }
  }

  /// All that another knows.
  void hear(History& here) {
    const History& other = replicas_[below(replicas_.size())];
    for (const OperationHash& hash : other.missing_after(here.heads())) {
      const auto admitted = here.admit(*std::ranges::find(made_, hash, &VerifiedOperation::hash));
      ASSERT_TRUE(admitted) << describe(admitted.error());
    }
  }

  std::mt19937_64 random_;
  bool hostile_;
  VerifiedOperation create_;
  std::array<History, 3> replicas_{History::begin(create_).value(), History::begin(create_).value(),
                                   History::begin(create_).value()};
  std::vector<VerifiedOperation> made_;
  std::vector<VerifiedOperation> refused_;
};

/// Takes all of it; the first is the beginning.
History taken(const std::vector<VerifiedOperation>& order) {
  History out = History::begin(order.front()).value();
  for (const VerifiedOperation& operation : order) {
    const auto admitted = out.admit(operation);
    EXPECT_TRUE(admitted) << describe(admitted.error());
  }
  return out;
}

void expect_same(const History& a, const History& b, const std::vector<VerifiedOperation>& made) {
  ASSERT_EQ(a.size(), b.size());
  ASSERT_EQ(a.heads(), b.heads());
  for (const auto& operation : made) ASSERT_EQ(a.stands(operation.hash()), b.stands(operation.hash()));
  ASSERT_EQ(a.state(), b.state());
  ASSERT_EQ(hash_of(a.state().roster), hash_of(b.state().roster));
}

void converges(std::uint64_t seed, bool hostile) {
  Society society(seed, hostile);
  society.live(60);
  const History one = taken(society.shuffled());
  for (int i = 0; i < 3; ++i) expect_same(one, taken(society.shuffled()), society.made());
  for (const auto& operation : society.refused()) {
    if (one.contains(operation.hash()))
      continue;  // somebody else did the same thing at a place where it is allowed
    History again = one;
    const auto admitted = again.admit(operation);
    ASSERT_FALSE(admitted) << "refused by one, taken by another";
  }
}

TEST(GroupConvergence, TheseHistoriesAreLively) {
  std::size_t made = 0;
  std::size_t undone = 0;
  std::size_t refused = 0;
  std::size_t guests = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Society society(seed, true);
    society.live(60);
    const History history = taken(society.shuffled());
    made += society.made().size();
    refused += society.refused().size();
    guests += history.state().guests.size();
    for (const auto& operation : society.made()) undone += history.stands(operation.hash()) ? 0U : 1U;
  }
  EXPECT_GT(made, 400U);
  EXPECT_GT(refused, 300U);
  EXPECT_GT(undone, made / 10);
  EXPECT_GT(guests, 5U);
}

TEST(GroupConvergence, HonestMembersSeeTheSameWhateverTheOrder) {
  rc::check([](std::uint64_t seed) { converges(seed, false); });
}

TEST(GroupConvergence, HostileMembersDoNotPartTheOthers) {
  rc::check([](std::uint64_t seed) { converges(seed, true); });
}

TEST(GroupConvergence, EveryOrderOfAFewOperationsGivesTheSame) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Society society(seed, true);
    while (society.made().size() < 7) society.live(1);
    std::vector<VerifiedOperation> order(society.made().begin() + 1, society.made().end());
    const auto by_hash = [](const auto& a, const auto& b) { return a.hash() < b.hash(); };
    std::ranges::sort(order, by_hash);
    std::optional<History> first;
    std::size_t possible = 0;
    do {
      History history = History::begin(society.made().front()).value();
      const bool all_taken = std::ranges::all_of(order, [&](const auto& operation) {
        return std::ranges::all_of(operation.operation().parents,
                                   [&](const auto& parent) { return history.contains(parent); }) &&
               history.admit(operation).has_value();
      });
      if (!all_taken) continue;
      ++possible;
      if (!first) first = history;
      expect_same(*first, history, society.made());
    } while (std::ranges::next_permutation(order, by_hash).found);
    EXPECT_GT(possible, 0U) << seed;
  }
}

TEST(GroupConvergence, TheRulesWrittenASecondTimeSayTheSame) {
  rc::check([](std::uint64_t seed) {
    Society society(seed, true);
    society.live(40);
    const History history = taken(society.shuffled());
    NaiveModel model;
    for (const auto& operation : society.made()) model.add(operation.hash(), operation.operation());
    const auto standing = model.standing(model.all());
    for (const auto& operation : society.made()) {
      ASSERT_EQ(history.stands(operation.hash()), standing.contains(operation.hash()))
          << operation.operation().act.index();
    }
    for (std::uint16_t number = 1; number <= kPeople; ++number) {
      ASSERT_EQ(testing::role_of(history, person(number)), model.role(person(number).account, standing));
    }
    ASSERT_EQ(history.state().guests_allowed, model.lets_guests_in(standing));
    for (std::size_t number = 0; number < kGuests; ++number) {
      const Guest* found = history.state().find_guest(guest(number));
      const auto sponsor = found == nullptr ? std::nullopt : std::optional(found->sponsor.account);
      ASSERT_EQ(sponsor, model.sponsor(guest(number), standing));
    }
  });
}

TEST(GroupConvergence, WhoeverKnowsLessSeesWhatItWouldSeeAlone) {
  rc::check([](std::uint64_t seed) {
    Society society(seed, true);
    society.live(50);
    const History everything = taken(society.shuffled());
    for (const History& replica : society.replicas()) {
      ASSERT_EQ(everything.state_at(replica.heads()).value(), replica.state());
    }
  });
}

TEST(GroupConvergence, NothingOfTheRemovedStandsBesideTheirRemoval) {
  rc::check([](std::uint64_t seed) {
    Society society(seed, false);
    society.live(60);
    const History history = taken(society.shuffled());
    NaiveModel model;
    for (const auto& operation : society.made()) model.add(operation.hash(), operation.operation());
    for (const auto& removal : society.made()) {
      if (!history.stands(removal.hash())) continue;
      for (const auto& other : society.made()) {
        if (!model.attacks(removal.hash(), other.hash()) || !history.stands(other.hash())) continue;
        // Only where each undoes the other, by a detour at least, can it be otherwise.
        ASSERT_TRUE(model.undoes_by_detour(other.hash(), removal.hash()));
      }
    }
  });
}

}  // namespace
}  // namespace sotto::groups
