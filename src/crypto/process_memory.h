// What a whole program does for the secrets in its memory, once, when it starts.
#pragma once

namespace sotto::crypto {

/// From here on the process leaves no core dump, and other processes of the same user cannot attach to it or
/// read its memory (Linux prctl(2) PR_SET_DUMPABLE; whoever has CAP_SYS_PTRACE still can). False if the
/// system refused.
bool keep_memory_private();

}  // namespace sotto::crypto
