// Why a command of sottod did not work, as the operator reads it: the cause and the next step.
#pragma once

#include <string>

#include "result/result.h"

namespace sotto::sottod {

struct Failure {
  std::string message;
};

template <typename T>
using Outcome = Result<T, Failure>;

}  // namespace sotto::sottod
