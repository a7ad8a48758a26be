// For tests: a data directory of its own, the real sottod on it, and its administrator.
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "paths/test_folder.h"
#include "test_process.h"

namespace sotto::sottod::testing {

using identity::testing::TestAccount;

class SottodTest : public ::testing::Test {
 protected:
  SottodTest() { configure(""); }

  static const TestAccount& account(std::uint64_t seed) {
    static std::map<std::uint64_t, TestAccount> accounts;
    const auto found = accounts.find(seed);
    if (found != accounts.end()) return found->second;
    crypto::DeterministicRandom keys(seed);
    return accounts.try_emplace(seed, keys, SystemClock().now()).first->second;
  }
  void configure(const std::string& more) {
    std::ofstream(folder_ / "sottod.toml") << "listen = \"127.0.0.1:0\"\nmetrics = \"off\"\n" << more;
  }
  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"--data-dir", folder_.path().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void start(std::optional<rlim_t> max_file_octets = {}) {
    server_ = std::make_unique<Process>(arguments({"run"}), max_file_octets);
    const std::string line = server_->line();
    const std::size_t colon = line.rfind(':');
    ASSERT_TRUE(line.starts_with("listening on 127.0.0.1:")) << line << server_->rest_of_errors();
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
  }
  std::unique_ptr<RawClient> connect() {
    const auto pin = transport::pin_of_file(folder_ / "certificate.pem");
    return std::make_unique<RawClient>(port_, pin.value());
  }
  std::unique_ptr<RawClient> connect(const TestAccount& as, const std::string& registering = "") {
    auto client = connect();
    const auto welcome = client->hello();
    if (!registering.empty()) {
      const auto answer = client->register_account(as, registering);
      EXPECT_TRUE(answer.has_registered()) << answer.ShortDebugString();
    }
    const auto answer = client->authenticate(as, welcome);
    EXPECT_TRUE(answer.has_authenticated()) << answer.ShortDebugString();
    return client;
  }
  nlohmann::json admin(std::vector<std::string> command) {
    command.insert(command.begin(), {"admin", "--json"});
    Process asked(arguments(command));
    const std::string output = asked.rest_of_output();
    EXPECT_EQ(asked.wait(), 0) << asked.rest_of_errors();
    return nlohmann::json::parse(output, nullptr, false);
  }
  /// Runs a command that fails and returns what it says.
  std::string complaint(const std::vector<std::string>& command) {
    Process failing(arguments(command));
    const std::string errors = failing.rest_of_errors();
    EXPECT_EQ(failing.wait(), 1);
    return errors;
  }

  paths::TestFolder folder_;
  std::unique_ptr<Process> server_;
  std::uint16_t port_ = 0;
};

}  // namespace sotto::sottod::testing
