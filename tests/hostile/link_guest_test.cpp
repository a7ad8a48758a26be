// Linking among people who have the password, the account key or patience (docs/specs/hostile-actors.md).
#include "link_case.h"

namespace sotto::hostile {
namespace {

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
  // Even if the server takes the list back to when the thief was on it: the log has gone on.
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    while (&to == &tablet && frame.manifests().manifests_size() > 0) {
      auto& page = *frame.mutable_manifests();
      const auto last =
          identity::parse_manifest(wire::octets(page.manifests(page.manifests_size() - 1).manifest()));
      if (last->version <= 2) break;
      page.mutable_manifests()->RemoveLast();
    }
    return {std::move(frame)};
  };
  offer(alice);
  type(tablet, "123456");
  EXPECT_EQ(failure(tablet), client::describe(client::NewestManifest::behind));
  EXPECT_FALSE(confirmed);
  stage.op = {};
  type(tablet, offer(alice));
  expect_one_account(tablet);
}

}  // namespace
}  // namespace sotto::hostile
