// Commands for files that came with messages, or went: list, fetch, what is fetched by itself.
#include <fmt/format.h>

#include <filesystem>

#include "attach.h"
#include "client/attachments/folder.h"
#include "client/attachments/policy.h"
#include "client/attachments/transfers.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "delivery.h"

namespace sotto::cli {
namespace {

struct Found {
  std::int64_t row = 0;
  std::vector<client::FileKey> files;
};

/// Asks for what is not here.
CommandResult<Found> find_and_want(Profile& profile, const AttachmentOptions& options) {
  auto outcome = profile.core().command(
      SystemClock().now(), [&](client::Work& work) -> Result<Found, client::ComposeError> {
        SOTTO_TRY(const auto message,
                  client::named_message(work, options.user, options.message, client::Whose::anybody));
        Found found{.row = message.row, .files = client::files_of(work.db, message.row)};
        for (const auto& key : found.files) client::want_file(work, key);
        return found;
      });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  if (outcome->value->files.empty()) {
    return err(Failure{ExitCode::usage, "there is no file with this message; see: sotto attachments"});
  }
  return *outcome->value;
}

bool moves(Profile& profile, const Found& found) {
  return std::ranges::any_of(found.files, [&](const client::FileKey& key) {
    const auto record = client::file_record(profile.database(), key);
    return record && record->state() == v1::AttachedFile::DOWNLOADING;
  });
}

/// Where a file of the message goes.
std::filesystem::path target_of(const AttachmentOptions& options, const std::string& name, bool only_one) {
  if (options.output.empty()) return name;
  std::error_code ignored;
  if (only_one && !std::filesystem::is_directory(options.output, ignored)) return options.output;
  return std::filesystem::path(options.output) / name;
}

CommandResult<void> write_out(Profile& profile, const client::FileKey& key,
                              const std::filesystem::path& target) {
  const auto file = client::load_file(profile.database(), key);
  if (!file) return err(Failure{ExitCode::failed, "the file is gone"});
  const client::AttachmentFolder folder(profile.folder().path());
  const auto written = folder.open(file->keys, file->shape, file->tags_hash, target);
  if (written) return {};
  return err(Failure{ExitCode::failed, fmt::format("{}: {}", target.string(), describe(written.error()))});
}

}  // namespace

CommandResult<ExitCode> run_download(const GlobalOptions& global, const AttachmentOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->reader());
  const Output output(global.json);
  SOTTO_TRY(const Found found, find_and_want(*profile, options));
  std::optional<Failure> hindrance;
  if (moves(*profile, found)) {
    hindrance =
        wait_until(*profile, output, seconds(options.wait_s), [&] { return !moves(*profile, found); });
  }
  for (const auto& key : found.files) {
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
    const auto target = target_of(options, record->name(), found.files.size() == 1);
    SOTTO_CHECK_OK(write_out(*profile, key, target));
    output.file(*record);
    output.note("written to " + target.string());
  }
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
  auto outcome = profile->core().command(SystemClock().now(), [&](client::Work& work) {
    client::save_policy(work.db, policy);
    return true;
  });
  if (!outcome) return err(failure_of(outcome.error()));
  const std::string_view from = policy.senders == client::FetchFrom::nobody  ? "nobody"
                                : policy.senders == client::FetchFrom::known ? "people you wrote to"
                                                                             : "everybody";
  Output(global.json)
      .note(fmt::format("fetched by itself: up to {} MiB from {}{}", policy.max_octets >> 20, from,
                        policy.metered ? "; now nothing, the connection is metered" : ""));
  return ExitCode::ok;
}

}  // namespace sotto::cli
