#include "groups/link.h"

#include <gtest/gtest.h>

#include "groups/test_support.h"

namespace sotto::groups {
namespace {

using testing::act;
using testing::group_of;
using testing::person;

TEST(InviteLink, ItsTextComesBack) {
  const LinkText link{{1, 2}, {3, 4}, person(9).member(), "alice"};
  const std::string text = link_text(link);
  EXPECT_TRUE(text.starts_with("SOTTO:GROUP/1/"));
  EXPECT_EQ(parse_link_text(text), link);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto cut = parse_link_text(text.substr(0, length));
    EXPECT_TRUE(!cut || cut->handle.size() < link.handle.size()) << length;
  }
  EXPECT_EQ(parse_link_text(link_text({{}, {}, {}, "Not Normal"})).error(), GroupError::malformed);
  EXPECT_EQ(parse_link_text(std::string(kMaxLinkText + 1, 'A')).error(), GroupError::malformed);
}

TEST(InviteLink, LongestHandleFits) {
  const std::string domain =
      "@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  const LinkText link{{1}, {2}, person(9).member(), std::string(64, 'a') + domain};
  EXPECT_EQ(link.handle.size(), 254U);
  EXPECT_EQ(parse_link_text(link_text(link)), link);
}

TEST(InviteLink, WhoeverHasItMayAsk) {
  History history = group_of(3);
  const MemberName stranger = person(50).member();
  const LinkSecret secret{8};
  const auto ask = [&](const LinkSecret& with, const MemberName& who) {
    return check_request(history.state(), who, request_tag(with, history.id(), who));
  };
  EXPECT_EQ(ask(secret, stranger).error(), GroupError::wrong_link) << "there is none";
  const auto link = act(history, person(1), SetLink{secret});
  EXPECT_TRUE(ask(secret, stranger));
  EXPECT_EQ(ask({9}, stranger).error(), GroupError::wrong_link);
  EXPECT_EQ(check_request(history.state(), stranger, request_tag(secret, history.id(), person(51).member()))
                .error(),
            GroupError::wrong_link)
      << "another's proof";
  EXPECT_EQ(check_request(history.state(), stranger, ByteView()).error(), GroupError::wrong_link);
  EXPECT_EQ(ask(secret, person(2).member()).error(), GroupError::already_member);

  act(history, person(1), Refuse{stranger.account, link.hash()});
  EXPECT_EQ(ask(secret, stranger).error(), GroupError::not_allowed);
  act(history, person(1), SetLink{LinkSecret{9}});
  EXPECT_EQ(ask(secret, stranger).error(), GroupError::wrong_link);
  EXPECT_TRUE(ask({9}, stranger)) << "a new link, a new chance";
}

}  // namespace
}  // namespace sotto::groups
