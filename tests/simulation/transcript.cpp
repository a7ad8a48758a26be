#include "transcript.h"

#include <fmt/format.h>

#include <iterator>

#include "bytes/hex.h"
#include "crypto/hash.h"

namespace sotto::simulation {

void Transcript::line(std::string_view actor, std::string_view what) {
  const std::uint64_t ms = elapsed(start_, schedule_.now()).value;
  const std::uint64_t s = ms / 1000;
  const std::size_t begin = text_.size();
  fmt::format_to(std::back_inserter(text_), "+{}d {:02}:{:02}:{:02}.{:03} {:<9} {}\n", s / 86400,
                 s / 3600 % 24, s / 60 % 60, s % 60, ms % 1000, actor, what);
  if (copy_ == nullptr) return;
  std::fwrite(text_.data() + begin, 1, text_.size() - begin, copy_);
  std::fflush(copy_);
}

std::string Transcript::digest() const { return to_hex(crypto::sha256(as_bytes(text_))); }

}  // namespace sotto::simulation
