#include "attach.h"

#include <fmt/format.h>

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

}  // namespace sotto::cli
