// Sentences of a made-up language, the same every time, and stores full of them: for benchmarks alone.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bytes/bytes.h"
#include "client/store/database.h"
#include "crypto/random.h"

namespace sotto::bench {

inline constexpr std::size_t kWordsOfLanguage = 50'000;

/// Words with the frequencies of a language (Zipf).
class Language {
 public:
  Language();
  /// The lower the rank, the more often.
  const std::string& word();
  [[nodiscard]] const std::string& word_of_rank(std::size_t rank) const { return words_[rank]; }
  std::string sentence();
  std::size_t below(std::size_t bound);

 private:
  std::mt19937_64 generator_;
  std::vector<std::string> words_;
};

/// A text as if it had been said long ago: read, encrypted, delivered.
struct OldMessage {
  std::int64_t conversation = 0;
  ByteArray<16> sender{};  ///< account
  bool outgoing = false;
  std::uint64_t sequence = 0;
  std::uint64_t time_ms = 0;
};
void add_message(client::store::Database& database, crypto::RandomSource& random, const OldMessage& message,
                 std::string_view body);

}  // namespace sotto::bench
