// The life of a confined process: greets, then serves one request after the other over descriptor 0.
#pragma once

#include <string>

#include "media/protocol.h"

namespace sotto::media_decoder {

/// Each confines the process and serves its task until the client is gone. The status to exit with
/// (media/exit_status.h).
int serve_decoding();
int serve_encoding();
/// `plugin`: the path of a classifier's shared library.
int serve_classifying(const std::string& plugin);

}  // namespace sotto::media_decoder
