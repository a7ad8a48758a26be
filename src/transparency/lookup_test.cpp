#include "transparency/lookup.h"

#include <gtest/gtest.h>

#include <functional>

#include "sotto/v1/transparency.pb.h"
#include "transparency/limits.h"
#include "transparency/test_log.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::transparency {
namespace {

using testing::account;
using testing::kNow;
using testing::TestKeys;
using testing::TestLog;

class Lookup : public ::testing::Test {
 protected:
  Lookup() {
    for (std::uint8_t i = 1; i <= 9; ++i) {
      log.set(Label::handle("user" + std::to_string(i)), handle_value(account(i)));
      log.set(Label::account(account(i)),
              AccountBinding{crypto::Fingerprint::from_octets({i}), {i}}.encoded());
      log.close(kNow);
    }
    log.set(Label::handle("user9"), handle_value(std::nullopt));
    log.close(kNow);
  }

  TransparencyResult<std::vector<LabelState>> verify(const LookupAnswer& answer,
                                                     const std::vector<Question>& asked) const {
    return verify_labels(keys.vrf.public_key(), answer, asked);
  }
  [[nodiscard]] LookupAnswer answer(const std::vector<Label>& labels) const {
    return log.answer(labels, 0, kNow);
  }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  TestLog log{keys, random};
  Label alice = Label::handle("user1");
  Label alice_account = Label::account(account(1));
  Label nobody = Label::handle("nobody");
};

TEST_F(Lookup, SaysValueAndVersionOfWhatIsPresentAndNothingOfWhatIsNot) {
  const auto states = verify(answer({alice, alice_account, nobody, Label::handle("user9")}),
                             {{alice}, {alice_account}, {nobody}, {Label::handle("user9")}});
  ASSERT_TRUE(states);
  EXPECT_EQ(parse_handle_value((*states)[0].value).value(), account(1));
  EXPECT_EQ((*states)[0].version, 1U);
  EXPECT_EQ(AccountBinding::parse((*states)[1].value)->manifest[0], 1);
  EXPECT_FALSE((*states)[2].present());
  EXPECT_EQ((*states)[3].version, 2U);
  EXPECT_EQ(parse_handle_value((*states)[3].value).value(), std::nullopt);
}

TEST_F(Lookup, WithAPinNeedsNoCurveArithmeticButTheSameMapKey) {
  const auto first = verify(answer({alice}), {{alice}});
  ASSERT_TRUE(first);
  EXPECT_TRUE(verify(answer({alice}), {{alice, (*first)[0]}}));
  EXPECT_EQ(verify(answer({nobody}), {{alice, (*first)[0]}}).error(), TransparencyError::bad_vrf_proof);
}

TEST_F(Lookup, RefusesTheAnswerToAnotherQuestion) {
  EXPECT_EQ(verify(answer({alice}), {{nobody}}).error(), TransparencyError::bad_vrf_proof);
  EXPECT_EQ(verify(answer({alice}), {{alice}, {nobody}}).error(), TransparencyError::malformed);
  EXPECT_EQ(verify(answer({alice, nobody}), {{alice}}).error(), TransparencyError::malformed);
  EXPECT_EQ(verify(answer({}), {}).error(), TransparencyError::malformed);
  const std::vector<Question> many(kMaxLabels + 1, {alice});
  EXPECT_EQ(verify(answer(std::vector<Label>(kMaxLabels + 1, alice)), many).error(),
            TransparencyError::malformed);
}

TEST_F(Lookup, RefusesAnotherValueNonceOrAnOpeningOfNothing) {
  LookupAnswer lie = answer({alice});
  lie.labels[0].opening.value[3] ^= 1;
  EXPECT_EQ(verify(lie, {{alice}}).error(), TransparencyError::bad_opening);
  lie = answer({alice});
  lie.labels[0].opening.nonce[3] ^= 1;
  EXPECT_EQ(verify(lie, {{alice}}).error(), TransparencyError::bad_opening);
  lie = answer({nobody});
  lie.labels[0].opening.value = {1};
  EXPECT_EQ(verify(lie, {{nobody}}).error(), TransparencyError::malformed);
}

TEST_F(Lookup, RefusesTwoLabelsUnderDifferentRoots) {
  LookupAnswer mixed = answer({alice, nobody});
  log.set(nobody, handle_value(account(7)));
  mixed.labels[1] = log.prove(nobody);
  EXPECT_EQ(verify(mixed, {{alice}, {nobody}}).error(), TransparencyError::bad_map_proof);
}

// An older entry is in the tree as well, and would prove a device that was revoked since.
TEST_F(Lookup, RefusesAnEntryThatIsNotTheLast) {
  LookupAnswer old = answer({alice});
  const std::size_t size = log.tree.size();
  log.set(alice, handle_value(account(2)));
  log.close(kNow);
  old.head = log.head(kNow);
  for (const auto& path : {log.tree.inclusion(size - 1, size + 1), log.tree.inclusion(size, size + 1)}) {
    old.entry.path = path;
    EXPECT_EQ(verify(old, {{alice}}).error(), TransparencyError::not_last_entry);
  }
  EXPECT_TRUE(verify(answer({alice}), {{alice}}));
}

TEST_F(Lookup, RefusesWhatContradictsThePin) {
  const LabelState before = verify(answer({alice}), {{alice}}).value()[0];
  LabelState pin = before;
  pin.version = 2;
  EXPECT_EQ(verify(answer({alice}), {{alice, pin}}).error(), TransparencyError::version_went_back);
  pin = before;
  pin.leaf[0] ^= 1;
  EXPECT_EQ(verify(answer({alice}), {{alice, pin}}).error(), TransparencyError::value_replaced);
  log.forget(alice);
  log.close(kNow);
  EXPECT_EQ(verify(answer({alice}), {{alice, before}}).error(), TransparencyError::label_vanished);
}

TEST_F(Lookup, APinOfAnAbsentLabelAllowsItToAppear) {
  const LabelState absent = verify(answer({nobody}), {{nobody}}).value()[0];
  EXPECT_TRUE(verify(answer({nobody}), {{nobody, absent}}));
  log.set(nobody, handle_value(account(7)));
  log.close(kNow);
  EXPECT_EQ(verify(answer({nobody}), {{nobody, absent}}).value()[0].version, 1U);
}

/// c and s of a VRF proof do not enter the map key: with a pin they are not looked at.
bool only_vrf_tails_differ(LookupAnswer got, const LookupAnswer& sent) {
  if (got.labels.size() != sent.labels.size()) return false;
  for (std::size_t i = 0; i < got.labels.size(); ++i) {
    if (crypto::vrf_output(got.labels[i].vrf) != crypto::vrf_output(sent.labels[i].vrf)) return false;
    got.labels[i].vrf = sent.labels[i].vrf;
  }
  return got == sent;
}

class LookupWire : public Lookup {
 protected:
  [[nodiscard]] Bytes octets(const LookupAnswer& from) const {
    v1::LookupAnswer message;
    to_wire(from, message);
    return wire::encode(message);
  }
  static TransparencyResult<LookupAnswer> read(ByteView from) {
    v1::LookupAnswer message;
    if (!wire::decode(from, wire::kMaxFrameBytes, message)) return err(TransparencyError::malformed);
    return from_wire(message);
  }
};

TEST_F(LookupWire, ComesBackFromItsMessage) {
  LookupAnswer sent = log.answer({alice, alice_account, nobody}, 3, kNow);
  sent.head.cosignatures.push_back(cosign(sent.head.head, keys.identity, random));
  EXPECT_EQ(read(octets(sent)), sent);
}

TEST_F(LookupWire, IsRefusedWhenCutAtAnyLength) {
  const LookupAnswer sent = answer({alice, nobody});
  const Bytes whole = octets(sent);
  const std::vector<LabelState> pins = verify(sent, {{alice}, {nobody}}).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = read(ByteView(whole).first(size));
    if (cut) EXPECT_FALSE(verify(*cut, {{alice, pins[0]}, {nobody, pins[1]}})) << size;
  }
}

// The head is signed, so its bits are the signature's matter (tree_head_test.cpp); everything else hangs on
// the head's root. With pins no bit costs a VRF verification; that all bits of a VRF proof count is
// vrf_test.cpp's.
TEST_F(LookupWire, NoFlippedBitOfAnyProofIsAccepted) {
  const LookupAnswer sent = answer({alice, nobody});
  const std::vector<LabelState> pins = verify(sent, {{alice}, {nobody}}).value();
  v1::LookupAnswer message;
  to_wire(sent, message);
  message.clear_head();
  Bytes rest = wire::encode(message);
  for (std::size_t bit = 0; bit < rest.size() * 8; ++bit) {
    rest[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    v1::LookupAnswer flipped;
    if (wire::decode(rest, wire::kMaxFrameBytes, flipped)) {
      to_wire(sent.head, *flipped.mutable_head());
      const auto got = from_wire(flipped);
      if (got && !only_vrf_tails_differ(*got, sent)) {
        EXPECT_FALSE(verify(*got, {{alice, pins[0]}, {nobody, pins[1]}})) << "bit " << bit;
      }
    }
    rest[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST_F(LookupWire, RefusesEveryFieldOfAnotherLength) {
  v1::LookupAnswer good;
  to_wire(answer({alice, nobody}), good);
  const std::vector<std::function<void(v1::LookupAnswer&)>> mistakes = {
      [](auto& m) { m.mutable_head()->mutable_head()->pop_back(); },
      [](auto& m) { m.mutable_head()->mutable_signature()->push_back('x'); },
      [](auto& m) { m.mutable_head()->add_cosignatures(); },
      [](auto& m) { m.mutable_consistency()->push_back('x'); },
      [](auto& m) { m.set_consistency(std::string((kMaxConsistencyPath + 1) * 32, 'x')); },
      [](auto& m) { m.mutable_entry()->mutable_mutations()->pop_back(); },
      [](auto& m) { m.mutable_entry()->set_path(std::string((kMaxInclusionPath + 1) * 32, 'x')); },
      [](auto& m) { m.clear_labels(); },
      [](auto& m) {
        while (m.labels_size() <= static_cast<int>(kMaxLabels)) *m.add_labels() = m.labels(0);
      },
      [](auto& m) { m.mutable_labels(0)->mutable_vrf_proof()->pop_back(); },
      [](auto& m) { m.mutable_labels(0)->mutable_nonce()->pop_back(); },
      [](auto& m) { m.mutable_labels(0)->set_value(std::string(kMaxValue + 1, 'x')); },
      [](auto& m) { m.mutable_labels(0)->mutable_map()->set_path(std::string((kMaxMapPath + 1) * 32, 'x')); },
      [](auto& m) { m.mutable_labels(0)->mutable_map()->set_commitment(std::string(32, 'x')); },
      [](auto& m) { m.mutable_labels(0)->mutable_map()->mutable_other(); },
      [](auto& m) { m.mutable_labels(1)->set_nonce("x"); },
      [](auto& m) { m.mutable_labels(1)->set_value("x"); },
      [](auto& m) { m.mutable_labels(1)->mutable_map()->mutable_other()->set_map_key("x"); },
  };
  EXPECT_TRUE(from_wire(good));
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    v1::LookupAnswer bad = good;
    mistakes[i](bad);
    EXPECT_EQ(from_wire(bad).error(), TransparencyError::malformed) << "mistake " << i;
  }
}

}  // namespace
}  // namespace sotto::transparency
