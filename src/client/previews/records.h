// Pictures in previews of links: what came is looked at in the sandbox before anything shows it, as files are
// (docs/specs/media-sandbox.md 8). The sandbox itself is the runtime's concern.
#pragma once

#include <optional>

#include "client/core/work.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// It travels inside the message; what the sandbox makes has no more.
inline constexpr std::size_t kMaxPreviewPicture = std::size_t{8} << 10;

struct UncheckedPreview {
  std::int64_t message = 0;
  Bytes octets;
  bool known_sender = false;
  bool own = false;
  bool hidden = false;  ///< whatever it shows: the guardian wants it
};

/// A picture that came with the preview of a message, or goes with one. Larger ones are left out.
void keep_preview_picture(Work& work, std::int64_t message, ByteView picture);
/// The first that nobody looked at.
std::optional<UncheckedPreview> next_unchecked_preview(store::Database& database, const Self& self);
/// `clean`: of the sandbox's making; empty: it could make nothing of it, and there is none any more.
/// Forgotten if the guardian wants by now that it is hidden and it is not.
void note_preview_looked(Work& work, const UncheckedPreview& looked, ByteView clean);
/// Adds the clean one to the record, if there is one.
void add_preview_picture(store::Database& database, std::int64_t message, v1::LinkPreview& preview);

}  // namespace sotto::client
