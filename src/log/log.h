// Structured logs without user data: an event name and fields whose types have a log form. Handles, message
// content, keys and addresses have none, so they do not compile here. Not concerned with metrics or audit
// records.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sotto::log {

enum class Level : std::uint8_t { debug, info, warning, error };

/// A string literal: the only text a field may carry besides what log_form() overloads give.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor): literals only
  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

/// One name=value pair of a log line.
struct Field {
  std::string_view name;
  std::string value;
};

template <std::integral T>
Field field(Literal name, T value) {
  if constexpr (std::same_as<T, bool>) return {name.view(), value ? "true" : "false"};
  return {name.view(), std::to_string(value)};
}
inline Field field(Literal name, Literal value) { return {name.view(), std::string(value.view())}; }
/// For types that declare `std::string log_form(const T&)` in their namespace.
template <typename T>
  requires(!std::integral<T>) && requires(const T& t) {
    { log_form(t) } -> std::same_as<std::string>;
  }
Field field(Literal name, const T& value) {
  return {name.view(), log_form(value)};
}
/// Text from the operating system or a library about our own process (paths from the configuration, errno
/// texts).
inline Field operator_text(Literal name, std::string text) { return {name.view(), std::move(text)}; }

/// Where log lines go. Thread-safe. Handed to whoever logs; there is no global logger.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void write(Level level, std::string_view event, std::initializer_list<Field> fields) = 0;

  void debug(Literal event, std::initializer_list<Field> f = {}) { write(Level::debug, event.view(), f); }
  void info(Literal event, std::initializer_list<Field> f = {}) { write(Level::info, event.view(), f); }
  void warning(Literal event, std::initializer_list<Field> f = {}) { write(Level::warning, event.view(), f); }
  void error(Literal event, std::initializer_list<Field> f = {}) { write(Level::error, event.view(), f); }
};

/// Drops everything.
class NullLogger final : public Logger {
 public:
  void write(Level, std::string_view, std::initializer_list<Field>) override {}
};

/// Writes `2026-01-02T03:04:05.678Z info event name=value ...` lines to standard error, from `minimum`
/// upwards.
class StderrLogger final : public Logger {
 public:
  explicit StderrLogger(Level minimum) : minimum_(minimum) {}
  void write(Level level, std::string_view event, std::initializer_list<Field> fields) override;

 private:
  Level minimum_;
};

}  // namespace sotto::log
