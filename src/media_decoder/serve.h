// The life of a confined process: greets, then serves one request after the other over descriptor 0.
#pragma once

#include "media/protocol.h"

namespace sotto::media_decoder {

/// Confines the process and serves until the client is gone. The status to exit with (media/exit_status.h).
int serve(media::Task task);

}  // namespace sotto::media_decoder
