// Notes which errors occur, so that tools/errors.py can prove that every enumerator of every error enum does
// in some test. Only in builds with SOTTO_RECORD_ERRORS (the dev preset), and there only where the
// environment names a file.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace sotto {

/// Appends a line with the enum's name and the value to the file that the environment variable
/// SOTTO_ERROR_RECORD names. `function` is the __PRETTY_FUNCTION__ of a template over E. At once, and in one
/// write: many programs share the file, and some are killed. Keeps errno. False: nothing was written, because
/// there is no such variable, the file cannot be written, or `place`, a source file, makes errors up instead
/// of meeting them.
bool write_error_record(const char* function, std::uint64_t value, const char* place);

/// Enumerators are small numbers; larger ones are not noted.
inline constexpr std::uint64_t kMostErrorValues = 256;

/// Notes an enumerator, or the enumerator in a struct's member `error`, once for each process.
template <typename E>
void record_error(const E& error, const char* place) {
  if constexpr (std::is_enum_v<E>) {
    static std::array<std::atomic<std::uint64_t>, kMostErrorValues / 64> seen{};  // a bit for each value
    const auto value = static_cast<std::uint64_t>(error);
    if (value >= kMostErrorValues) return;
    std::atomic<std::uint64_t>& word = seen[value / 64];
    const std::uint64_t bit = std::uint64_t{1} << value % 64;
    if ((word.load(std::memory_order_relaxed) & bit) != 0) return;
    if (write_error_record(__PRETTY_FUNCTION__, value, place)) word |= bit;
  } else if constexpr (requires { error.error; }) {
    record_error(error.error, place);
  }
}

}  // namespace sotto
