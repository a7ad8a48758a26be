#include "wire/decode.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/stubs/logging.h>

#include "result/check.h"

namespace sotto::wire {

std::string_view describe(DecodeError error) {
  switch (error) {
    case DecodeError::too_large: return "message is larger than allowed";
    case DecodeError::malformed: return "message is malformed";
  }
  return "unknown decode error";
}

Result<void, DecodeError> decode(ByteView input, std::size_t max_bytes,
                                 google::protobuf::MessageLite& message) {
  if (input.size() > max_bytes) return err(DecodeError::too_large);
  // The library would print a line to standard error for some kinds of bad input: a peer could flood our
  // logs.
  [[maybe_unused]] static const auto previous_handler = google::protobuf::SetLogHandler(nullptr);
  google::protobuf::io::CodedInputStream stream(input.data(), static_cast<int>(input.size()));
  stream.SetRecursionLimit(kMaxNesting);
  if (!message.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    return err(DecodeError::malformed);
  }
  return {};
}

Bytes encode(const google::protobuf::MessageLite& message) {
  Bytes out(message.ByteSizeLong());
  SOTTO_CHECK(message.SerializeToArray(out.data(), static_cast<int>(out.size())));
  return out;
}

}  // namespace sotto::wire
