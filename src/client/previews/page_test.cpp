#include "client/previews/page.h"

#include <gtest/gtest.h>

#include "client/conversations/text_rules.h"
#include "client/links/web_url.h"

namespace sotto::client {
namespace {

constexpr std::string_view kPage = R"(<!doctype html><HTML><head>
<!-- <title>not this one</title> -->
<script>var a = "<meta property='og:title' content='nor this'>";</script>
<Title>  The   window&#39;s
 title </title>
<meta name=description content='For &quot;engines&quot;'>
<meta content="Bread &amp; butter &mdash; a story" property="og:title"/>
<META PROPERTY="og:image" CONTENT="/cover.jpg?a=1&amp;b=2">
</head><body><meta property="og:description" content="too late"></body>)";

TEST(ScanPage, FindsWhatAPageSaysOfItself) {
  const auto facts = scan_page(kPage);
  EXPECT_EQ(facts.title, "Bread & butter \u2014 a story");
  EXPECT_EQ(facts.description, "For \"engines\"");
  EXPECT_EQ(facts.picture, "/cover.jpg?a=1&b=2");
}

TEST(ScanPage, TakesTheWindowsTitleWhereNothingBetterIsSaid) {
  EXPECT_EQ(scan_page("<title>A &#x1f600; b</title>").title, "A \U0001f600 b");
  EXPECT_EQ(scan_page("<title>never closed").title, "never closed");
  EXPECT_EQ(scan_page("<meta name='twitter:title' content=card><title>t</title>").title, "card");
  EXPECT_EQ(scan_page("no page at all").title, "");
}

TEST(ScanPage, IsTotalAtEveryLength) {
  for (std::size_t length = 0; length <= kPage.size(); ++length) {
    const auto facts = scan_page(kPage.substr(0, length));
    for (const auto& line : {facts.title, facts.description}) {
      EXPECT_TRUE(line.empty() || is_line(line)) << length;
    }
    EXPECT_TRUE(facts.picture.empty() || is_line(facts.picture, kMaxWebUrl));
  }
}

TEST(ScanPage, LooksNoFurtherThanTheBeginning) {
  const std::string far = std::string(kMaxScanned, ' ') + "<title>far</title>";
  EXPECT_EQ(scan_page(far).title, "");
}

TEST(LineOf, MakesOneLineOfAnything) {
  EXPECT_EQ(line_of("a\t\n b\x01"), "a b");
  EXPECT_EQ(line_of("\xff&#0;&bogus;&#xd800;"), "\ufffd &bogus;\ufffd");
  const std::string line = line_of(std::string(5000, 'x'));
  EXPECT_EQ(line.size(), kMaxLine);
  EXPECT_EQ(line_of(" \n "), "");
}

TEST(WebUrl, ReferencesStandForAddresses) {
  constexpr std::string_view kBase = "https://example.org:8443/a/b?q=1";
  EXPECT_EQ(resolve_reference(kBase, " https://other.example/x#y "), "https://other.example/x");
  EXPECT_EQ(resolve_reference(kBase, "//cdn.example/x"), "https://cdn.example/x");
  EXPECT_EQ(resolve_reference(kBase, "/x?y"), "https://example.org:8443/x?y");
  EXPECT_EQ(resolve_reference(kBase, "c.png"), "https://example.org:8443/a/c.png");
  EXPECT_EQ(resolve_reference(kBase, "?z"), "https://example.org:8443/a/b?z");
  EXPECT_EQ(resolve_reference("https://example.org", "x"), "https://example.org/x");
  EXPECT_EQ(resolve_reference("https://example.org?q", "x"), "https://example.org/x");
  EXPECT_EQ(resolve_reference(kBase, "javascript:alert(1)"), "javascript:alert(1)");
}

TEST(WebUrl, IsHttpAndNothingElse) {
  EXPECT_EQ(parse_web_url("https://[2001:db8::1]:444/x")->host, "2001:db8::1");
  EXPECT_EQ(parse_web_url("http://example.org")->port, 80);
  for (const auto* other :
       {"ftp://example.org/", "https://", "https://u@example.org/", "https://a b/", "https://example.org:0/",
        "https://example.org:99999/", "javascript:alert(1)", "https://example.org/#x", "https://[::1"}) {
    EXPECT_FALSE(parse_web_url(other)) << other;
  }
}

}  // namespace
}  // namespace sotto::client
