#include "transport/certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "paths/test_folder.h"
#include "transport/tls.h"

namespace sotto::transport {
namespace {

constexpr UnixMs kNow{1'767'225'600'000};  // 2026-01-01T00:00:00Z

class Certificates : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::string read(const std::string& name) { return paths::read_all(folder_ / name); }
  static ServerCertificate make() {
    return *ServerCertificate::self_signed({"a.example", "::1"}, kNow, days(90));
  }

  paths::TestFolder folder_;
};

TEST_F(Certificates, SurviveSavingAndLoading) {
  const ServerCertificate made = make();
  ASSERT_TRUE(made.save(folder_ / "c.pem", folder_ / "k.pem"));
  const auto loaded = ServerCertificate::load(folder_ / "c.pem", folder_ / "k.pem");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->pin(), made.pin());
  EXPECT_EQ(pin_of_file(folder_ / "c.pem"), TransportResult<SpkiPin>(made.pin()));
  EXPECT_EQ(loaded->not_after(), kNow + days(90));
  EXPECT_TRUE(TlsServerContext::create(*loaded));
}

TEST_F(Certificates, AreWrittenForTheirOwnerAlone) {
  ASSERT_TRUE(make().save(folder_ / "c.pem", folder_ / "k.pem"));
  ASSERT_TRUE(make().save(folder_ / "c.pem", folder_ / "k.pem")) << "a second time, over the first";
  struct stat found{};
  ASSERT_EQ(::stat((folder_ / "k.pem").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "k.pem.new"));
}

TEST_F(Certificates, HaveDifferentKeys) { EXPECT_NE(make().pin(), make().pin()); }

TEST_F(Certificates, NeedUsableNames) {
  for (const std::vector<std::string>& names : {std::vector<std::string>{},
                                                {""},
                                                {"a b"},
                                                {"a,IP:1.2.3.4"},
                                                {std::string(254, 'a')},
                                                {"ok.example", "*"}}) {
    EXPECT_EQ(ServerCertificate::self_signed(names, kNow, days(1)).error(), TransportError::bad_certificate);
  }
}

TEST_F(Certificates, ReportFilesThatCannotBeReadOrWritten) {
  EXPECT_EQ(ServerCertificate::load(folder_ / "none", folder_ / "none").error(), TransportError::file_failed);
  EXPECT_EQ(pin_of_file(folder_ / "none").error(), TransportError::file_failed);
  EXPECT_EQ(make().save(folder_ / "no" / "c.pem", folder_ / "no" / "k.pem").error(),
            TransportError::file_failed);
  ASSERT_TRUE(make().save(folder_ / "c.pem", folder_ / "k.pem"));
  EXPECT_EQ(ServerCertificate::load(folder_ / "c.pem", folder_ / "none").error(),
            TransportError::file_failed);
  EXPECT_EQ(TlsClientContext::create(AuthorityTrust{folder_ / "none"}).error(), TransportError::file_failed);
}

TEST_F(Certificates, RefuseFilesThatDoNotParseOrMatch) {
  ASSERT_TRUE(make().save(folder_ / "c.pem", folder_ / "k.pem"));
  ASSERT_TRUE(make().save(folder_ / "c2.pem", folder_ / "k2.pem"));
  const auto load = [&](const std::filesystem::path& c, const std::filesystem::path& k) {
    return ServerCertificate::load(c, k).error();
  };
  const std::string good = read("c.pem");
  EXPECT_EQ(load(folder_ / "c.pem", folder_ / "k2.pem"), TransportError::bad_certificate);
  EXPECT_EQ(load(write("empty", ""), folder_ / "k.pem"), TransportError::bad_certificate);
  EXPECT_EQ(load(folder_ / "k.pem", folder_ / "k.pem"), TransportError::bad_certificate);
  EXPECT_EQ(load(folder_ / "c.pem", folder_ / "c.pem"), TransportError::bad_certificate);
  EXPECT_EQ(load(write("cut", good.substr(0, good.size() / 2)), folder_ / "k.pem"),
            TransportError::bad_certificate);
  EXPECT_EQ(load(write("tail", good + good.substr(0, good.size() / 2)), folder_ / "k.pem"),
            TransportError::bad_certificate);
  std::string chain;
  for (int i = 0; i < 11; ++i) chain += good;
  EXPECT_EQ(load(write("long", chain), folder_ / "k.pem"), TransportError::bad_certificate);
  EXPECT_EQ(load(write("nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                 folder_ / "k.pem"),
            TransportError::bad_certificate);
}

TEST_F(Certificates, LoadAChainWithIntermediates) {
  ASSERT_TRUE(make().save(folder_ / "c.pem", folder_ / "k.pem"));
  ASSERT_TRUE(make().save(folder_ / "c2.pem", folder_ / "k2.pem"));
  const auto loaded =
      ServerCertificate::load(write("chain", read("c.pem") + read("c2.pem")), folder_ / "k.pem");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(TlsServerContext::create(*loaded));
}

TEST(TlsClientContext, NeedsAtLeastOnePin) {
  EXPECT_EQ(TlsClientContext::create(PinnedKeys{}).error(), TransportError::bad_certificate);
}

TEST(PostQuantum, IsKnownByGroupName) {
  EXPECT_TRUE(is_post_quantum("X25519MLKEM768"));
  EXPECT_TRUE(is_post_quantum("SecP256r1MLKEM768"));
  EXPECT_FALSE(is_post_quantum("x25519"));
  EXPECT_FALSE(is_post_quantum(""));
}

}  // namespace
}  // namespace sotto::transport
