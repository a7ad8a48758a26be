#include "recovery_key.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>

#include "crypto/secret.h"

namespace sotto::cli {
namespace {

constexpr int kTries = 3;
/// Nine groups with blanks and hyphens between them, several times over.
constexpr std::size_t kMaxTyped = 256;

/// One line; wiped when it dies.
struct Typed {
  std::array<char, kMaxTyped> octets{};
  std::size_t size = 0;
  bool ended = false;  ///< there is nothing more to read

  Typed() = default;
  Typed(const Typed&) = delete;
  Typed& operator=(const Typed&) = delete;
  ~Typed() { crypto::wipe(octets.data(), octets.size()); }
  [[nodiscard]] std::string_view text() const { return {octets.data(), size}; }
};

void read_line(int descriptor, Typed& line) {
  char octet = 0;
  while (line.size < line.octets.size()) {
    if (::read(descriptor, &octet, 1) <= 0) {
      line.ended = true;
      return;
    }
    if (octet == '\n') return;
    line.octets[line.size++] = octet;
  }
}

/// The descriptor of the source; closed when it dies, if it was opened here.
class Source {
 public:
  explicit Source(KeySource source)
      : descriptor_(source == KeySource::terminal ? ::open("/dev/tty", O_RDWR | O_CLOEXEC) : STDIN_FILENO) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Asks until `accept` takes a key. `accept` gives a remark when it does not.
template <typename Accept>
CommandResult<void> ask(std::string_view question, KeySource source, const Accept& accept) {
  const Source from(source);
  if (from.descriptor() < 0) {
    return err(
        Failure{ExitCode::usage, "there is no terminal to ask for the recovery key; give --key-from-stdin"});
  }
  std::string remark;
  for (int i = 0; i < kTries; ++i) {
    fmt::print(stderr, "{}", question);
    Typed line;
    read_line(from.descriptor(), line);
    if (line.ended && line.size == 0) break;
    remark = accept(line.text());
    if (remark.empty()) return {};
    fmt::print(stderr, "{}\n", remark);
  }
  return err(Failure{ExitCode::usage, remark.empty() ? "no recovery key was typed" : remark});
}

}  // namespace

CommandResult<recovery::RecoverySeed> read_recovery_key(std::string_view question, KeySource source) {
  std::optional<recovery::RecoverySeed> seed;
  SOTTO_CHECK_OK(ask(question, source, [&](std::string_view typed) -> std::string {
    auto parsed = recovery::parse_seed(typed);
    if (!parsed) {
      return parsed.error() == recovery::RecoveryError::mistyped
                 ? std::string(recovery::describe(parsed.error()))
                 : "a recovery key has nine groups of four letters and digits 2 to 7";
    }
    seed = *std::move(parsed);
    return {};
  }));
  return *std::move(seed);
}

CommandResult<void> show_recovery_key(const recovery::RecoverySeed& seed, KeySource source) {
  const std::string text = recovery::seed_text(seed);
  fmt::print(
      stderr,
      "Your recovery key. Write it on paper now and keep it where you keep what must not be lost; it is\n"
      "shown once and stored nowhere. Whoever has it can take your account.\n\n    {}\n\n",
      text);
  return ask("Type it from the paper: ", source, [&](std::string_view typed) -> std::string {
    const auto parsed = recovery::parse_seed(typed);
    if (parsed && recovery::seed_text(*parsed) == text) return {};
    return "this is not the key that was shown; look at your paper";
  });
}

}  // namespace sotto::cli
