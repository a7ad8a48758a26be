// The flags that every benchmark with a report has.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>

#include "measurement/report.h"

namespace sotto::bench {

struct CommonOptions {
  std::size_t rounds = 7;
  bool json = false;
};

inline void add_common(CLI::App& app, CommonOptions& options) {
  app.add_option("--rounds", options.rounds, "interleaved rounds; the median is reported")
      ->check(CLI::Range(5, 1000));
  app.add_flag("--json", options.json, "print JSON instead of text");
}

inline void print(const Report& report, const CommonOptions& options) {
  const std::string out = options.json ? report.json() : report.text();
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace sotto::bench
