#include "recording.h"

#include "client/attachments/folder.h"
#include "client/attachments/recording.h"

namespace sotto::cli {

CommandResult<v1::VoiceNote> voice_note_of(const std::string& path) {
  const auto failed = [&path](client::FileError error) {
    return err(Failure{ExitCode::failed, path + ": " + std::string(client::describe(error))});
  };
  auto file = client::SourceFile::open(path);
  if (!file) return failed(file.error());
  v1::VoiceNote note;
  if (file->size() > client::kMaxMeasured) return note;
  const auto octets = file->read_all();
  if (!octets) return failed(octets.error());
  if (const auto measured = client::measure_recording(*octets)) {
    note.set_duration_ms(measured->duration_ms);
    note.set_waveform(std::string(as_chars(measured->waveform)));
  }
  return note;
}

}  // namespace sotto::cli
