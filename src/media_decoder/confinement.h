// How a process gives everything up but memory, processor time and one socket (docs/specs/media-sandbox.md
// 2). Called once, in this order, before the first octet from outside is read. All false: the system refused,
// and the process must end without reading.
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"

namespace sotto::media_decoder {

/// Memory, processor time, and none of: files, descriptors, processes, core dumps.
bool limit_resources();
/// Everything but descriptor 0 is closed; no other process of this user may look in.
bool give_up_descriptors();
/// Landlock without a single path, port or socket name. The version that is in force; 0 where the kernel has
/// none. Empty: it has it and refused.
std::optional<std::uint8_t> give_up_files();
/// seccomp: memory, time, and descriptor 0 read and written; anything else ends the process (SIGSYS).
bool give_up_calls();

/// For a process that is about to load a plug-in: it can still read system libraries and what lies beside
/// `library`, get memory, and be confined further. No network, no other process, nothing written. False: the
/// system refused.
bool confine_loading(const std::string& library);

/// All of them. The version of Landlock, or empty: not confined.
std::optional<std::uint8_t> confine();

}  // namespace sotto::media_decoder
