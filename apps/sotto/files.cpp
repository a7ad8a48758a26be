#include "files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "client/conversations/text_rules.h"

namespace sotto::cli {

CommandResult<std::string> read_file(const std::string& name, std::size_t max) {
  std::ifstream in(name, std::ios::binary);
  std::string text(max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || text.empty())
    return err(Failure{ExitCode::usage, "the file cannot be read or is empty: " + name});
  return text;
}

CommandResult<std::string> read_text(const std::string& text, const std::string& file) {
  if (file.empty()) return text;
  std::FILE* in = file == "-" ? stdin : std::fopen(file.c_str(), "rb");
  if (in == nullptr) return err(Failure{ExitCode::usage, "the file cannot be read: " + file});
  std::string out(client::kMaxText + 2, '\0');
  out.resize(std::fread(out.data(), 1, out.size(), in));
  if (in != stdin) std::fclose(in);
  return out;
}

CommandResult<void> write_file(const std::string& name, std::string_view text) {
  if (name.empty()) {
    fmt::print("{}", text);
    return {};
  }
  const int descriptor = ::open(name.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const bool written =
      descriptor >= 0 && ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (descriptor >= 0) ::close(descriptor);
  if (!written) return err(Failure{ExitCode::failed, "the file cannot be written: " + name});
  return {};
}

}  // namespace sotto::cli
