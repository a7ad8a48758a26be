// Linking by code or QR code through a server that guesses, alters and lies, and among people who have the
// password, the account key or patience (docs/specs/hostile-actors.md, linking.md 7).
#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/devices/link_attempts.h"
#include "client/devices/own_devices.h"
#include "client/notices/notices.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "linking/limits.h"
#include "linking/link_qr.h"
#include "sotto/v1/linking.pb.h"
#include "stage.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using client::OfferKind;
using Texts = std::vector<std::string>;
using Progress = v1::LinkProgress;

class HostileLink : public ::testing::Test {
 protected:
  /// Nothing here stretches passwords: what the server checks is the authenticator.
  static constexpr identity::Authenticator kPassword{7};
  static constexpr identity::Authenticator kWrongPassword{8};

  void set_password(Person& person, const std::optional<identity::Authenticator>& authenticator = kPassword) {
    std::optional<client::NewPassword> password;
    if (authenticator) {
      password = client::NewPassword{.salt = person.random().array<16>(),
                                     .cost = identity::kPasswordCost,
                                     .authenticator = *authenticator};
    }
    EXPECT_TRUE(
        stage.command(person, [&](client::Core& core) { return core.change_password(password, stage.now); }));
    stage.settle();
    EXPECT_TRUE(person.core().password_changed());
  }
  static std::vector<Progress> progress(const Person& person) {
    std::vector<Progress> out;
    for (const auto& event : person.events) {
      if (event.has_link()) out.push_back(event.link());
    }
    return out;
  }
  /// The newest of a stage; empty if there was none.
  static Progress newest(const Person& person, Progress::Stage of) {
    Progress found;
    for (const Progress& each : progress(person)) {
      if (each.stage() == of) found = each;
    }
    return found;
  }
  static bool came_to(const Person& person, Progress::Stage of) { return newest(person, of).stage() == of; }
  static std::string failure(const Person& person) { return newest(person, Progress::FAILED).failure(); }
  static Texts notices(Person& person) {
    Texts out;
    for (const auto& [row, notice] : client::unshown_notices(person.database())) {
      out.push_back(v1::Notice::Kind_Name(notice.kind()) + " " + notice.detail());
    }
    return out;
  }
  static bool noticed(Person& person, std::string_view words) {
    const auto all = notices(person);
    return std::ranges::any_of(all, [&](const auto& each) { return each.find(words) != std::string::npos; });
  }

  /// What the trusted device shows: a code, or the text of a QR code.
  std::string offer(Person& trusted, OfferKind kind = OfferKind::code) {
    trusted.events.clear();
    const auto before =
        std::exchange(stage.op.to_server, [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
          if (&from == &trusted && frame.has_open_link()) offered_name = frame.open_link().link();
          return {std::move(frame)};
        });
    const auto offered =
        stage.command(trusted, [&](client::Core& core) { return core.offer_link(kind, stage.now); });
    EXPECT_TRUE(offered) << (offered ? "" : client::describe(offered.error()));
    stage.settle();
    stage.op.to_server = before;
    const auto shown = newest(trusted, Progress::OFFERED);
    return kind == OfferKind::code ? shown.code() : shown.qr();
  }
  static std::string wrong(std::string code) {
    code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
    return code;
  }
  /// Types the code and the password into a device that waits.
  void type(Person& device, const std::string& code, const identity::Authenticator& password = kPassword) {
    device.events.clear();
    const auto begun = stage.command(
        device, [&](client::Core& core) { return core.join_by_code("alice", code, stage.now); });
    EXPECT_TRUE(begun) << (begun ? "" : client::describe(begun.error()));
    stage.connect(device);
    stage.settle();
    if (device.core().password_challenge() == nullptr) return;
    EXPECT_TRUE(stage.command(device, [&](client::Core& core) { return core.sign_in(password, stage.now); }));
    stage.settle();
  }
  void scan(Person& device, const std::string& text) {
    device.events.clear();
    EXPECT_TRUE(stage.command(device, [&](client::Core& core) { return core.join_by_qr(text, stage.now); }));
    stage.connect(device);
    stage.settle();
  }
  static std::size_t devices_of(Person& person) {
    return client::load_manifest(person.database(), person.address().account)->manifest().devices.size();
  }

  /// What the server sees an offer called; without knowing anything else of it.
  std::string offered_name;

  /// The two devices are one account's, and so everybody else sees it.
  void expect_one_account(Person& second) {
    stage.pass(seconds(5));
    ASSERT_TRUE(second.core().signed_in()) << failure(second) << failure(alice);
    EXPECT_EQ(devices_of(second), devices_of(alice));
    const std::string text = "to both " + std::to_string(++spoken);
    stage.write(bob, "alice", text);
    stage.settle();
    EXPECT_EQ(alice.texts("bob").back(), text);
    EXPECT_EQ(second.texts("bob").back(), text);
    stage.write(second, "bob", text);
    stage.settle();
    EXPECT_EQ(bob.texts("alice").back(), text);
    EXPECT_EQ(bob.texts("alice").size(), alice.texts("bob").size());
  }
  static bool flip(bool applies, std::string& octets) {
    if (applies) octets[octets.size() / 2] = static_cast<char>(octets[octets.size() / 2] ^ 1);
    return applies;
  }
  static v1::ServerFrame message_event(const linking::LinkMessage& message) {
    v1::ServerFrame frame;
    frame.mutable_link_event()->set_message(wire::field(linking::encode(message)));
    return frame;
  }
  /// Alice takes a device out of the account.
  void remove(Person& device) {
    auto& random = stage.random();
    const auto own = *client::load_manifest(alice.database(), alice.address().account);
    auto draft = identity::draft_successor(own, alice.address().device, stage.now);
    EXPECT_TRUE(identity::remove_device(draft, device.address().device));
    const auto& self = alice.self();
    v1::ClientFrame frame;
    identity::to_wire(identity::sign_manifest(draft, *self.account, self.device, random),
                      *frame.mutable_publish_manifest()->mutable_manifest());
    EXPECT_TRUE(stage.ask(alice, frame).has_manifest_published());
    stage.settle();
  }

  /// A program of Mallory's own on a stranger's connection.
  struct Impostor {
    Impostor(HostileLink& test, const std::string& name)
        : test_(test),
          person(test.stage.add_waiting(name)),
          identity(identity::DeviceIdentity::generate(person.random())) {
      test.stage.connect(person);
      test.stage.settle();
      test.stage.op.to_device = [this](Person& to, v1::ServerFrame frame) -> ServerFrames {
        if (&to != &person || !frame.link_event().has_message()) return {std::move(frame)};
        auto message = linking::decode_link_message(wire::octets(frame.link_event().message())).value();
        replies += std::holds_alternative<linking::LinkReply>(message) ? 1 : 0;
        inbox.push_back(std::move(message));
        return {};
      };
    }
    ~Impostor() { test_.stage.op = {}; }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;

    bool sign_in(const identity::Authenticator& authenticator) {
      v1::ClientFrame frame;
      frame.mutable_sign_in()->set_handle("alice");
      frame.mutable_sign_in()->set_authenticator(wire::field(authenticator));
      const bool in = test_.stage.ask(person, frame).has_signed_in();
      test_.stage.settle();
      return in;
    }
    void join(const std::string& name) {
      v1::ClientFrame frame;
      frame.mutable_join_link()->set_link(name);
      EXPECT_TRUE(test_.stage.ask(person, frame).has_link_joined());
      test_.stage.settle();
    }
    void say(const linking::LinkMessage& message) {
      v1::ClientFrame frame;
      frame.mutable_send_link()->set_message(wire::field(linking::encode(message)));
      test_.stage.ask(person, frame);
      test_.stage.settle();
    }
    template <typename Message>
    [[nodiscard]] const Message* heard() const {
      return inbox.empty() ? nullptr : std::get_if<Message>(&inbox.back());
    }
    identity::VerifiedManifest newest() {
      v1::ClientFrame frame;
      frame.mutable_fetch_manifests()->set_account(wire::field(test_.alice.address().account.view()));
      frame.mutable_fetch_manifests()->set_from_version(1);
      const auto page = test_.stage.ask(person, frame).manifests();
      auto chain = *identity::verify_first(*identity::from_wire(page.manifests(0)));
      for (int i = 1; i < page.manifests_size(); ++i) {
        chain = *identity::verify_successor(chain, *identity::from_wire(page.manifests(i)));
      }
      return chain;
    }
    /// A whole run up to the confirmation, with a guess for the code.
    void guess(const std::string& code) {
      inbox.clear();
      auto started = linking::NewDeviceStarted::with_code(identity, test_.alice.address().account,
                                                          *linking::LinkCode::parse(code), {},
                                                          test_.stage.now, person.random())
                         .value();
      say(started.hello());
      const auto* reply = heard<linking::LinkReply>();
      if (reply == nullptr) return;
      auto replied = std::move(started).reply(*reply, test_.stage.now).value();
      auto confirming =
          std::move(replied).confirm(newest(), "Mallory", {}, test_.stage.now, person.random()).value();
      say(confirming.confirm());
    }

    HostileLink& test_;
    Person& person;
    identity::DeviceIdentity identity;
    std::vector<linking::LinkMessage> inbox;
    int replies = 0;
  };

  int spoken = 0;
  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
};

TEST_F(HostileLink, ThatBehavesLetsADeviceInByCode) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  const std::string code = offer(alice);
  ASSERT_EQ(code.size(), 7U);
  type(tablet, code);
  EXPECT_TRUE(came_to(tablet, Progress::LINKED)) << failure(tablet) << failure(alice);
  EXPECT_EQ(newest(alice, Progress::LINKED).name(), "tablet");
  EXPECT_EQ(newest(alice, Progress::JOINED).address(), "192.0.2.1");
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatBehavesLetsADeviceInByQrCodeWithoutAPassword) {
  Person& tablet = stage.add_waiting("tablet");
  scan(tablet, offer(alice, OfferKind::qr));
  EXPECT_TRUE(came_to(tablet, Progress::LINKED)) << failure(tablet) << failure(alice);
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatBehavesShowsEveryAttemptOnEveryDevice) {
  set_password(alice);
  Person& desk = stage.link(alice, "desk");
  Person& tablet = stage.add_waiting("tablet");
  type(tablet, wrong(offer(alice)));
  EXPECT_EQ(failure(tablet), linking::describe(linking::LinkingError::not_confirmed));
  EXPECT_EQ(failure(alice), linking::describe(linking::LinkingError::not_confirmed));
  EXPECT_TRUE(noticed(desk, "LINK_ATTEMPT somebody answers"));
  EXPECT_TRUE(noticed(desk, "failed"));
  EXPECT_TRUE(noticed(desk, "SIGNED_IN"));
  EXPECT_TRUE(noticed(alice, "SIGNED_IN"));
  type(tablet, offer(alice));
  EXPECT_TRUE(came_to(tablet, Progress::LINKED)) << failure(tablet);
  stage.pass(seconds(5));
  EXPECT_TRUE(noticed(desk, "linked a device named \"tablet\""));
  EXPECT_EQ(devices_of(desk), 3U);
  EXPECT_TRUE(noticed(tablet, "SIGNED_IN"));
}

TEST_F(HostileLink, ThatGuessesTheCodeHasOneGuessARunAndThreeADay) {
  Person& desk = stage.link(alice, "desk");
  Person& tablet = stage.add_waiting("tablet");
  for (int i = 0; i < 3; ++i) {
    const std::string code = offer(alice);
    Impostor mallory(*this, "guesser " + std::to_string(i));
    // The server lets itself in: it needs no password, and knows which offer is whose.
    mallory.join(offered_name);
    mallory.guess(wrong(code));
    EXPECT_EQ(failure(alice), linking::describe(linking::LinkingError::not_confirmed));
    // The same run takes no second guess, and the code no second run.
    mallory.guess(code);
    EXPECT_FALSE(mallory.heard<linking::LinkAccept>());
    EXPECT_EQ(mallory.replies, 1);
  }
  EXPECT_EQ(newest(alice, Progress::PAUSED).until_ms(), (stage.now + linking::kPause).value);
  EXPECT_TRUE(noticed(desk, "LINKING_PAUSED three attempts"));
  const auto refused =
      stage.command(alice, [&](client::Core& core) { return core.offer_link(OfferKind::qr, stage.now); });
  EXPECT_EQ(refused, err(client::LinkError::paused));
  alice.restart();  // forgets nothing
  stage.disconnect(alice);
  stage.connect(alice);
  stage.pass_in_steps(hours(24), hours(6));
  EXPECT_EQ(devices_of(alice), 2U);
  set_password(alice);
  type(tablet, offer(alice));
  EXPECT_TRUE(came_to(tablet, Progress::LINKED)) << failure(tablet);
}

TEST_F(HostileLink, ThatPlaysTheTrustedDeviceHasOneGuessToo) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  const linking::TrustedParty party{alice.address().account,
                                    alice.self().account->key.public_key().fingerprint(),
                                    alice.self().device.key.public_key().fingerprint()};
  std::optional<linking::TrustedAnswered> answered;
  std::string shown;
  // Nothing that the tablet says reaches Alice; the server answers, with a guess at the code.
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from != &tablet || !frame.has_send_link()) return {std::move(frame)};
    const auto message = linking::decode_link_message(wire::octets(frame.send_link().message())).value();
    if (const auto* hello = std::get_if<linking::LinkHello>(&message)) {
      auto guessed =
          linking::TrustedOffer::with_code(party, *linking::LinkCode::parse(wrong(shown)), {}, stage.now)
              .value();
      answered = std::move(guessed).answer(*hello, stage.now, stage.random()).value();
      stage.inject_later(tablet, message_event(answered->reply()));
    } else if (const auto* confirm = std::get_if<linking::LinkConfirm>(&message)) {
      EXPECT_FALSE(std::move(*answered).confirm(*confirm, stage.now));
      stage.inject_later(tablet, message_event(linking::LinkAccept{}));
    }
    return {};
  };
  for (int i = 0; i < 3; ++i) {
    shown = offer(alice);
    type(tablet, shown);
    EXPECT_EQ(failure(tablet), linking::describe(linking::LinkingError::not_confirmed));
  }
  EXPECT_TRUE(came_to(tablet, Progress::PAUSED));
  const auto refused = stage.command(
      tablet, [&](client::Core& core) { return core.join_by_code("alice", "123456", stage.now); });
  EXPECT_EQ(refused, err(client::LinkError::paused));
  stage.op = {};
  stage.pass_in_steps(hours(24), hours(6));
  type(tablet, offer(alice));
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatSwapsOrAltersAMessageEndsTheRunAndAddsNobody) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  // Each message of the run once: a bit of every kind of field.
  const std::vector<std::function<bool(v1::LinkMessage&)>> lies{
      [](v1::LinkMessage& m) { return flip(m.has_hello(), *m.mutable_hello()->mutable_share()); },
      [](v1::LinkMessage& m) { return flip(m.has_hello(), *m.mutable_hello()->mutable_encapsulation_key()); },
      [](v1::LinkMessage& m) {
        return flip(m.has_hello(), *m.mutable_hello()->mutable_device_fingerprint());
      },
      [](v1::LinkMessage& m) { return flip(m.has_reply(), *m.mutable_reply()->mutable_share()); },
      [](v1::LinkMessage& m) { return flip(m.has_reply(), *m.mutable_reply()->mutable_ciphertext()); },
      [](v1::LinkMessage& m) {
        return flip(m.has_reply(), *m.mutable_reply()->mutable_device_fingerprint());
      },
      [](v1::LinkMessage& m) { return flip(m.has_confirm(), *m.mutable_confirm()->mutable_mac()); },
      [](v1::LinkMessage& m) { return flip(m.has_confirm(), *m.mutable_confirm()->mutable_sealed_device()); },
      [](v1::LinkMessage& m) { return flip(m.has_accept(), *m.mutable_accept()->mutable_mac()); },
      [](v1::LinkMessage& m) {
        const bool reply = m.has_reply();
        if (reply) m.mutable_accept()->set_mac(std::string(48, 'x'));
        return reply;
      },
  };
  for (const auto& lie : lies) {
    bool lied = false;
    stage.op.to_server = [&](Person&, v1::ClientFrame frame) -> ClientFrames {
      v1::LinkMessage message;
      if (!frame.has_send_link() || !message.ParseFromString(frame.send_link().message()))
        return {std::move(frame)};
      v1::LinkMessage copy = message;
      if (lie(copy)) {
        lied = true;
        frame.mutable_send_link()->set_message(copy.SerializeAsString());
      }
      return {std::move(frame)};
    };
    const std::string code = offer(alice);
    type(tablet, code);
    EXPECT_TRUE(lied);
    EXPECT_FALSE(came_to(tablet, Progress::LINKED));
    EXPECT_TRUE(came_to(tablet, Progress::FAILED));
    stage.op = {};
    stage.pass_in_steps(days(1), hours(8));  // no three in a day
  }
  EXPECT_LE(devices_of(alice), 2U);  // the altered accept came after Alice had confirmed
  type(tablet, offer(alice));
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatReplaysARunOrInventsEventsGetsNothing) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  std::vector<v1::ServerFrame> recorded;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &alice && frame.has_link_event()) recorded.push_back(frame);
    return {std::move(frame)};
  };
  type(tablet, offer(alice));
  expect_one_account(tablet);
  stage.op = {};
  for (const auto& frame : recorded) stage.inject(alice, frame);  // nothing is offered
  offer(alice);
  for (auto frame : recorded) {
    stage.inject(alice, frame);  // of another link
    frame.mutable_link_event()->set_link(offered_name);
    stage.inject(alice, frame);
  }
  stage.settle();
  EXPECT_FALSE(came_to(alice, Progress::CONFIRMED));
  EXPECT_TRUE(came_to(alice, Progress::FAILED));
  EXPECT_EQ(devices_of(alice), 2U);
  for (const char* octets : {"", "x", "\x0a\x02"}) {
    offer(alice);
    v1::ServerFrame frame;
    frame.mutable_link_event()->set_link(offered_name);
    frame.mutable_link_event()->set_message(octets);
    stage.inject(alice, frame);
    EXPECT_TRUE(came_to(alice, Progress::FAILED));
  }
}

TEST_F(HostileLink, ThatShowsAnOldListOrAnotherAccountsHearsNothingMoreOfTheNewDevice) {
  set_password(alice);
  Person& desk = stage.link(alice, "desk");
  Person& tablet = stage.add_waiting("tablet");
  bool confirmed = false;
  const auto run = [&](Person& trusted, const std::function<void(v1::Manifests&)>& lie) {
    stage.op.to_device = [&, lie](Person& to, v1::ServerFrame frame) -> ServerFrames {
      if (&to == &tablet && frame.has_manifests()) lie(*frame.mutable_manifests());
      return {std::move(frame)};
    };
    stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
      v1::LinkMessage message;
      if (&from == &tablet && frame.has_send_link() && message.ParseFromString(frame.send_link().message())) {
        confirmed |= message.has_confirm();
      }
      return {std::move(frame)};
    };
    const std::string code = offer(trusted);
    type(tablet, code);
    EXPECT_FALSE(confirmed);
    stage.op = {};
    stage.pass_in_steps(days(1), hours(8));
    return failure(tablet);
  };
  // Version 1 does not list the desk, which shows the code.
  EXPECT_EQ(run(desk,
                [](v1::Manifests& page) {
                  page.mutable_manifests()->DeleteSubrange(1, page.manifests_size() - 1);
                }),
            linking::describe(linking::LinkingError::unknown_device));
  const auto bobs = client::load_manifest(bob.database(), bob.address().account)->signed_manifest();
  EXPECT_NE(run(alice, [&](v1::Manifests& page) { identity::to_wire(bobs, *page.mutable_manifests(0)); })
                .find("another account"),
            std::string::npos);
  EXPECT_NE(run(alice, [](v1::Manifests& page) { page.mutable_manifests()->DeleteSubrange(0, 1); })
                .find("does not hold"),
            std::string::npos);
  EXPECT_NE(run(alice, [](v1::Manifests& page) { page.clear_manifests(); }).find("does not hold"),
            std::string::npos);
  EXPECT_NE(
      run(alice,
          [](v1::Manifests& page) { (*page.mutable_manifests(0)->mutable_account_signature())[100] ^= 1; })
          .find("does not hold"),
      std::string::npos);
  type(tablet, offer(alice));
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatWithholdsTheGrantMakesTheDeviceLinkAgain) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    v1::LinkMessage message;
    const bool grant = &to == &tablet && frame.link_event().has_message() &&
                       message.ParseFromString(frame.link_event().message()) && message.has_grant();
    if (grant) return {};
    return {std::move(frame)};
  };
  type(tablet, offer(alice));
  EXPECT_TRUE(came_to(alice, Progress::LINKED));
  EXPECT_TRUE(came_to(tablet, Progress::CONFIRMED));
  EXPECT_TRUE(came_to(tablet, Progress::FAILED));
  EXPECT_EQ(devices_of(alice), 2U);  // listed, and without keys
  stage.op = {};
  type(tablet, offer(alice));
  EXPECT_EQ(devices_of(alice), 2U);
  expect_one_account(tablet);
}

TEST_F(HostileLink, ThatAsksForAnotherEffortAgainstGuessingIsRefused) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  const std::vector<std::function<void(v1::SignInChallenge&)>> lies{
      [](auto& challenge) { challenge.mutable_stretching()->set_memory_kib(8); },
      [](auto& challenge) { challenge.mutable_stretching()->set_passes(1); },
      [](auto& challenge) { challenge.mutable_stretching()->set_passes(1'000'000); },
      [](auto& challenge) { challenge.mutable_stretching()->set_memory_kib(~0U); },
      [](auto& challenge) { challenge.mutable_stretching()->set_lanes(0); },
      [](auto& challenge) { challenge.clear_stretching(); },
      [](auto& challenge) { challenge.set_salt("short"); },
  };
  const std::string code = offer(alice);
  for (const auto& lie : lies) {
    stage.op.to_device = [&](Person&, v1::ServerFrame frame) -> ServerFrames {
      if (frame.has_sign_in_challenge()) lie(*frame.mutable_sign_in_challenge());
      return {std::move(frame)};
    };
    type(tablet, code);
    EXPECT_EQ(failure(tablet), identity::describe(identity::PasswordError::cost_refused));
  }
  stage.op = {};
  type(tablet, code);  // nothing of it was used up
  expect_one_account(tablet);
}

TEST_F(HostileLink, OfAPasswordGetsNothingWithoutTheCode) {
  set_password(alice);
  Person& desk = stage.link(alice, "desk");
  stage.write(bob, "alice", "for Alice alone");
  stage.settle();
  Impostor mallory(*this, "mallory");
  EXPECT_TRUE(mallory.sign_in(kPassword));
  EXPECT_TRUE(noticed(alice, "SIGNED_IN somebody signed in"));
  EXPECT_TRUE(noticed(desk, "SIGNED_IN somebody signed in"));
  // What a guest is given: the public list, and nothing to join.
  EXPECT_EQ(mallory.newest().manifest().devices.size(), 2U);
  v1::ClientFrame join;
  join.mutable_join_link();
  EXPECT_EQ(stage.ask(mallory.person, join).error().code(), v1::Error::NO_SUCH_LINK);
  EXPECT_EQ(devices_of(alice), 2U);
}

TEST_F(HostileLink, OfAPasswordFloodsOffersUntilLinkingPausesAndEverybodyKnowsWhy) {
  set_password(alice);
  Person& desk = stage.link(alice, "desk");
  Person& tablet = stage.add_waiting("tablet");
  for (int i = 0; i < 3; ++i) {
    const std::string code = offer(alice);
    Impostor mallory(*this, "flooder " + std::to_string(i));
    EXPECT_TRUE(mallory.sign_in(kPassword));
    mallory.join({});
    mallory.guess(wrong(code));
    type(tablet, code);  // too late: the code is used up
    EXPECT_NE(failure(tablet).find("no device of the account shows a code"), std::string::npos);
  }
  EXPECT_TRUE(came_to(alice, Progress::PAUSED));
  EXPECT_TRUE(noticed(desk, "somebody knows your password"));
  // Another password shuts it out; another device, or files, link meanwhile.
  set_password(desk, kWrongPassword);
  Impostor mallory(*this, "flooder");
  EXPECT_FALSE(mallory.sign_in(kPassword));
  type(tablet, offer(desk), kWrongPassword);
  expect_one_account(tablet);
}

TEST_F(HostileLink, OfAPasswordGuessedAtIsLockedAndToldToTheDevices) {
  set_password(alice);
  for (int i = 0; i < 10; ++i) {
    Impostor mallory(*this, "guesser " + std::to_string(i));
    EXPECT_FALSE(mallory.sign_in(kWrongPassword));
  }
  EXPECT_TRUE(noticed(alice, "SIGN_IN_FAILED"));
  EXPECT_TRUE(noticed(alice, "SIGN_IN_LOCKED"));
  Impostor mallory(*this, "late");
  EXPECT_FALSE(mallory.sign_in(kPassword));
  // The owner links with a QR code meanwhile.
  Person& tablet = stage.add_waiting("tablet");
  scan(tablet, offer(alice, OfferKind::qr));
  expect_one_account(tablet);
}

TEST_F(HostileLink, OfARemovedDeviceNeitherComesBackNorLetsOthersIn) {
  set_password(alice);
  Person& stolen = stage.link(alice, "stolen");
  stage.chat(bob, alice, 1);
  const linking::TrustedParty thief{alice.address().account,
                                    stolen.self().account->key.public_key().fingerprint(),
                                    stolen.self().device.key.public_key().fingerprint()};
  remove(stolen);
  EXPECT_TRUE(stolen.told(v1::Problem::DEVICE_REVOKED));
  EXPECT_EQ(devices_of(alice), 1U);
  // It knows the password and has the account key: it is no device, so it opens no offer.
  Impostor back(*this, "back");
  EXPECT_TRUE(back.sign_in(kPassword));
  v1::ClientFrame open;
  open.mutable_open_link()->set_link(std::string(16, 'x'));
  EXPECT_EQ(stage.ask(back.person, open).error().code(), v1::Error::NOT_AUTHENTICATED);
  // Together with the server it answers a new device, which even typed the thief's code: the newest list does
  // not have it.
  Person& tablet = stage.add_waiting("tablet");
  std::optional<linking::TrustedAnswered> answered;
  bool confirmed = false;
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from != &tablet || !frame.has_send_link()) return {std::move(frame)};
    const auto message = linking::decode_link_message(wire::octets(frame.send_link().message())).value();
    if (const auto* hello = std::get_if<linking::LinkHello>(&message)) {
      auto own =
          linking::TrustedOffer::with_code(thief, *linking::LinkCode::parse("123456"), {}, stage.now).value();
      answered = std::move(own).answer(*hello, stage.now, stage.random()).value();
      stage.inject_later(tablet, message_event(answered->reply()));
    }
    confirmed |= std::holds_alternative<linking::LinkConfirm>(message);
    return {};
  };
  offer(alice);
  type(tablet, "123456");
  EXPECT_EQ(failure(tablet), linking::describe(linking::LinkingError::unknown_device));
  EXPECT_FALSE(confirmed);
  stage.op = {};
  type(tablet, offer(alice));
  expect_one_account(tablet);
}

}  // namespace
}  // namespace sotto::hostile
