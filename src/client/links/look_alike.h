// Names that people take for other ones: which script a character belongs to, and what it looks like. A part
// of what UTS #39 lists: letters that are drawn like a Latin one, in the scripts and with the marks that are
// used for deceit.
#pragma once

#include <string>
#include <string_view>

namespace sotto::client {

/// Letters of scripts that no language writes together in one word; digits and hyphens belong to all.
bool mixes_scripts(std::u32string_view label);
/// A letter of another script than the Latin one.
bool has_foreign_letter(std::u32string_view label);
/// What stands in no name: invisible characters, those that turn the direction, symbols.
bool is_odd(char32_t point);

/// The same for names that look the same. UTF-8; of what is not, the rest is left out.
std::string skeleton(std::string_view name);

}  // namespace sotto::client
