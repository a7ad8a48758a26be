// Text as the index of words takes it. FTS5's tokenizer splits at blanks and punctuation and folds case and
// accents; what it cannot do is split scripts that are written without blanks, and symbols.
#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace sotto::client::store {

/// Each character of Chinese, Japanese, Thai, Lao, Khmer and Burmese and each symbol stands alone between
/// blanks, full-width Latin becomes plain. Total: whatever is no UTF-8 is kept. A function of the text and of
/// nothing else, for ever: what an index row was made from must be made again to delete it.
std::string search_words(std::string_view text);

/// An FTS5 expression for entries that hold everything typed: words in any order, each by its beginning, and
/// what was typed without a blank in between one after the other. Empty when there is nothing to look for.
std::string match_expression(std::string_view typed);

/// Makes search_words a function of SQL on this connection: triggers keep the index with it.
void add_search_words(sqlite3* connection);

}  // namespace sotto::client::store
