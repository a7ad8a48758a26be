#include "identity/handle.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "identity/limits.h"

namespace sotto::identity {
namespace {

std::string text(const Result<Handle, HandleError>& handle) {
  return handle ? handle->text() : "error: " + std::string(describe(handle.error()));
}

TEST(Handle, UsernamesAreComparedInLowerCaseNfkc) {
  EXPECT_EQ(text(Handle::username("Alice")), "alice");
  EXPECT_EQ(text(Handle::username("ａｌｉｃｅ")), "alice");    // full-width forms
  EXPECT_EQ(text(Handle::username("\u212Aelvin")), "kelvin");  // the Kelvin sign
  EXPECT_EQ(text(Handle::username("of\uFB01ce")), "office");   // a ligature
  EXPECT_EQ(text(Handle::username("a.b_c-9")), "a.b_c-9");
  EXPECT_EQ(text(Handle::username("007")), "007");
}

TEST(Handle, UsernamesRefuseLookalikesAndInvisibleCharacters) {
  const std::vector<std::string> lookalikes = {"\u0430lice",        // Cyrillic a
                                               "al\u0131ce",        // dotless i
                                               "\u0130stanbul",     // I with a dot above
                                               "ali\u200Dce",       // zero-width joiner
                                               "alice\u202Eecila",  // right-to-left override
                                               "stra\u00DFe",      "alice bob", "alice/bob", "alice\n"};
  for (const std::string& typed : lookalikes) {
    const auto handle = Handle::username(typed);
    ASSERT_FALSE(handle) << typed;
    EXPECT_EQ(handle.error(), HandleError::forbidden_character) << typed;
  }
  EXPECT_EQ(Handle::username(std::string_view("ali\0ce", 6)).error(), HandleError::forbidden_character);
}

TEST(Handle, UsernamesHaveTwoToThirtyTwoCharactersAndAPlainStart) {
  EXPECT_EQ(Handle::username("").error(), HandleError::empty);
  EXPECT_EQ(Handle::username("a").error(), HandleError::too_short);
  EXPECT_TRUE(Handle::username("ab"));
  EXPECT_TRUE(Handle::username(std::string(32, 'x')));
  EXPECT_EQ(Handle::username(std::string(33, 'a')).error(), HandleError::too_long);
  EXPECT_EQ(Handle::username(std::string(kMaxHandleInput + 1, 'a')).error(), HandleError::too_long);
  for (const char* typed : {".alice", "-alice", "_alice"}) {
    EXPECT_EQ(Handle::username(typed).error(), HandleError::bad_start) << typed;
  }
}

TEST(Handle, NobodyIsCalledLikeAnAccount) {
  for (const char* typed : {"00112233445566778899aabbccddeeff", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
    EXPECT_EQ(Handle::username(typed).error(), HandleError::reads_as_account) << typed;
    EXPECT_EQ(Handle::parse(typed).error(), HandleError::reads_as_account) << typed;
  }
  EXPECT_TRUE(Handle::username(std::string(31, 'f')));
  EXPECT_TRUE(Handle::username(std::string(31, 'f') + "g"));
}

TEST(Handle, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(Handle::username("\xc3\x28").error(), HandleError::not_utf8);
  EXPECT_EQ(Handle::parse("\xff").error(), HandleError::not_utf8);
}

TEST(Handle, AddressesAreDotAtomsAtADomain) {
  EXPECT_EQ(text(Handle::email("Alice.B+x@Example.ORG")), "alice.b+x@example.org");
  EXPECT_EQ(text(Handle::email("a@b\uFF0Ecom")), "a@b.com");  // full-width full stop
  for (const char* typed : {"alice", "@example.org", "a@b@c.org", ".a@b.org", "a..b@c.org", "a@localhost",
                            "a@.org", "a@b..org", "a@-b.org", "a@b-.org", "a@b.org."}) {
    EXPECT_EQ(Handle::email(typed).error(), HandleError::bad_shape) << typed;
  }
  EXPECT_EQ(Handle::email("a b@c.org").error(), HandleError::forbidden_character);
  EXPECT_EQ(Handle::email("a@b_c.org").error(), HandleError::forbidden_character);
  EXPECT_EQ(Handle::email("\u0430@b.org").error(), HandleError::forbidden_character);
  EXPECT_EQ(Handle::email("a@" + std::string(64, 'b') + ".org").error(), HandleError::bad_shape);
  EXPECT_EQ(Handle::email(std::string(65, 'a') + "@b.org").error(), HandleError::too_long);
  EXPECT_EQ(Handle::email("a@" + std::string(250, 'b') + ".org").error(), HandleError::too_long);
}

TEST(Handle, PhoneNumbersAreE164) {
  EXPECT_EQ(text(Handle::phone("+49 (171) 123-45.67")), "+491711234567");
  EXPECT_EQ(text(Handle::phone("0049 171 1234567")), "+491711234567");
  EXPECT_EQ(text(Handle::phone("\uFF0B491711234567")), "+491711234567");
  EXPECT_EQ(text(Handle::phone("+46 (0)70-123 45 67")), "+46701234567");
  EXPECT_EQ(text(Handle::phone("0046 ( 0 ) 70 1234567")), "+46701234567");
  EXPECT_EQ(text(Handle::phone("(+46) (0) 701234567")), "+46701234567");
  EXPECT_EQ(text(Handle::phone("(0046) 701234567")), "+46701234567");
  EXPECT_EQ(text(Handle::phone("+358(0)401234567")), "+358401234567");
  EXPECT_EQ(text(Handle::phone("+39 (0)6 1234567")), "+39061234567");
  EXPECT_EQ(text(Handle::phone("+46 70 (0) 123456")), "+46700123456");
  EXPECT_EQ(text(Handle::phone("+46 (070) 1234567")), "+460701234567");
  EXPECT_EQ(Handle::phone("(0)171 1234567").error(), HandleError::no_country_code);
  EXPECT_EQ(Handle::phone("+(0)171 1234567").error(), HandleError::no_country_code);
  EXPECT_EQ(Handle::phone("0171 1234567").error(), HandleError::no_country_code);
  EXPECT_EQ(Handle::phone("+0171 1234567").error(), HandleError::no_country_code);
  EXPECT_EQ(Handle::phone("+").error(), HandleError::no_country_code);
  EXPECT_EQ(Handle::phone("+1234567").error(), HandleError::too_short);
  EXPECT_EQ(Handle::phone("+1234567890123456").error(), HandleError::too_long);
  EXPECT_EQ(Handle::phone("+49171CALLME").error(), HandleError::forbidden_character);
}

TEST(Handle, TheKindFollowsFromTheTextAndNormalFormsStayAsTheyAre) {
  const std::vector<std::pair<std::string, HandleKind>> cases = {{"Bob", HandleKind::username},
                                                                 {"bob@Example.org", HandleKind::email},
                                                                 {"+49 171 1234567", HandleKind::phone}};
  for (const auto& [typed, kind] : cases) {
    const auto handle = Handle::parse(typed);
    ASSERT_TRUE(handle) << typed;
    EXPECT_EQ(handle->kind(), kind);
    const auto again = Handle::parse(handle->text());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *handle);
  }
}

}  // namespace
}  // namespace sotto::identity
