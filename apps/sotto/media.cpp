// `sotto media`: pictures through the confined decoder, by hand. Needs no profile.

#include <filesystem>

#include "client/runtime/pictures.h"
#include "commands.h"
#include "files.h"
#include "media/sandbox.h"
#include "output.h"
#include "sotto/v1/media.pb.h"

namespace sotto::cli {
namespace {

Failure failure_of(media::MediaError error) {
  const bool ours = error == media::MediaError::not_started || error == media::MediaError::not_confined;
  return {ours ? ExitCode::failed : ExitCode::refused, std::string(describe(error))};
}

/// Whoever types a file's name knows no sender for it.
constexpr media::Sender kSender = media::Sender::unknown;

v1::MediaReport report_of(const media::PictureHead& source) {
  v1::MediaReport report;
  report.set_format(std::string(media::name_of(source.format)));
  report.set_animated(source.animated);
  report.set_width(source.source_width);
  report.set_height(source.source_height);
  return report;
}

}  // namespace

CommandResult<ExitCode> run_media_status(const GlobalOptions& global) {
  const auto greeting = media::Sandbox(client::media_program()).confinement();
  if (!greeting) return err(failure_of(greeting.error()));
  v1::MediaStatus status;
  status.set_calls_filtered(true);
  status.set_landlock_abi(greeting->landlock_abi);
  for (const auto format : {media::Format::png, media::Format::jpeg, media::Format::webp, media::Format::gif,
                            media::Format::heic}) {
    if ((greeting->formats >> static_cast<unsigned>(format) & 1U) != 0) {
      status.add_formats(std::string(media::name_of(format)));
    }
  }
  Output(global.json).media_status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_check(const GlobalOptions& global, const MediaOptions& options) {
  SOTTO_TRY(const std::string file, read_file(options.input, media::kMaxInput));
  const auto head = media::Sandbox(client::media_program()).check(kSender, as_bytes(file));
  if (!head) return err(failure_of(head.error()));
  Output(global.json).media_report(report_of(*head));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_media_convert(const GlobalOptions& global, const MediaOptions& options) {
  media::CleanWish wish{.max_edge = options.max_edge};
  if (!options.format.empty()) {
    wish.format = media::format_named(options.format);
    if (!wish.format || !media::is_clean_format(*wish.format)) {
      return err(Failure{ExitCode::usage, "pictures are written as png, jpeg or webp"});
    }
  }
  if (!options.classifier.empty()) {
    std::error_code failure;
    wish.classifier = std::filesystem::canonical(options.classifier, failure);
    if (failure) return err(Failure{ExitCode::usage, "the classifier cannot be read: " + options.classifier});
  }
  SOTTO_TRY(const std::string file, read_file(options.input, media::kMaxInput));
  const auto clean = media::Sandbox(client::media_program()).clean(kSender, as_bytes(file), wish);
  if (!clean) return err(failure_of(clean.error()));
  SOTTO_CHECK_OK(write_file(options.output, as_chars(clean->file)));
  if (!options.thumbnail.empty()) SOTTO_CHECK_OK(write_file(options.thumbnail, as_chars(clean->thumbnail)));
  v1::MediaReport report = report_of(clean->source);
  report.set_clean_format(std::string(media::name_of(clean->format)));
  report.set_clean_width(clean->source.width);
  report.set_clean_height(clean->source.height);
  report.set_clean_octets(clean->file.size());
  report.set_thumbnail_width(clean->thumbnail_width);
  report.set_thumbnail_height(clean->thumbnail_height);
  report.set_thumbnail_octets(clean->thumbnail.size());
  if (clean->verdict) {
    report.set_verdict(!clean->verdict->score    ? v1::MediaReport::HIDDEN_UNCLASSIFIED
                       : clean->verdict->hides() ? v1::MediaReport::HIDDEN
                                                 : v1::MediaReport::SHOWN);
    if (clean->verdict->score) report.set_score(clean->verdict->score->value);
    if (clean->verdict->failure) {
      Output(global.json).note("the classifier failed: " + std::string(describe(*clean->verdict->failure)));
    }
  }
  Output(global.json).media_report(report);
  return ExitCode::ok;
}

}  // namespace sotto::cli
