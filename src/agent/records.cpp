#include "agent/records.h"

#include <google/protobuf/util/json_util.h>

namespace sotto::agent {

std::string json_of(const google::protobuf::Message& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  if (!google::protobuf::util::MessageToJsonString(record, &out, options).ok()) return "{}";
  return out;
}

Result<std::unique_ptr<google::protobuf::Message>, std::string> record_from(
    const google::protobuf::Message& empty, std::string_view json) {
  std::unique_ptr<google::protobuf::Message> record(empty.New());
  try {
    const auto parsed = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, record.get());
    if (!parsed.ok()) return std::unexpected(std::string(parsed.message()));
  } catch (const std::exception& error) {  // protobuf's own checks
    return std::unexpected(std::string(error.what()));
  }
  return record;
}

}  // namespace sotto::agent
