// Reads test vectors of the Wycheproof project for tests beside this file. The vectors are not part of the
// tree: SOTTO_VECTORS names the folder that holds wycheproof/.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "bytes/bytes.h"
#include "bytes/hex.h"
#include "paths/paths.h"

namespace sotto::crypto::wycheproof {

using Json = nlohmann::json;

inline std::string path_of(const std::string& file) {
  const char* folder = std::getenv("SOTTO_VECTORS");
  return (folder != nullptr ? folder : paths::source_dir() + "/../shared/vectors") + "/wycheproof/" + file;
}

/// The octets of a hexadecimal field; none when the field is absent.
inline Bytes octets(const Json& test, const char* field) {
  return from_hex(test.value(field, std::string())).value();
}

inline bool is_valid(const Json& test) { return test.at("result") == "valid"; }

/// Calls visit(group, test) for every test of a file. False when the file is absent.
template <typename Visit>
bool for_each_test(const std::string& file, const Visit& visit) {
  std::ifstream stream(path_of(file));
  if (!stream) return false;
  const Json root = Json::parse(stream);
  std::size_t count = 0;
  for (const Json& group : root.at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(file + " test " + test.at("tcId").dump());
      visit(group, test);
      ++count;
    }
  }
  EXPECT_EQ(count, root.at("numberOfTests")) << file;
  return true;
}

}  // namespace sotto::crypto::wycheproof

/// Visits every test of a file with the function that follows the name, or skips the calling test when the
/// vectors are not on this machine.
#define SOTTO_WYCHEPROOF(file, ...)                                                   \
  do {                                                                                \
    if (!::sotto::crypto::wycheproof::for_each_test(file, __VA_ARGS__)) {             \
      GTEST_SKIP() << "no vectors at " << ::sotto::crypto::wycheproof::path_of(file); \
    }                                                                                 \
  } while (false)
