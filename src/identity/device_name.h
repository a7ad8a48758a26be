// Names of devices come from strangers and are shown where people decide about trust: they must not move a
// cursor, hide or turn text around.
#pragma once

#include <string>
#include <string_view>

namespace sotto::identity {

/// What is left of `typed` without octets that are not UTF-8 and without code points that have no glyph of
/// their own (control, format except U+200D, line and paragraph separators, private, unassigned), cut after a
/// whole code point to at most kMaxDeviceName octets. Cleaning a clean name changes nothing.
std::string clean_device_name(std::string_view typed);

}  // namespace sotto::identity
