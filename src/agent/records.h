// Records as JSON: the protobuf JSON form that docs/specs/agent.md 3 fixes.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

#include "result/result.h"

namespace sotto::agent {

/// Names as in the schema, fields at their default left out, 64-bit integers as strings, enumerators by name.
std::string json_of(const google::protobuf::Message& record);

/// An empty record's JSON into a record of its type; what is wrong with it in words. Unknown members are an
/// error. Precondition: check_json() let the text pass, and it is an object.
Result<std::unique_ptr<google::protobuf::Message>, std::string> record_from(
    const google::protobuf::Message& empty, std::string_view json);

}  // namespace sotto::agent
