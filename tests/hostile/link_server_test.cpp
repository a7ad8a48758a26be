// Linking through a server that guesses, alters, replays and lies (docs/specs/hostile-actors.md, linking.md
// 7).
#include "link_case.h"

namespace sotto::hostile {
namespace {

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

TEST_F(HostileLink, ThatBehavesIsAskedForNothingThatMakesNoSense) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  const auto offered = [&](Person& person) {
    return stage.command(person,
                         [&](client::Core& core) { return core.offer_link(OfferKind::code, stage.now); });
  };
  const auto typed = [&](Person& person, std::string_view handle, std::string_view code) {
    return stage.command(person,
                         [&](client::Core& core) { return core.join_by_code(handle, code, stage.now); });
  };
  using client::LinkError;
  EXPECT_EQ(offered(tablet), err(LinkError::not_registered));
  EXPECT_EQ(typed(alice, "alice", "123456"), err(LinkError::already_linked));
  EXPECT_EQ(typed(tablet, "a b", "123456"), err(LinkError::bad_handle));
  EXPECT_EQ(typed(tablet, "alice", "12345"), err(LinkError::bad_code));
  EXPECT_EQ(stage.command(tablet, [&](client::Core& core) { return core.join_by_qr("SOTTO:", stage.now); }),
            err(LinkError::bad_qr));
  EXPECT_EQ(stage.command(tablet, [&](client::Core& core) { return core.sign_in(kPassword, stage.now); }),
            err(LinkError::no_challenge));
  // While somebody is being linked, and without a connection.
  const std::string code = offer(alice);
  Impostor mallory(*this, "mallory");
  EXPECT_TRUE(mallory.sign_in(kPassword));
  mallory.join({});
  EXPECT_EQ(offered(alice), err(LinkError::running));
  stage.command(alice, [&](client::Core& core) { return core.withdraw_offer(stage.now); });
  stage.settle();
  stage.disconnect(alice);
  EXPECT_EQ(offered(alice), err(LinkError::not_connected));
  stage.connect(alice);
  stage.settle();
  // An offer that nobody answered to survives a lost connection, one that is withdrawn or over does not.
  const std::string again = offer(alice);
  EXPECT_NE(again, code);
  stage.disconnect(alice);
  stage.connect(alice);
  stage.settle();
  type(tablet, again);
  expect_one_account(tablet);
  offer(alice);
  stage.pass(linking::kCodeLifetime);
  EXPECT_TRUE(came_to(alice, Progress::FAILED));
  EXPECT_TRUE(offered(alice));
  EXPECT_EQ(client::load_attempts(alice.database()), linking::LinkAttempts());  // nobody tried anything
}

TEST_F(HostileLink, ThatHoldsRenewalsBackLeavesAnExpiredListOnWhichNobodyLinks) {
  set_password(alice);
  Person& tablet = stage.add_waiting("tablet");
  stage.op.to_server = [](Person&, v1::ClientFrame frame) -> ClientFrames {
    if (frame.has_publish_manifest()) return {};
    return {std::move(frame)};
  };
  stage.pass_in_steps(days(45), days(5));
  const auto before = stage.op.to_server;
  const std::string code = offer(alice);
  stage.op.to_server = before;
  type(tablet, code);
  EXPECT_EQ(failure(tablet), client::describe(client::NewestManifest::expired));
  stage.op = {};
  for (Person* person : {&alice, &bob}) {  // what they published was never answered
    stage.disconnect(*person);
    stage.connect(*person);
  }
  stage.pass_in_steps(hours(2), minutes(20));  // pauses after refusals end
  type(tablet, offer(alice));
  expect_one_account(tablet);
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
  // Version 1 does not list the desk, which shows the code. The log proves version 2, so the server has to
  // say more.
  const auto first_only = [](v1::Manifests& page) {
    while (page.manifests_size() > 0) {
      const auto last =
          identity::parse_manifest(wire::octets(page.manifests(page.manifests_size() - 1).manifest()));
      if (last->version == 1) break;
      page.mutable_manifests()->RemoveLast();
    }
  };
  EXPECT_EQ(run(desk, first_only), client::describe(client::NewestManifest::behind));
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
  const auto without_proof = [&](const std::function<void(v1::LookupAnswer&)>& lie) {
    stage.op.to_device = [&, lie](Person& to, v1::ServerFrame frame) -> ServerFrames {
      if (&to == &tablet && frame.has_lookup_answer()) lie(*frame.mutable_lookup_answer());
      return {std::move(frame)};
    };
    type(tablet, offer(alice));
    stage.op = {};
    stage.pass_in_steps(days(1), hours(8));
    return failure(tablet);
  };
  const auto unproven = client::describe(client::NewestManifest::unproven);
  EXPECT_EQ(without_proof([](auto& answer) { answer.Clear(); }), unproven);
  EXPECT_EQ(without_proof([](auto& answer) { answer.clear_labels(); }), unproven);
  EXPECT_EQ(without_proof([](auto& answer) { (*answer.mutable_head()->mutable_signature())[9] ^= 1; }),
            unproven);
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

}  // namespace
}  // namespace sotto::hostile
