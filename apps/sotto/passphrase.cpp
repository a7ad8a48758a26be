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

CommandResult<crypto::SecretBytes> checked(const Line& line) {
  if (line.size > kMaxPassphrase)
    return err(Failure{ExitCode::usage, "the passphrase is longer than 1024 octets"});
  if (line.size == 0) {
    return err(Failure{ExitCode::usage, "the passphrase is empty; it protects your keys, choose one"});
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

CommandResult<crypto::SecretBytes> ask(PassphraseUse use) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) {
    return err(Failure{
        ExitCode::usage,
        "there is no terminal to ask for the passphrase; set SOTTO_PASSPHRASE or give --passphrase-file"});
  }
  Line first;
  Line second;
  prompt(terminal, use == PassphraseUse::choose ? "Choose a passphrase: " : "Passphrase: ", first);
  if (use == PassphraseUse::choose && first.size > 0) prompt(terminal, "Once more: ", second);
  ::close(terminal);
  if (use == PassphraseUse::choose && first.text() != second.text()) {
    return err(Failure{ExitCode::usage, "the two passphrases differ; try again"});
  }
  return checked(first);
}

}  // namespace

CommandResult<crypto::SecretBytes> read_passphrase(const std::string& file, PassphraseUse use) {
  Line line;
  if (!file.empty()) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return err(Failure{ExitCode::usage, "the passphrase file cannot be read: " + file});
    read_line(descriptor, line);
    ::close(descriptor);
    return checked(line);
  }
  if (char* variable = std::getenv("SOTTO_PASSPHRASE"); variable != nullptr && *variable != '\0') {
    auto passphrase = crypto::SecretBytes::copy_of(as_bytes(variable));
    crypto::wipe(variable, std::strlen(variable));  // also what /proc/PID/environ shows
    return passphrase;
  }
  return ask(use);
}

}  // namespace sotto::cli
