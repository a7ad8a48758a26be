#include "corpus/language.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "sotto/v1/client_api.pb.h"

namespace sotto::bench {

Language::Language() : generator_(20'260'101) {
  constexpr std::string_view kSyllables[] = {"ka",  "lo", "mi", "ten", "ra", "su",
                                             "vel", "no", "pi", "dar", "eg", "um"};
  for (std::size_t i = 0; i < kWordsOfLanguage; ++i) {
    std::string word;
    for (std::size_t rest = i + 12; rest > 0; rest /= std::size(kSyllables)) {
      word += kSyllables[rest % std::size(kSyllables)];
    }
    words_.push_back(std::move(word));
  }
}

const std::string& Language::word() {
  const double draw = std::uniform_real_distribution<double>(0, 1)(generator_);
  const auto rank =
      static_cast<std::size_t>(std::exp(draw * std::log(static_cast<double>(kWordsOfLanguage))));
  return words_[std::min(rank, kWordsOfLanguage) - 1];
}

std::string Language::sentence() {
  const auto length = std::uniform_int_distribution<int>(3, 20)(generator_);
  std::string out;
  for (int i = 0; i < length; ++i) out += (i == 0 ? "" : " ") + word();
  return out;
}

std::size_t Language::below(std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(generator_);
}

void add_message(client::store::Database& database, crypto::RandomSource& random, const OldMessage& message,
                 std::string_view body) {
  database.run(
      "INSERT INTO message (conversation, msg_id, sender_account, sender_device, sender_sequence, sent_ms,"
      " received_ms, sort_ms, content_hash, body, outgoing, state, failure, pq_level, authentication,"
      " verified, last_rekey_ms, kind, read)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, ?7, ?8, ?9, ?10, '', 2, 1, 1, ?6, 1, 1)",
      message.conversation, random.array<16>(), message.sender, ByteArray<16>{}, message.sequence,
      message.time_ms, random.array<16>(), body, message.outgoing,
      message.outgoing ? v1::Message::DELIVERED : v1::Message::RECEIVED);
}

}  // namespace sotto::bench
