// Errors are values: every fallible function returns Result<T, E> with its module's closed error enum.
#pragma once

#include <expected>
#include <utility>

#ifdef SOTTO_RECORD_ERRORS
#include "result/record.h"
#define SOTTO_PLACE , const char* place = __builtin_FILE()
#define SOTTO_RECORD(error)     \
  if !consteval {               \
    record_error(error, place); \
  }
#else
#define SOTTO_PLACE
#define SOTTO_RECORD(error)
#endif

namespace sotto {

/// The value, or the one reason why there is none. E is a module's closed enum or a small struct around one.
template <typename T, typename E>
using Result = std::expected<T, E>;

/// Wraps an error for return from a function that returns Result.
template <typename E>
[[nodiscard]] constexpr std::unexpected<std::decay_t<E>> err(E&& error SOTTO_PLACE) {
  SOTTO_RECORD(error)
  return std::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

/// The same error. For one that reaches whoever it concerns otherwise than in a Result, so that it is
/// recorded too.
template <typename E>
[[nodiscard]] constexpr E noted(E error SOTTO_PLACE) {
  SOTTO_RECORD(error)
  return error;
}

}  // namespace sotto

#undef SOTTO_PLACE
#undef SOTTO_RECORD

#define SOTTO_CONCAT_INNER(a, b) a##b
#define SOTTO_CONCAT(a, b) SOTTO_CONCAT_INNER(a, b)

/// Evaluates `expr` (a Result); on error returns that error from the enclosing function, which must have the
/// same E.
#define SOTTO_CHECK_OK(expr)                                       \
  do {                                                             \
    if (auto sotto_result = (expr); !sotto_result) {               \
      return ::std::unexpected(::std::move(sotto_result).error()); \
    }                                                              \
  } while (false)

/// Declares `decl` from the value of `expr` (a Result), or returns its error from the enclosing function.
#define SOTTO_TRY(decl, expr) SOTTO_TRY_INNER(SOTTO_CONCAT(sotto_try_, __LINE__), decl, expr)
#define SOTTO_TRY_INNER(temporary, decl, expr)                \
  auto temporary = (expr);                                    \
  if (!temporary) {                                           \
    return ::std::unexpected(::std::move(temporary).error()); \
  }                                                           \
  decl = ::std::move(temporary).value()
