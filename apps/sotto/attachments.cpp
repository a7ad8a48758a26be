// Commands for files that came with messages, or went: list, fetch, what is fetched by itself.
#include <fmt/format.h>

#include <filesystem>

#include "attach.h"
#include "client/attachments/folder.h"
#include "client/attachments/policy.h"
#include "client/attachments/transfers.h"
#include "client/conversations/records.h"
#include "client/pictures/records.h"
#include "commands.h"
#include "delivery.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using Files = std::vector<client::FileKey>;

/// The files of a message. With `want`, asks for those that are not here.
CommandResult<Files> find(Profile& profile, const AttachmentOptions& options, bool want) {
  auto outcome = profile.core().command(SystemClock().now(), [&](client::Work& work) {
    return client::message_files(work, options.user, options.message, want);
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  if (outcome->value->empty()) {
    return err(Failure{ExitCode::usage, "there is no file with this message; see: sotto attachments"});
  }
  return *outcome->value;
}

/// On its way, or in the sandbox. What could not be looked at for now is not waited for.
bool moves(Profile& profile, const Files& files) {
  return std::ranges::any_of(files, [&](const client::FileKey& key) {
    const auto record = client::file_record(profile.database(), key);
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
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->reader());
  const Output output(global.json);
  SOTTO_TRY(const Files files, find(*profile, options, true));
  std::optional<Failure> hindrance;
  if (moves(*profile, files)) {
    hindrance =
        wait_until(*profile, output, seconds(options.wait_s), [&] { return !moves(*profile, files); });
  }
  for (const auto& key : files) {
    const auto record = client::file_record(profile->database(), key);
    if (!record) continue;
    if (record->state() == v1::AttachedFile::FAILED) {
      return err(
          Failure{ExitCode::failed, fmt::format("{}: {}", harmless(record->name()), record->failure())});
    }
    if (record->state() != v1::AttachedFile::HERE) {
      return err(hindrance.value_or(
          Failure{ExitCode::unreachable,
                  "not all of it came in time; the next `sotto download` goes on where this ended"}));
    }
    const auto target = target_of(options, record->name(), files.size() == 1);
    SOTTO_TRY(const auto written, write_out(*profile, key, *record, options.original, target));
    output.file(*record);
    output.note("written to " + written.string());
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_release(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  SOTTO_TRY(const Files files, find(*profile, options, false));
  bool released = false;
  auto outcome = profile->core().command(SystemClock().now(), [&](client::Work& work) {
    for (const auto& key : files) released = client::release_picture(work, key) || released;
    return true;
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!released) return err(Failure{ExitCode::usage, "no file of this message is in quarantine"});
  for (const auto& key : files) {
    if (const auto record = client::file_record(profile->database(), key)) output.file(*record);
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_quarantine(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  const auto files = client::quarantined_files(profile->database());
  for (const auto& key : files) {
    auto record = client::file_record(profile->database(), key);
    const auto message = client::message_record(profile->database(), *self, key.message);
    if (!record || !message) continue;
    record->set_message_id(message->message_id());
    record->set_conversation(message->conversation());
    record->set_position(static_cast<std::uint32_t>(key.position));
    output.file(*record);
  }
  if (files.empty()) output.note("No file is in quarantine.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_attachments(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  std::vector<client::FileKey> files;
  {
    auto rows =
        profile->database().query("SELECT message, position FROM attachment ORDER BY message, position");
    while (rows.next()) files.push_back({rows.integer(0), rows.integer(1)});
  }
  for (const auto& key : files) {
    auto record = client::file_record(profile->database(), key);
    const auto message = client::message_record(profile->database(), *self, key.message);
    if (!record || !message || (!options.user.empty() && message->conversation() != options.user)) continue;
    record->set_message_id(message->message_id());
    record->set_conversation(message->conversation());
    output.file(*record);
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_downloads(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  client::DownloadPolicy policy = client::load_policy(profile->database());
  if (options.max_megabytes) policy.max_octets = *options.max_megabytes << 20;
  if (options.from == "nobody") policy.senders = client::FetchFrom::nobody;
  if (options.from == "known") policy.senders = client::FetchFrom::known;
  if (options.from == "everybody") policy.senders = client::FetchFrom::everybody;
  if (!options.metered.empty()) policy.metered = options.metered == "on";
  std::string classifier = client::load_classifier(profile->database());
  if (options.classifier == "off") {
    classifier.clear();
  } else if (!options.classifier.empty()) {
    std::error_code failure;
    classifier = std::filesystem::canonical(options.classifier, failure);
    if (failure) return err(Failure{ExitCode::usage, "the classifier cannot be read: " + options.classifier});
  }
  SOTTO_CHECK_OK(run_in(*profile, [&](client::Work& work) -> Result<void, client::ComposeError> {
    SOTTO_CHECK_OK(client::set_classifier(work, classifier));
    client::save_policy(work.db, policy);
    return {};
  }));
  const std::string_view from = policy.senders == client::FetchFrom::nobody  ? "nobody"
                                : policy.senders == client::FetchFrom::known ? "people you wrote to"
                                                                             : "everybody";
  Output(global.json)
      .note(fmt::format("fetched by itself: up to {} MiB from {}{}", policy.max_octets >> 20, from,
                        policy.metered ? "; now nothing, the connection is metered" : ""));
  if (!classifier.empty()) Output(global.json).note("pictures are hidden as it says: " + classifier);
  return ExitCode::ok;
}

}  // namespace sotto::cli
