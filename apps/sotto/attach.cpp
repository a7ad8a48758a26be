#include "attach.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "client/api/files.h"
#include "client/attachments/folder.h"
#include "client/conversations/records.h"
#include "client/runtime/pictures.h"
#include "commands.h"
#include "delivery.h"

namespace sotto::cli {
namespace {

std::string_view describe(v1::AttachedFile::Media media) {
  switch (media) {
    case v1::AttachedFile::UNCHECKED: return ", not looked at yet";
    case v1::AttachedFile::CLEAN: return ", clean";
    case v1::AttachedFile::HIDDEN: return ", clean, hidden until you want to see it";
    case v1::AttachedFile::SUSPECT: return ", broke the decoder once and is looked at again later";
    case v1::AttachedFile::QUARANTINED: return ", IN QUARANTINE";
    case v1::AttachedFile::REFUSED: return ", no clean picture can be made of it";
    default: return "";
  }
}

/// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  void show(const v1::Message& message) {
    std::uint64_t done = 0;
    std::uint64_t all = 0;
    for (const auto& file : message.files()) {
      done += file.transferred();
      all += file.stored_size();
    }
    if (all == 0 || ::isatty(STDERR_FILENO) == 0) return;
    const auto percent = static_cast<unsigned>(done * 100 / all);
    if (shown_ && percent == last_) return;
    last_ = percent;
    shown_ = true;
    fmt::print(stderr, "\r{} %", percent);
    std::fflush(stderr);
  }

 private:
  bool shown_ = false;
  unsigned last_ = 0;
};

}  // namespace

std::string describe(const v1::AttachedFile& file) {
  std::string where;
  switch (file.state()) {
    case v1::AttachedFile::UPLOADING:
      where = fmt::format("being sent, {} of {} octets", file.transferred(), file.stored_size());
      break;
    case v1::AttachedFile::DOWNLOADING:
      where = fmt::format("being fetched, {} of {} octets", file.transferred(), file.stored_size());
      break;
    case v1::AttachedFile::REMOTE: where = "not here yet: sotto download"; break;
    case v1::AttachedFile::FAILED: where = "failed: " + file.failure(); break;
    default: where = "here"; break;
  }
  if (file.media() != v1::AttachedFile::MEDIA_UNSPECIFIED) where += std::string(describe(file.media()));
  if (!file.media_failure().empty()) where += ": " + file.media_failure();
  return fmt::format("{} ({}, {} octets; {})", harmless(file.name()), harmless(file.mime()), file.size(),
                     where);
}

CommandResult<std::vector<client::NewFile>> seal_files(Profile& profile,
                                                       const std::vector<std::string>& paths,
                                                       bool keep_metadata) {
  if (paths.size() > client::kMaxFilesOfMessage) {
    return err(Failure{ExitCode::usage, "a message has at most ten files; send the others with another one"});
  }
  std::vector<client::NewFile> out;
  media::Sandbox sandbox(client::media_program());
  const client::AttachmentFolder folder(profile.folder().path());
  const client::api::Sealing sealing{
      .random = profile.random(), .folder = folder, .thumbnail = [&sandbox](ByteView picture) {
        return client::thumbnail_of(sandbox, picture);
      }};
  for (const std::string& path : paths) {
    SOTTO_TRY(auto file, client::api::seal_path(sealing, path, {}, keep_metadata));
    out.push_back(std::move(file));
  }
  return out;
}

CommandResult<ExitCode> finish_send_files(Profile& profile, const Output& output,
                                          const session::MessageId& id, const std::string& user,
                                          std::uint64_t wait_s) {
  std::int64_t row = 0;
  {
    auto rows = profile.database().query("SELECT id FROM message WHERE msg_id = ?1 AND outgoing = 1", id);
    if (rows.next()) row = rows.integer(0);
  }
  auto hindrance = stopped_by_changed_key(profile, user);
  if (!hindrance) {
    ProgressLine line;
    // A file takes as long as it takes; who does not want to wait interrupts, and it goes on the next time.
    hindrance = wait_until(profile, output, std::max(seconds(wait_s), hours(1)), [&] {
      const auto message = client::message_record(profile.database(), *profile.core().self(), row);
      if (message) line.show(*message);
      return !message || message->state() != v1::Message::QUEUED;
    });
  }
  return report_sent(profile, output, id, user, hindrance);
}

}  // namespace sotto::cli
