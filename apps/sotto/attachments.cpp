// Commands for files that came with messages, or went: list, fetch, what is fetched by itself.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "attach.h"
#include "client/api/files.h"
#include "client/api/messages.h"
#include "client/attachments/folder.h"
#include "client/pictures/records.h"
#include "commands.h"
#include "delivery.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// A message that has files.
CommandResult<v1::Message> message_of(Session& session, const AttachmentOptions& options) {
  v1::MessageRequest which;
  which.set_conversation(options.user);
  which.set_message_id(options.message);
  SOTTO_TRY(auto message, session.call(api::get_message, which));
  if (message.files().empty()) {
    return err(Failure{ExitCode::usage, "there is no file with this message; see: sotto attachments"});
  }
  return message;
}

/// One file of it, as calls name it.
v1::FileRequest named(const AttachmentOptions& options, const v1::Message& message,
                      const v1::AttachedFile& file) {
  v1::FileRequest request;
  request.set_conversation(options.user);
  request.set_message_id(message.message_id());
  request.set_position(file.position());
  return request;
}

/// A file that is to be written out.
struct Wanted {
  v1::FileRequest request;
  client::FileKey key;
};

/// Asks for the files of a message that are not here.
CommandResult<std::vector<Wanted>> want(Session& session, const AttachmentOptions& options) {
  SOTTO_TRY(const auto message, message_of(session, options));
  std::vector<Wanted> out;
  for (const auto& file : message.files()) {
    auto request = named(options, message, file);
    SOTTO_CHECK_OK(session.call(api::download_file, request));
    SOTTO_TRY(const auto key, session.call(api::file_named, request));
    out.push_back({std::move(request), key});
  }
  return out;
}

/// On its way, or in the sandbox. What could not be looked at for now is not waited for.
bool moves(Profile& profile, const std::vector<Wanted>& files) {
  return std::ranges::any_of(files, [&](const Wanted& file) {
    const auto record = client::file_record(profile.database(), file.key);
    if (!record) return false;
    const bool in_sandbox = record->state() == v1::AttachedFile::HERE &&
                            record->media() == v1::AttachedFile::UNCHECKED && record->media_failure().empty();
    return record->state() == v1::AttachedFile::DOWNLOADING || in_sandbox;
  });
}

/// Where the clean file goes: its format may be another one.
std::filesystem::path clean_target(std::filesystem::path target, const std::string& mime) {
  const std::string format = mime.substr(mime.find('/') + 1);
  const std::string ending = target.extension().string();
  const bool fits = ending == "." + format || (format == "jpeg" && ending == ".jpg");
  return fits ? target : target.replace_extension(format == "jpeg" ? "jpg" : format);
}

/// Why the file itself is not to be had.
std::optional<Failure> why_not_original(const v1::AttachedFile& file, bool original) {
  const std::string name = harmless(file.name());
  switch (file.media()) {
    case v1::AttachedFile::UNCHECKED:
      if (original && !file.media_failure().empty()) return std::nullopt;
      return Failure{
          ExitCode::refused,
          fmt::format("{}: the sandbox has not looked at it yet{}; see: sotto media status. With "
                      "--original you get it as it came; programs that open it may be attacked by it",
                      name, file.media_failure().empty() ? "" : " (" + file.media_failure() + ")")};
    case v1::AttachedFile::SUSPECT:
      return Failure{ExitCode::refused,
                     fmt::format("{}: {}; it is looked at again in ten minutes", name, file.media_failure())};
    case v1::AttachedFile::QUARANTINED:
      return Failure{ExitCode::refused,
                     fmt::format("{} is in quarantine: {}. To have it looked at again: sotto media release",
                                 name, file.media_failure())};
    case v1::AttachedFile::REFUSED:
      if (original) return std::nullopt;
      return Failure{
          ExitCode::refused,
          fmt::format("{}: no clean picture can be made of it: {}. With --original you get it as it "
                      "came; programs that open it may be attacked by it",
                      name, file.media_failure())};
    default: return std::nullopt;
  }
}

/// Where a file of the message goes.
std::filesystem::path target_of(const AttachmentOptions& options, const std::string& name, bool only_one) {
  if (options.output.empty()) return name;
  std::error_code ignored;
  if (only_one && !std::filesystem::is_directory(options.output, ignored)) return options.output;
  return std::filesystem::path(options.output) / name;
}

/// Waiting is over.
CommandResult<void> write_wanted(Session& session, const AttachmentOptions& options, const Wanted& wanted,
                                 bool only_one, const std::optional<Failure>& hindrance) {
  SOTTO_TRY(const auto record, session.call(api::get_file, wanted.request));
  if (record.state() == v1::AttachedFile::FAILED) {
    return err(Failure{ExitCode::failed, fmt::format("{}: {}", harmless(record.name()), record.failure())});
  }
  if (record.state() != v1::AttachedFile::HERE) {
    return err(hindrance.value_or(
        Failure{ExitCode::unreachable,
                "not all of it came in time; the next `sotto download` goes on where this ended"}));
  }
  const auto target = target_of(options, record.name(), only_one);
  SOTTO_TRY(const auto written, write_out(session.profile(), wanted.key, record, options.original, target));
  session.output().file(record);
  session.output().note("written to " + written.string());
  return {};
}

/// The library that hides pictures, after the change that was typed, if one was. It is one of this machine's:
/// nobody names it from elsewhere, so that no call of the API does.
CommandResult<std::string> change_classifier(Session& session, const std::string& typed) {
  std::string path = client::load_classifier(session.profile().database());
  if (typed.empty()) return path;
  path.clear();
  if (typed != "off") {
    std::error_code failure;
    path = std::filesystem::canonical(typed, failure);
    if (failure) return err(Failure{ExitCode::usage, "the classifier cannot be read: " + typed});
  }
  SOTTO_CHECK_OK(session.run([&](client::Work& work) { return client::set_classifier(work, path); }));
  return path;
}

/// What is fetched by itself, after the changes that were typed, if any were.
CommandResult<v1::DownloadPolicy> change_policy(Session& session, const AttachmentOptions& options) {
  SOTTO_TRY(auto policy, session.call(api::download_policy, v1::Nothing()));
  if (options.max_megabytes) policy.set_max_octets(*options.max_megabytes << 20);
  if (options.from == "nobody") policy.set_from(v1::DownloadPolicy::NOBODY);
  if (options.from == "known") policy.set_from(v1::DownloadPolicy::KNOWN);
  if (options.from == "everybody") policy.set_from(v1::DownloadPolicy::EVERYBODY);
  if (!options.metered.empty()) policy.set_metered(options.metered == "on");
  return session.call(api::set_download_policy, policy);
}

std::string_view words_for(v1::DownloadPolicy::From from) {
  if (from == v1::DownloadPolicy::NOBODY) return "nobody";
  return from == v1::DownloadPolicy::KNOWN ? "people you wrote to" : "everybody";
}

}  // namespace

CommandResult<std::filesystem::path> write_out(Profile& profile, const client::FileKey& key,
                                               const v1::AttachedFile& record, bool original,
                                               std::filesystem::path target) {
  if (auto refused = why_not_original(record, original)) return err(*std::move(refused));
  const auto clean = original ? std::nullopt : client::load_clean(profile.database(), key);
  const client::AttachmentFolder folder(profile.folder().path());
  if (clean) {
    target = clean_target(std::move(target), clean->mime);
    const auto written = folder.open(clean->keys, clean->shape, clean->tags_hash, target);
    if (written) return target;
    return err(Failure{ExitCode::failed, fmt::format("{}: {}", target.string(), describe(written.error()))});
  }
  const auto file = client::load_file(profile.database(), key);
  if (!file) return err(Failure{ExitCode::failed, "the file is gone"});
  const auto written = folder.open(file->keys, file->shape, file->tags_hash, target);
  if (written) return target;
  return err(Failure{ExitCode::failed, fmt::format("{}: {}", target.string(), describe(written.error()))});
}

CommandResult<ExitCode> run_download(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto files, want(session, options));
  Profile& profile = session.profile();
  std::optional<Failure> hindrance;
  if (moves(profile, files)) {
    hindrance = wait_until(profile, session.output(), seconds(options.wait_s),
                           [&] { return !moves(profile, files); });
  }
  for (const Wanted& wanted : files) {
    SOTTO_CHECK_OK(write_wanted(session, options, wanted, files.size() == 1, hindrance));
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_release(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto message, message_of(session, options));
  std::vector<v1::AttachedFile> shown;
  bool released = false;
  for (const auto& file : message.files()) {
    const bool quarantined = file.media() == v1::AttachedFile::QUARANTINED;
    SOTTO_TRY(auto record,
              session.call(quarantined ? api::release_file : api::get_file, named(options, message, file)));
    shown.push_back(std::move(record));
    released = released || quarantined;
  }
  if (!released) return err(Failure{ExitCode::usage, "no file of this message is in quarantine"});
  for (const auto& file : shown) session.output().file(file);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_quarantine(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_quarantine, v1::Nothing()));
  for (const auto& file : list.files()) session.output().file(file);
  if (list.files().empty()) session.output().note("No file is in quarantine.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_attachments(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(Session session, Session::reading(global));
  v1::ConversationRequest request;
  request.set_conversation(options.user);
  SOTTO_TRY(const auto list, session.call(api::list_files, request));
  for (const auto& file : list.files()) session.output().file(file);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_downloads(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto classifier, change_classifier(session, options.classifier));
  SOTTO_TRY(const auto policy, change_policy(session, options));
  session.output().note(fmt::format("fetched by itself: up to {} MiB from {}{}", policy.max_octets() >> 20,
                                    words_for(policy.from()),
                                    policy.metered() ? "; now nothing, the connection is metered" : ""));
  if (!classifier.empty()) session.output().note("pictures are hidden as it says: " + classifier);
  return ExitCode::ok;
}

}  // namespace sotto::cli
