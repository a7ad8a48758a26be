// `sotto-media`: decodes pictures of others, encodes clean ones, or lets a plug-in classify them, for the
// client that started it. It has a socket as descriptor 0 and nothing else; people do not run it
// (docs/specs/media-sandbox.md).
#include <string_view>

#include "media/exit_status.h"
#include "media_decoder/serve.h"

int main(int argc, char** argv) {
  using namespace sotto;
  const auto task = argc >= 2 ? media::task_named(argv[1]) : std::nullopt;
  if (task == media::Task::decode && argc == 2) return media_decoder::serve_decoding();
  if (task == media::Task::encode && argc == 2) return media_decoder::serve_encoding();
  if (task == media::Task::classify && argc == 3) return media_decoder::serve_classifying(argv[2]);
  return media::kBadRequestStatus;
}
