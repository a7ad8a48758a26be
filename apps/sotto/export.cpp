// `sotto export`: what the profile holds, as JSON lines and files in a folder.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "attach.h"
#include "client/api/conversations.h"
#include "client/attachments/records.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// Messages in memory at a time.
constexpr std::uint32_t kPage = 500;

Failure cannot_write(const std::filesystem::path& file, int error) {
  return {ExitCode::failed, "cannot write " + file.string() + ": " + std::strerror(error) +
                                "; free some space or choose another folder, remove this one and try again"};
}

/// A new file that only its owner may read, a JSON object a line.
class Lines {
 public:
  explicit Lines(std::filesystem::path file)
      : file_(std::move(file)),
        descriptor_(::open(file_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) error_ = errno;
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void add(const google::protobuf::Message& record) {
    waiting_ += to_json(record) + "\n";
    if (waiting_.size() > kBuffer) flush();
  }
  /// Everything is on the disk. Errors: failed.
  CommandResult<void> finish() {
    flush();
    if (error_ == 0 && ::fsync(descriptor_) != 0) error_ = errno;
    if (error_ != 0) return err(cannot_write(file_, error_));
    return {};
  }
  [[nodiscard]] bool failed() const { return error_ != 0; }

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;

  void flush() {
    std::string_view rest = waiting_;
    while (error_ == 0 && !rest.empty()) {
      const auto written = ::write(descriptor_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) error_ = errno;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    waiting_.clear();
  }

  std::filesystem::path file_;
  int descriptor_;
  int error_ = 0;
  std::string waiting_;
};

/// Files of messages that were written out.
struct Media {
  std::vector<client::FileKey> files;
  std::uint64_t written = 0;
  std::uint64_t elsewhere = 0;  ///< not on this device
  std::uint64_t refused = 0;    ///< which nothing may show
};

CommandResult<void> make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  if (errno == EEXIST) {
    return err(Failure{ExitCode::usage, folder.string() + " is there already; name a folder that is not"});
  }
  return err(cannot_write(folder, errno));
}

void add_conversations(Profile& profile, const client::Self& self, std::optional<client::ConversationRow> one,
                       Lines& lines) {
  const UnixMs now = SystemClock().now();
  if (!one) {
    for (const auto& record : client::conversation_records(profile.database(), self, now)) lines.add(record);
  } else if (const auto known = client::load_conversation(profile.database(), *one)) {
    lines.add(client::conversation_record(profile.database(), self, *known, now));
  }
}

/// Messages in the order in which they arrived.
void add_messages(Profile& profile, const client::Self& self,
                  std::optional<client::ConversationRow> conversation, Lines& lines, std::uint64_t& count,
                  Media& media) {
  const UnixMs now = SystemClock().now();
  std::int64_t last = 0;
  for (;;) {
    const auto page = client::messages_after(profile.database(), self, conversation, last, kPage, now);
    if (page.empty() || lines.failed()) return;
    for (const auto& [row, message] : page) {
      lines.add(message);
      for (const auto& file : message.files()) media.files.push_back({row, file.position()});
      last = row;
      ++count;
    }
  }
}

/// A file goes to media/ID/POSITION-NAME: the message's id, and where it stands among its files.
CommandResult<void> write_file_of(Profile& profile, const client::Self& self, const client::FileKey& key,
                                  bool original, const std::filesystem::path& folder, Media& media) {
  const auto record = client::file_record(profile.database(), key);
  const auto message = client::message_record(profile.database(), self, key.message);
  if (!record || !message) return {};  // it was taken back meanwhile
  if (record->state() != v1::AttachedFile::HERE) {
    ++media.elsewhere;
    return {};
  }
  const auto place = folder / message->message_id();
  if (::mkdir(place.c_str(), 0700) != 0 && errno != EEXIST) return err(cannot_write(place, errno));
  const auto written = write_out(profile, key, *record, original,
                                 place / (std::to_string(key.position) + "-" + record->name()));
  if (!written && written.error().code != ExitCode::refused) return err(written.error());
  ++(written ? media.written : media.refused);
  return {};
}

CommandResult<void> write_media(Profile& profile, const client::Self& self, const ExportOptions& options,
                                Media& media) {
  const auto folder = std::filesystem::path(options.to) / "media";
  if (media.files.empty() || options.no_media) return {};
  SOTTO_CHECK_OK(make_folder(folder));
  for (const client::FileKey& key : media.files) {
    SOTTO_CHECK_OK(write_file_of(profile, self, key, options.original, folder, media));
  }
  return {};
}

/// The conversation that is to be written; nothing: all of them.
CommandResult<std::optional<client::ConversationRow>> chosen(Session& session, const ExportOptions& options) {
  using Row = std::optional<client::ConversationRow>;
  return api::flatten(api::read_in(session.api(), [&](const client::Self& self) -> CommandResult<Row> {
    if (options.with.empty()) return Row();
    SOTTO_TRY(const auto record, api::conversation_named(session.profile().database(), self, options.with));
    return record.id;
  }));
}

std::string summary(const ExportOptions& options, std::uint64_t messages, const Media& media) {
  std::string out = std::to_string(messages) + " messages";
  if (media.written > 0) out += " and " + std::to_string(media.written) + " files";
  out += " are in " + options.to +
         ", readable by whoever can open it. Keep it where only you can, or delete it.";
  if (media.elsewhere > 0) {
    out += " " + std::to_string(media.elsewhere) +
           " files are not on this device and not there: `sotto download` fetches them.";
  }
  if (media.refused > 0) {
    out += " " + std::to_string(media.refused) +
           " were left out because nothing may show them; see `sotto attachments`.";
  }
  return out;
}

}  // namespace

CommandResult<ExitCode> run_export(const GlobalOptions& global, const ExportOptions& options) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto conversation, chosen(session, options));
  const std::filesystem::path folder = options.to;
  SOTTO_CHECK_OK(make_folder(folder));
  Lines conversations(folder / "conversations.jsonl");
  Lines messages(folder / "messages.jsonl");
  std::uint64_t count = 0;
  Media media;
  Profile& profile = session.profile();
  SOTTO_CHECK_OK(api::read_in(session.api(), [&](const client::Self& self) {
    add_conversations(profile, self, conversation, conversations);
    add_messages(profile, self, conversation, messages, count, media);
    return true;
  }));
  SOTTO_CHECK_OK(conversations.finish());
  SOTTO_CHECK_OK(messages.finish());
  SOTTO_CHECK_OK(write_media(profile, *profile.core().self(), options, media));
  session.output().note(summary(options, count, media));
  return ExitCode::ok;
}

}  // namespace sotto::cli
