// JSON-RPC 2.0: requests from text, answers to text. Not concerned with what methods there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/api/failure.h"

namespace sotto::agent {

/// One request or batch; the longest thing that is said is a text of 16 KiB, escaped.
inline constexpr std::size_t kMaxRequestOctets = std::size_t{1} << 20;
inline constexpr std::size_t kMaxBatch = 100;
inline constexpr std::size_t kMaxIdOctets = 256;

/// JSON-RPC 2.0 section 5.1.
enum class RpcError : int {
  parse = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  overloaded = -32000,  ///< too many calls of this connection wait
};
/// An application's errors are exit codes of the command line from here on.
inline constexpr int kApplicationErrors = 1000;

struct RpcFailure {
  RpcError code;
  std::string message;
};

struct RpcRequest {
  std::string id;  ///< JSON as it came; empty: a notification, which nobody answers
  std::string method;
  std::string params;  ///< JSON of an object
};

/// What came: each a request or what to answer instead.
struct RpcInput {
  struct Refused {
    std::string id;  ///< "null" where none could be read
    RpcFailure failure;
  };
  bool batch = false;
  std::vector<std::variant<RpcRequest, Refused>> calls;
};
/// Total: whatever the text is. At most kMaxBatch calls.
RpcInput parse_rpc(std::string_view text);

std::string result_text(std::string_view id, std::string_view result);
std::string error_text(std::string_view id, const RpcFailure& failure);
/// With the CommandError that the command line would have printed.
std::string error_text(std::string_view id, const client::api::Failure& failure);
std::string notification_text(std::string_view method, std::string_view params);
std::string batch_text(const std::vector<std::string>& answers);

}  // namespace sotto::agent
