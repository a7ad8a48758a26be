// A recording that is to go as a voice note.
#pragma once

#include <string>

#include "exit_code.h"
#include "sotto/v1/content.pb.h"

namespace sotto::cli {

/// What the file says of its length and loudness; a format that is not known here says nothing. Errors:
/// failed (the file).
CommandResult<v1::VoiceNote> voice_note_of(const std::string& path);

}  // namespace sotto::cli
