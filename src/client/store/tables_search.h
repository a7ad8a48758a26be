// The index of words: which entries hold which (client/search).
#pragma once

namespace sotto::client::store {

/// Triggers keep it, so nothing that changes a body can forget it. It holds no text of its own, and with
/// secure-delete what an erased entry said leaves it at once. Symbols are words: people look for emoji. What
/// is typed is the beginning of a word: up to five letters have lists of their own, where those of all words
/// that begin so would have to be merged. Few words share a longer beginning.
inline constexpr const char* kSearchTables = R"sql(
CREATE VIRTUAL TABLE message_words USING fts5(
  words, content = '', prefix = '2 3 4 5',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
INSERT INTO message_words (rowid, words)
  SELECT id, search_words(body) FROM message WHERE system = 0 AND body <> '';

CREATE TRIGGER message_words_added AFTER INSERT ON message WHEN NEW.system = 0 AND NEW.body <> '' BEGIN
  INSERT INTO message_words (rowid, words) VALUES (NEW.id, search_words(NEW.body));
END;
CREATE TRIGGER message_words_changed AFTER UPDATE OF body ON message
  WHEN NEW.system = 0 AND NEW.body <> OLD.body BEGIN
  INSERT INTO message_words (message_words, rowid, words)
    SELECT 'delete', OLD.id, search_words(OLD.body) WHERE OLD.body <> '';
  INSERT INTO message_words (rowid, words) SELECT NEW.id, search_words(NEW.body) WHERE NEW.body <> '';
END;
CREATE TRIGGER message_words_removed AFTER DELETE ON message WHEN OLD.system = 0 AND OLD.body <> '' BEGIN
  INSERT INTO message_words (message_words, rowid, words) VALUES ('delete', OLD.id, search_words(OLD.body));
END;
)sql";

}  // namespace sotto::client::store
