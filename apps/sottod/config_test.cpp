#include "config.h"

#include <gtest/gtest.h>

#include <regex>

namespace sotto::sottod {
namespace {

Config parsed(std::string_view text) {
  auto config = parse_config(text, "test.toml");
  EXPECT_TRUE(config.has_value()) << (config ? "" : config.error().message);
  return config.value_or(Config{});
}

std::string refusal(std::string_view text) {
  const auto config = parse_config(text, "test.toml");
  return config ? "accepted" : config.error().message;
}

TEST(ConfigTest, AnEmptyFileIsTheDefaults) {
  const Config config = parsed("");
  EXPECT_EQ(config.name, "localhost");
  EXPECT_EQ(to_text(config.listen), "127.0.0.1:7443");
  EXPECT_EQ(config.registration, accounts::RegistrationPolicy::open);
}

TEST(ConfigTest, TheWrittenFileParsesAsItIsAndWithEveryDefaultUncommented) {
  const std::string text = default_config_text();
  parsed(text);
  const std::string uncommented = std::regex_replace(text, std::regex("\n#([a-z_]+ = )"), "\n$1");
  EXPECT_NE(text, uncommented);
  const Config config = parsed(uncommented);
  EXPECT_EQ(config.certificate, "fullchain.pem");
  EXPECT_EQ(config.limits.envelopes_per_device.per_second, Config{}.limits.envelopes_per_device.per_second);
  EXPECT_EQ(config.mailboxes.ttl, Config{}.mailboxes.ttl);
  EXPECT_EQ(config.max_connections, Config{}.max_connections);
}

TEST(ConfigTest, TakesEveryKind) {
  const Config config = parsed(R"(
    name = "chat.example"
    listen = "unix:/run/sottod.sock"
    mode = "proxy"
    registration = "invite"
    metrics = "off"
    log_level = "warning"
    drain_seconds = 3
    [mailbox]
    max_megabytes = 2
    keep_days = 7
    [blobs]
    max_megabytes = 0
    account_megabytes = 3
    keep_days = 5
    [limits]
    envelopes_per_second = 0
    first_contacts_per_hour = 7
    first_contacts_per_day = 9
    [transparency]
    epoch_interval_ms = 250
    witnesses = ["one.key", "two.key"]
  )");
  EXPECT_EQ(config.name, "chat.example");
  EXPECT_EQ(std::get<transport::UnixEndpoint>(config.listen).path, "/run/sottod.sock");
  EXPECT_EQ(config.mode, EdgeMode::proxy);
  EXPECT_EQ(config.registration, accounts::RegistrationPolicy::invite);
  EXPECT_FALSE(config.metrics);
  EXPECT_EQ(config.log_level, log::Level::warning);
  EXPECT_EQ(config.drain_deadline, seconds(3));
  EXPECT_EQ(config.mailboxes.mailbox_octets, std::uint64_t{2} << 20);
  EXPECT_EQ(config.mailboxes.ttl, days(7));
  EXPECT_EQ(config.blobs.blob_octets, 0u);
  EXPECT_EQ(config.blobs.account_octets, std::uint64_t{3} << 20);
  EXPECT_EQ(config.blobs.ttl, days(5));
  EXPECT_EQ(config.limits.envelopes_per_device.per_second, 0u);
  EXPECT_EQ(config.lookups.first_contacts_per_hour, 7u);
  EXPECT_EQ(config.lookups.first_contacts_per_day, 9u);
  EXPECT_EQ(config.epoch_interval, DurationMs{250});
  EXPECT_EQ(config.witnesses, (std::vector<std::string>{"one.key", "two.key"}));
}

TEST(ConfigTest, NamesFileLineAndKeyOfAMistake) {
  EXPECT_EQ(refusal("\n\nnmae = \"x\""),
            "test.toml:3: nmae: there is no such key; `sottod init` writes a file with all of them");
  EXPECT_EQ(refusal("[mailbox]\nkeep_days = 0"),
            "test.toml:2: mailbox.keep_days: expected a whole number from 1 to 365");
  EXPECT_EQ(refusal("registration = \"everyone\""),
            "test.toml:1: registration: expected \"open\", \"invite\" or \"admin\"");
  EXPECT_TRUE(refusal("name = ").starts_with("test.toml:1: "));
}

TEST(ConfigTest, RefusesValuesOfAnotherTypeAndOutOfRange) {
  for (const char* text :
       {"name = 1", "name = \"\"", "listen = \"7443\"", "listen = \"localhost:99999\"", "mode = \"http\"",
        "metrics = \"unix:/x\"", "log_level = \"loud\"", "drain_seconds = \"10\"", "drain_seconds = -1",
        "mailbox = 1", "[mailbox]\nmax_envelopes = 1.5", "[tls]\ncertificate = \"only.pem\"",
        "[limits]\nrequests_burst = 0", "[limits]\nfirst_contacts_per_hour = 0",
        "[limits]\nfirst_contacts_per_day = 16385", "[transparency]\nwitnesses = \"one.key\"",
        "[transparency]\nwitnesses = [1]", "[transparency]\nwitnesses = [\"\"]",
        "[transparency]\nepoch_interval_ms = 60001"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
}

constexpr std::string_view kKannel = R"([text_messages]
kannel = "http://127.0.0.1:13013/cgi-bin/sendsms"
kannel_user = "sotto"
kannel_password_file = "p"
callback_secret_file = "s"
numbers = ["+46 70-000 00 01", "71000"]
)";

TEST(ConfigTest, KannelExistsOnceItsAddressIsGivenAndThenNeedsTheRest) {
  EXPECT_FALSE(parsed("[text_messages]\nspool = \"x\"").sms);
  const Config config = parsed(std::string(kKannel) + R"(
    callbacks = "[::1]:1"
    callback_sources = ["::1"]
    senders = "everybody"
    prefixes = ["+46"]
    parts_per_day = 7
  )");
  ASSERT_TRUE(config.sms);
  EXPECT_EQ(config.sms->rules.numbers, (std::vector<std::string>{"+46700000001", "71000"}));
  EXPECT_EQ(config.sms->callbacks.host, "::1");
  EXPECT_EQ(config.sms->sources, std::vector<std::string>{"::1"});
  EXPECT_EQ(config.sms->rules.senders, gateway::SmsSenders::everybody);
  EXPECT_EQ(config.sms->rules.budgets.parts_per_day, 7U);
  EXPECT_EQ(parsed(kKannel).sms->sources.size(), 2U);
  for (const std::string key : {"kannel_user", "kannel_password_file", "callback_secret_file", "numbers"}) {
    const std::string text = std::regex_replace(std::string(kKannel), std::regex("\n" + key + "[^\n]*"), "");
    EXPECT_NE(refusal(text).find("needs text_messages." + key), std::string::npos) << refusal(text);
  }
  for (const char* line :
       {"kannel = \"localhost:13013\"", "numbers = [\"0701112233\"]", "numbers = \"+46700000001\"",
        "callbacks = \"0.0.0.0:13080\"", "callbacks = \"unix:/x\"", "senders = \"some\"",
        "prefixes = [\"46\"]", "prefixes = [1]", "parts_per_day = 0", "callback_sources = [\"\"]"}) {
    EXPECT_TRUE(refusal("[text_messages]\n" + std::string(line)).starts_with("test.toml:2: text_messages."))
        << line;
  }
}

TEST(ConfigTest, AMissingFileSaysHowToMakeOne) {
  const auto config = load_config("/nonexistent/sottod.toml");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("sottod init"), std::string::npos);
}

TEST(EndpointTest, ReadsAndWritesAddresses) {
  for (const char* text : {"127.0.0.1:7443", "[::1]:1", "unix:/tmp/x", "0.0.0.0:0"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_text(*endpoint), text);
  }
  for (const char* text :
       {"", ":1", "host", "host:", "host:x", "host:65536", "::1:7443", "unix:", "host:1 "}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

}  // namespace
}  // namespace sotto::sottod
