// The domain separation labels of attachments; LBL(s) = "sp1." || s || 0x00 (docs/specs/session-protocol.md
// 10).
#pragma once

#include <string_view>

namespace sotto::attachments::labels {

inline constexpr std::string_view kChunk = "att";
inline constexpr std::string_view kTags = "att-tags";

}  // namespace sotto::attachments::labels
