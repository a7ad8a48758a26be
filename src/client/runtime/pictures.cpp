#include "client/runtime/pictures.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <utility>

#include "picture_metadata/picture_metadata.h"

namespace sotto::client {
namespace {

using v1::AttachedFile;

/// Until this machine may have got what it lacks: the program, or its confinement.
constexpr DurationMs kMachinePause = minutes(10);

std::string mime_of(media::Format format) { return "image/" + std::string(media::name_of(format)); }

bool is_machines_trouble(media::MediaError error) {
  return error == media::MediaError::not_confined || error == media::MediaError::not_started;
}

}  // namespace

struct PictureRunner::Job {
  UncheckedFile unchecked;
  attachments::FileKeys clean_keys;
  std::string classifier;
};

PictureRunner::PictureRunner(boost::asio::io_context& context, Core& core, crypto::RandomSource& random,
                             AttachmentFolder folder, std::string program, Perform perform)
    : context_(context),
      core_(core),
      random_(random),
      folder_(std::move(folder)),
      sandbox_(std::move(program)),
      perform_(std::move(perform)) {}

PictureRunner::~PictureRunner() {
  if (worker_) worker_->join();
}

void PictureRunner::work() {
  if (running_ || core_.self() == nullptr || !core_.self()->account) return;
  auto file = next_unchecked(core_.database(), *core_.self(), clock_.now());
  if (core_.database().take_failure()) return;
  if (file) return look_at_file(*std::move(file));
  auto preview = next_unchecked_preview(core_.database(), *core_.self());
  if (core_.database().take_failure() || !preview) return;
  look_at_preview(*std::move(preview));
}

void PictureRunner::look_at_file(UncheckedFile unchecked) {
  auto job = std::make_shared<Job>(
      Job{std::move(unchecked), attachments::FileKeys::generate(random_), load_classifier(core_.database())});
  offload([this, job] { return look(*job, clock_.now()); },
          [this, job](const Looked& looked) {
            tell([&](Work& work) { note_looked(work, job->unchecked.file.key, looked); });
          });
}

void PictureRunner::look_at_preview(UncheckedPreview unchecked) {
  const auto job = std::make_shared<const UncheckedPreview>(std::move(unchecked));
  offload(
      [this, job, classifier = load_classifier(core_.database())] { return clean_preview(*job, classifier); },
      [this, job](const Bytes& clean) { tell([&](Work& work) { note_preview_looked(work, *job, clean); }); });
}

template <typename See, typename Take>
void PictureRunner::offload(See see, Take take) {
  running_ = true;
  if (!worker_) worker_ = std::make_unique<boost::asio::thread_pool>(1);
  boost::asio::post(*worker_, [this, alive = std::weak_ptr(alive_), see = std::move(see),
                               take = std::move(take)]() mutable {
    auto seen = see();
    boost::asio::post(context_, [this, alive, take = std::move(take), seen = std::move(seen)] {
      if (alive.expired()) return;  // the profile was closed meanwhile; the next time it is looked at again
      running_ = false;
      take(seen);
    });
  });
}

Looked PictureRunner::look(Job& job, UnixMs now) {
  const FileRow& file = job.unchecked.file;
  // Of what is too large for a picture its beginning says what it is.
  const bool fits = file.shape.file <= media::kMaxInput;
  const auto octets = folder_.open_beginning(
      file.keys, file.shape, file.tags_hash,
      fits ? static_cast<std::size_t>(file.shape.file) : picture_metadata::kHeadOctets);
  if (!octets) {
    return {.next = now + kMachinePause, .failure = std::string(describe(octets.error()))};
  }
  const auto head = ByteView(*octets).first(std::min(octets->size(), picture_metadata::kHeadOctets));
  if (picture_metadata::kind_of(head) == picture_metadata::Kind::no_picture) {
    return {.state = AttachedFile::NOT_A_PICTURE};
  }
  if (!fits) return looked_in_vain({}, media::MediaError::too_large, now);
  return clean_up(job, *octets, now);
}

Looked PictureRunner::clean_up(Job& job, ByteView picture, UnixMs now) {
  const auto kept = media::decode_quarantine_record(job.unchecked.quarantine);
  const auto record = kept.value_or(media::QuarantineRecord{});
  const auto sender = job.unchecked.known_sender ? media::Sender::known : media::Sender::unknown;
  const auto clean =
      sandbox_.clean(sender, picture, {.classifier = job.classifier, .hidden = job.unchecked.hidden});
  if (!clean) return looked_in_vain(record, clean.error(), now);
  const auto sealed = folder_.seal(job.clean_keys, clean->file.size(), source_of(clean->file));
  if (!sealed) {
    return {.quarantine = job.unchecked.quarantine,
            .next = now + kMachinePause,
            .failure = std::string(describe(sealed.error()))};
  }
  const bool hidden = clean->verdict && clean->verdict->hides();
  return {
      .state = hidden ? AttachedFile::HIDDEN : AttachedFile::CLEAN,
      .clean = CleanFile{std::move(job.clean_keys), sealed->shape, sealed->tags_hash, mime_of(clean->format)},
      .thumbnail = clean->thumbnail};
}

Bytes PictureRunner::clean_preview(const UncheckedPreview& preview, const std::string& classifier) {
  const auto sender = preview.known_sender ? media::Sender::known : media::Sender::unknown;
  auto clean = sandbox_.clean(sender, preview.octets,
                              {.max_edge = media::kThumbnailEdge,
                               .format = media::Format::jpeg,
                               .classifier = classifier,
                               .hidden = preview.hidden});
  // It has one try: a message is worth reading without its picture, and what breaks a decoder is not looked
  // at again.
  return clean ? std::move(clean->thumbnail) : Bytes();
}

void PictureRunner::tell(const std::function<void(Work&)>& body) {
  auto outcome = core_.command(clock_.now(), [&](Work& work) {
    body(work);
    return true;
  });
  if (!outcome) return perform_(err(outcome.error()));
  perform_(std::move(outcome->effects));
  work();
}

Looked looked_in_vain(const media::QuarantineRecord& before, media::MediaError error, UnixMs now) {
  const auto record = media::after(before, error, now);
  Looked out{.quarantine = media::encode(record), .failure = std::string(media::describe(error))};
  if (is_machines_trouble(error)) {
    out.next = now + kMachinePause;
    return out;
  }
  if (record == before) {
    out.state = AttachedFile::REFUSED;
    return out;
  }
  const auto standing = media::standing(record, now);
  if (const auto* wait = std::get_if<media::Wait>(&standing)) {
    out.next = wait->until;
  } else if (std::holds_alternative<media::Quarantined>(standing)) {
    out.state = AttachedFile::QUARANTINED;
  }
  return out;
}

std::string media_program() {
  std::error_code failure;
  auto self = std::filesystem::read_symlink("/proc/self/exe", failure);
  return failure ? "/usr/bin/sotto-media" : self.replace_filename("sotto-media").string();
}

Bytes thumbnail_of(media::Sandbox& sandbox, ByteView picture) {
  if (picture.size() > media::kMaxInput) return {};
  const auto head = picture.first(std::min(picture.size(), picture_metadata::kHeadOctets));
  if (picture_metadata::kind_of(head) == picture_metadata::Kind::no_picture) return {};
  auto clean = sandbox.clean(media::Sender::known, picture, {.max_edge = media::kThumbnailEdge});
  return clean ? std::move(clean->thumbnail) : Bytes();
}

}  // namespace sotto::client
