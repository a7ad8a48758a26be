#include "log/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sotto::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Quotes a value that has a space, quote, equals sign or control character in it, so that a line stays one
/// line.
std::string in_quotes(std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos &&
                     value.find_first_of("\n\r\t") == std::string_view::npos;
  if (plain) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  out.push_back('"');
  return out;
}

}  // namespace

void StderrLogger::write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level < minimum_) return;
  std::string line(event);
  for (const Field& f : fields) {
    line.append(" ").append(f.name).append("=").append(in_quotes(f.value));
  }
  // One sink for the process: stderr is one stream, and the sink's lock keeps lines whole.
  static const auto sink = [] {
    auto made = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                                    spdlog::pattern_time_type::utc));
    return made;
  }();
  sink->log(spdlog::details::log_msg("", to_spdlog(level), line));
}

}  // namespace sotto::log
