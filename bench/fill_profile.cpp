// fill_profile: a conversation of a real profile gets a long past, for benchmarks of what shows it
// (bench/README.md).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "client/conversations/conversation.h"
#include "client/core.h"
#include "client/store/profile_folder.h"
#include "clock/clock.h"
#include "corpus/language.h"
#include "crypto/random.h"
#include "result/check.h"

namespace sotto::bench {
namespace {

constexpr std::size_t kBatch = 5'000;
/// Between two of them: a hundred thousand make two years.
constexpr DurationMs kApart = minutes(10);

struct Options {
  std::string profile;
  std::string with;
  std::size_t messages = 100'000;
};

/// What went wrong, or nothing.
std::string fill(const Options& options) {
  const char* passphrase = std::getenv("SOTTO_PASSPHRASE");
  if (passphrase == nullptr) return "the profile's passphrase goes into SOTTO_PASSPHRASE";
  const client::store::ProfileFolder folder(options.profile);
  auto database = folder.open(crypto::SecretBytes::copy_of(as_bytes(std::string_view(passphrase))));
  if (!database) return std::string(client::store::describe(database.error()));
  crypto::SystemRandom random;
  auto core = client::Core::create(**database, random);
  if (!core || (*core)->self() == nullptr) return "nobody is registered there";
  const client::Self& self = *(*core)->self();
  const auto conversation = client::find_conversation(**database, self, options.with);
  const auto contact = client::find_contact(**database, options.with);
  if (!conversation || !contact || !contact->account) {
    return "there is no conversation with " + options.with + "; say something first";
  }
  Language language;
  const UnixMs now = SystemClock().now();
  for (std::size_t done = 0; done < options.messages;) {
    SOTTO_CHECK((*database)->begin());
    for (std::size_t i = 0; i < kBatch && done < options.messages; ++i, ++done) {
      const bool outgoing = language.below(2) == 1;
      const auto& sender = outgoing ? self.account_id() : *contact->account;
      add_message(**database, random,
                  {.conversation = conversation->id,
                   .sender = to_array<16>(sender.view()),
                   .outgoing = outgoing,
                   .sequence = (std::uint64_t{1} << 32U) + done,
                   .time_ms = now.value - (options.messages - done) * kApart.value},
                  language.sentence());
    }
    SOTTO_CHECK((*database)->commit());
  }
  return {};
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  sotto::bench::Options options;
  CLI::App app("Gives a conversation of a profile, which no process has open, a long past");
  app.add_option("--profile", options.profile, "the folder")->required();
  app.add_option("--with", options.with, "with whom")->required();
  app.add_option("--messages", options.messages, "how many")->check(CLI::Range(1, 10'000'000));
  CLI11_PARSE(app, argc, argv);
  const std::string failure = sotto::bench::fill(options);
  if (!failure.empty()) fmt::print(stderr, "fill_profile: {}\n", failure);
  return failure.empty() ? 0 : 1;
}
