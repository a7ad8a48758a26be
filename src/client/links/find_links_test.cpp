#include "client/links/find_links.h"

#include <gtest/gtest.h>

#include "client/links/look_alike.h"
#include "client/links/punycode.h"

namespace sotto::client {
namespace {

using Warnings = std::vector<int>;

FoundLink only(std::string_view text) {
  const auto links = find_links(text);
  EXPECT_EQ(links.size(), 1U) << text;
  return links.empty() ? FoundLink() : links.front();
}
Warnings warnings(std::string_view text) {
  const auto link = only(text);
  return {link.warnings().begin(), link.warnings().end()};
}
std::string host(std::string_view text) { return only(text).host(); }
std::string part(std::string_view text) {
  const auto link = only(text);
  return std::string(text.substr(link.start(), link.length()));
}

TEST(FindLinks, AreWhatBeginsLikeOneWithoutThePunctuationAroundIt) {
  EXPECT_EQ(part("see https://example.org/a?b=c#d."), "https://example.org/a?b=c#d");
  EXPECT_EQ(part("(http://example.org/x_(y))"), "http://example.org/x_(y)");
  EXPECT_EQ(part("<HTTPS://Example.org>"), "HTTPS://Example.org");
  EXPECT_EQ(part("\xe2\x86\x92www.example.org,"), "www.example.org");
  EXPECT_EQ(only("www.example.org").url(), "http://www.example.org");
  const auto two = find_links("http://a.example http://b.example");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1].host(), "b.example");
}

TEST(FindLinks, AreNotWhatLeadsNowhere) {
  for (const std::string_view text :
       {"", "example.org", "http://", "https:///path", "www.", "awww.example.org", "ftp://example.org",
        "http:example.org", "http://[zz]/"}) {
    EXPECT_TRUE(find_links(text).empty()) << text;
  }
  EXPECT_TRUE(find_links("http://" + std::string(kMaxLink, 'a')).empty());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "http://a ";
  EXPECT_EQ(find_links(many).size(), kMaxLinks);
}

TEST(FindLinks, LeadToTheHostBehindUserNamesPortsAndBackslashes) {
  EXPECT_EQ(host("https://bank.example@evil.example:8443/"), "evil.example");
  EXPECT_EQ(warnings("https://bank.example@evil.example/"), Warnings{FoundLink::USER_NAME});
  EXPECT_EQ(host("https://evil.example\\@bank.example/"), "evil.example");
  EXPECT_EQ(host("https://evil.example?@bank.example/"), "evil.example");
  EXPECT_EQ(host("https://%65vil.example./"), "evil.example");
  EXPECT_EQ(warnings("https://evil%zz.example/"),
            (Warnings{FoundLink::UNDECODABLE, FoundLink::ODD_CHARACTERS}));
  EXPECT_EQ(warnings("http://192.0.2.1/"), Warnings{FoundLink::NUMERIC_ADDRESS});
  EXPECT_EQ(warnings("http://0x7f000001/"), Warnings{FoundLink::NUMERIC_ADDRESS});
  EXPECT_EQ(warnings("http://[2001:db8::1]:80/"), Warnings{FoundLink::NUMERIC_ADDRESS});
}

TEST(FindLinks, ShowHostsInLetters) {
  EXPECT_EQ(host("https://xn--mnchen-3ya.example/"), "m\xc3\xbcnchen.example");
  EXPECT_EQ(warnings("https://m\xc3\xbcnchen.example/"), Warnings{FoundLink::NOT_ASCII});
  // Full-width letters and dots are ordinary ones to a browser.
  EXPECT_EQ(host("https://\xef\xbd\x85vil\xe3\x80\x82"
                 "example/"),
            "evil.example");
  EXPECT_EQ(warnings("https://xn--99999999999/"), Warnings{FoundLink::UNDECODABLE});
  EXPECT_EQ(warnings("https://xn--abc-/"), Warnings{FoundLink::UNDECODABLE})
      << "nothing in it needed the code";
}

TEST(FindLinks, WarnOfWhatLooksLikeAnotherName) {
  // All Cyrillic, under a Latin ending.
  const auto apple = only("https://xn--80ak6aa92e.com/");
  EXPECT_EQ(apple.host(), "\xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com");
  EXPECT_EQ(apple.resembles(), "apple.com");
  EXPECT_EQ(std::count(apple.warnings().begin(), apple.warnings().end(), FoundLink::LOOKS_LIKE), 1);
  // One Cyrillic letter among Latin ones.
  const auto paypal = warnings("https://p\xd0\xb0ypal.example/");
  EXPECT_EQ(std::count(paypal.begin(), paypal.end(), FoundLink::MIXED_SCRIPTS), 1);
  // Russian under a Russian ending is Russian.
  EXPECT_EQ(warnings("https://\xd1\x85\xd0\xbe\xd1\x81\xd1\x82.\xd1\x80\xd1\x84/"),
            Warnings{FoundLink::NOT_ASCII});
  // Japanese mixes its scripts.
  EXPECT_EQ(warnings("https://\xe6\x97\xa5\xe6\x9c\xac\xe3\x81\xae"
                     "abc.example/"),
            Warnings{FoundLink::NOT_ASCII});
}

TEST(FindLinks, ShowNothingThatHidesOrTurns) {
  const auto link = only(
      "https://example\xe2\x80\xae"
      "gro.example/");
  EXPECT_EQ(link.host(), "example\xef\xbf\xbdgro.example");
  EXPECT_EQ(std::count(link.warnings().begin(), link.warnings().end(), FoundLink::ODD_CHARACTERS), 1);
}

TEST(FindLinks, AreComparedWithHostsThatTheUserKnows) {
  const std::vector<std::string> known = {"www.example.org", "paypal.example"};
  const auto compared = [&](std::string_view text) {
    auto link = only(text);
    compare_with(known, link);
    return link.resembles();
  };
  EXPECT_EQ(compared("https://example.org/"), "");
  EXPECT_EQ(compared("https://mail.example.org/"), "");
  EXPECT_EQ(compared("https://examp1e.org/"), "www.example.org");
  EXPECT_EQ(compared("https://exarnple.org/"), "www.example.org");
  EXPECT_EQ(compared("https://mail.ex\xc3\xa0mple.org/"), "www.example.org");
  EXPECT_EQ(compared("https://paypal.example.evil.example/"), "paypal.example");
  EXPECT_EQ(compared("https://other.example/"), "");
}

TEST(Punycode, DecodesWhatTheRfcShows) {
  // RFC 3492 7.1 (L) and (S).
  EXPECT_EQ(decode_punycode("3B-ww4c5e180e575a65lsy2b"),
            U"3\x5e74"
            U"B\x7d44\x91d1\x516b\x5148\x751f");
  EXPECT_EQ(decode_punycode("-> $1.00 <--"), U"-> $1.00 <-");
  EXPECT_EQ(decode_punycode("egbpdaj6bu4bxfgehfvwxn"),
            U"\x0644\x064a\x0647\x0645\x0627\x0628\x062a\x0643\x0644\x0645\x0648\x0634\x0639\x0631\x0628"
            U"\x064a\x061f");
}

TEST(Punycode, RefusesWhatNoEncoderMakes) {
  for (const std::string_view text : {"", "99999999999", "a-!", "\xc3\xa9-a", "zzzzzzzz", "-", "ls8h="}) {
    EXPECT_FALSE(decode_punycode(text)) << text;
  }
  EXPECT_FALSE(decode_punycode(std::string(kMaxLabel + 1, 'a')));
}

TEST(Skeleton, IsTheSameForNamesThatLookTheSame) {
  EXPECT_EQ(skeleton("Alice"), skeleton("a1ice"));
  EXPECT_EQ(skeleton("bob"), skeleton("b0b"));
  EXPECT_EQ(skeleton("carnival"), skeleton("camival"));
  EXPECT_EQ(skeleton("\xd0\xb0lice"), skeleton("alice"));
  EXPECT_NE(skeleton("alice"), skeleton("alicf"));
}

}  // namespace
}  // namespace sotto::client
