// A classifier that does what the file "plan" beside it says: "score N", or "load NAME" or "classify NAME"
// for what it should not do while it is loaded or later.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "media_decoder/classifier_plugin.h"

namespace {

std::string when;
std::string what;

/// Zero: it worked, or there was nothing to try.
int misbehave() {
  if (what == "crash") std::abort();
  if (what == "hang") {
    for (volatile int spin = 0;; spin = spin + 1) {
    }
  }
  if (what == "internet") return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0;
  if (what == "write") return ::open("/tmp", O_TMPFILE | O_WRONLY, 0600) < 0 ? 1 : 0;
  if (what == "read") return ::open("/etc/passwd", O_RDONLY) < 0 ? 1 : 0;
  if (what == "fork") return ::fork() < 0 ? 1 : 0;
  if (what == "execute") {
    std::string program = "/bin/true";
    std::array<char*, 2> words = {program.data(), nullptr};
    return ::execv(program.c_str(), words.data());
  }
  if (what == "refuse") return 1;
  return 0;
}

int load(const char* folder) {
  std::ifstream plan(std::string(folder) + "/plan");
  plan >> when >> what;
  return when == "load" ? misbehave() : 0;
}

int classify(const uint8_t* pixels, uint32_t width, uint32_t height) {
  if (when == "score") return std::atoi(what.c_str());
  // The mean of red, so that a test sees that the right pixels arrive.
  if (when == "red") {
    unsigned long sum = 0;
    for (unsigned long i = 0; i < 4UL * width * height; i += 4) sum += pixels[i];
    return static_cast<int>(sum / (1UL * width * height) * 100 / 255);
  }
  return misbehave();
}

}  // namespace

extern "C" const sotto_classifier sotto_classifier_v1 = {
    .abi = SOTTO_CLASSIFIER_ABI, .load = load, .classify = classify};
