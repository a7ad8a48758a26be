// What the scripts about linking by code or QR code share: people who offer, type and scan, and an impostor
// with a program of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/devices/account_chain.h"
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
    for (const auto& notice : client::unseen_notices(person.database())) {
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

}  // namespace sotto::hostile
