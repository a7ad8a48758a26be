#include "confirm.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace sotto::cli {

bool confirm(const std::string& question) {
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  for (char& letter : answer) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return answer == "y" || answer == "yes";
}

bool is_at_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0; }

}  // namespace sotto::cli
