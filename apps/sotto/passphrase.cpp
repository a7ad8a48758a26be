#include "passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace sotto::cli {
namespace {

/// Nobody types more; a file that is longer is not a passphrase.
constexpr std::size_t kMaxPassphrase = 1024;

/// What is asked for, in words.
struct Wording {
  const char* variable;
  const char* option;
  std::string noun;
  const char* when_empty;
};
const Wording kProfile{.variable = "SOTTO_PASSPHRASE",
                       .option = "--passphrase-file",
                       .noun = "passphrase",
                       .when_empty = "it protects your keys, choose one"};
const Wording kAccount{.variable = "SOTTO_PASSWORD",
                       .option = "--password-file",
                       .noun = "password",
                       .when_empty = "`sotto password remove` takes one away"};

/// What was typed; wiped when it dies.
struct Line {
  std::array<char, kMaxPassphrase + 1> octets{};
  std::size_t size = 0;

  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { crypto::wipe(octets.data(), octets.size()); }
  [[nodiscard]] std::string_view text() const { return {octets.data(), size}; }
};

/// The first line behind a descriptor, without its end.
void read_line(int descriptor, Line& line) {
  while (line.size < line.octets.size()) {
    const ssize_t got = ::read(descriptor, line.octets.data() + line.size, 1);
    if (got <= 0 || line.octets[line.size] == '\n') break;
    ++line.size;
  }
  if (line.size > 0 && line.octets[line.size - 1] == '\r') --line.size;
}

CommandResult<crypto::SecretBytes> checked(const Line& line, const Wording& wording) {
  if (line.size > kMaxPassphrase)
    return err(Failure{ExitCode::usage, "the " + wording.noun + " is longer than 1024 octets"});
  if (line.size == 0) {
    return err(Failure{ExitCode::usage, "the " + wording.noun + " is empty; " + wording.when_empty});
  }
  return crypto::SecretBytes::copy_of(as_bytes(line.text()));
}

/// Puts the terminal's echo back, whatever happens in between.
class EchoOff {
 public:
  explicit EchoOff(int terminal) : terminal_(terminal), valid_(::tcgetattr(terminal, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (valid_) ::tcsetattr(terminal_, TCSAFLUSH, &silent);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (valid_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }

 private:
  int terminal_;
  termios before_{};
  bool valid_;
};

void put(int terminal, std::string_view text) {
  // A terminal that cannot be written to can still be read.
  [[maybe_unused]] const ssize_t written = ::write(terminal, text.data(), text.size());
}

void prompt(int terminal, std::string_view question, Line& line) {
  put(terminal, question);
  const EchoOff silent(terminal);
  read_line(terminal, line);
  put(terminal, "\n");
}

CommandResult<crypto::SecretBytes> ask(PassphraseUse use, const Wording& wording) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    return err(Failure{ExitCode::usage, "there is no terminal to ask for the " + wording.noun + "; set " +
                                            wording.variable + " or give " + wording.option});
  }
  Line first;
  Line second;
  prompt(terminal, (use == PassphraseUse::choose ? "Choose a " : "The ") + wording.noun + ": ", first);
  if (use == PassphraseUse::choose && first.size > 0) prompt(terminal, "Once more: ", second);
  ::close(terminal);
  if (use == PassphraseUse::choose && first.text() != second.text()) {
    return err(Failure{ExitCode::usage, "the two " + wording.noun + "s differ; try again"});
  }
  return checked(first, wording);
}

CommandResult<crypto::SecretBytes> read(const std::string& file, PassphraseUse use, const Wording& wording) {
  Line line;
  if (!file.empty()) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      return err(Failure{ExitCode::usage, "the " + wording.noun + " file cannot be read: " + file});
    }
    read_line(descriptor, line);
    ::close(descriptor);
    return checked(line, wording);
  }
  if (char* variable = std::getenv(wording.variable); variable != nullptr && *variable != '\0') {
    auto passphrase = crypto::SecretBytes::copy_of(as_bytes(variable));
    crypto::wipe(variable, std::strlen(variable));  // also what /proc/PID/environ shows
    return passphrase;
  }
  return ask(use, wording);
}

}  // namespace

CommandResult<crypto::SecretBytes> read_passphrase(const std::string& file, PassphraseUse use) {
  return read(file, use, kProfile);
}

CommandResult<std::optional<crypto::SecretBytes>> given_passphrase(const std::string& file) {
  const char* variable = std::getenv(kProfile.variable);
  if (file.empty() && (variable == nullptr || *variable == '\0')) return std::nullopt;
  SOTTO_TRY(auto passphrase, read_passphrase(file, PassphraseUse::open));
  return std::optional(std::move(passphrase));
}

CommandResult<crypto::SecretBytes> read_password(const std::string& file, PassphraseUse use) {
  return read(file, use, kAccount);
}

CommandResult<std::string> read_code(std::string_view question) {
  if (::isatty(STDIN_FILENO) == 1) put(STDERR_FILENO, question);
  Line line;
  read_line(STDIN_FILENO, line);
  if (line.size == 0 || line.size > kMaxPassphrase) {
    return err(
        Failure{ExitCode::usage, "no code was given; type it, give it with --code, or on standard input"});
  }
  return std::string(line.text());
}

}  // namespace sotto::cli
