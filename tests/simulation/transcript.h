// What happened in a simulated world, one line per event, for people and for comparing runs.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "clock/clock.h"
#include "schedule.h"

namespace sotto::simulation {

class Transcript {
 public:
  /// Lines are also written to `copy` at once, if there is one, so that they survive an abort.
  Transcript(const Schedule& schedule, std::FILE* copy)
      : schedule_(schedule), start_(schedule.now()), copy_(copy) {}

  /// `+0d 00:00:12.345 alice/1    what`
  void line(std::string_view actor, std::string_view what);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// SHA-256 of all lines, hexadecimal.
  [[nodiscard]] std::string digest() const;

 private:
  const Schedule& schedule_;
  UnixMs start_;
  std::FILE* copy_;
  std::string text_;
};

}  // namespace sotto::simulation
