// `sotto-media`: decodes pictures of others, or encodes clean ones, for the client that started it. It has a
// socket as descriptor 0 and nothing else; people do not run it (docs/specs/media-sandbox.md).
#include <string_view>

#include "media/exit_status.h"
#include "media_decoder/serve.h"

int main(int argc, char** argv) {
  const std::string_view word = argc == 2 ? argv[1] : "";
  if (word == "decode") return sotto::media_decoder::serve(sotto::media::Task::decode);
  if (word == "encode") return sotto::media_decoder::serve(sotto::media::Task::encode);
  return sotto::media::kBadRequestStatus;
}
