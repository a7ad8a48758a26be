#include "recovery/recovery_seed.h"

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "recovery/labels.h"
#include "recovery/secret_codec.h"

namespace sotto::recovery {
namespace {

constexpr std::size_t kSeedSymbols = RecoverySeed::kSize * 8 / 5;
constexpr std::size_t kCheckSymbols = 4;
constexpr std::size_t kSymbols = kSeedSymbols + kCheckSymbols;
constexpr std::size_t kGroup = 4;
static_assert(kSeedSymbols * 5 == RecoverySeed::kSize * 8, "a seed is a whole number of base32 characters");

/// Values 0 to 31, wiped when they die.
using Symbols = crypto::WipedOctets;

/// All ones if low <= c <= high. Precondition: all below 256.
constexpr unsigned within(unsigned c, unsigned low, unsigned high) {
  return 0U - (1U ^ (((c - low) | (high - c)) >> 31U));
}
constexpr unsigned is(unsigned c, char wanted) {
  return within(c, static_cast<unsigned char>(wanted), static_cast<unsigned char>(wanted));
}
static_assert(within('a', 'a', 'z') == ~0U && within('{', 'a', 'z') == 0 && within('@', 'A', 'Z') == 0);

/// A character as read: without a branch or a table, so that nothing shows which one it was.
struct Read {
  unsigned value;   ///< 0 to 31
  unsigned valid;   ///< all ones or 0
  unsigned filler;  ///< all ones or 0
};
Read read(unsigned c) {
  const unsigned upper = within(c, 'A', 'Z');
  const unsigned lower = within(c, 'a', 'z');
  const unsigned digit = within(c, '2', '7');
  const unsigned zero = is(c, '0');
  const unsigned one = is(c, '1');
  const unsigned eight = is(c, '8');
  const unsigned value = (upper & (c - 'A')) | (lower & (c - 'a')) | (digit & (c - '2' + 26)) |
                         (zero & ('O' - 'A')) | (one & ('I' - 'A')) | (eight & ('B' - 'A'));
  return {value, upper | lower | digit | zero | one | eight,
          is(c, ' ') | is(c, '-') | is(c, '\t') | is(c, '\n') | is(c, '\r')};
}

/// The character of a value below 32.
char written(unsigned value) {
  const unsigned letter = within(value, 0, 25);
  return static_cast<char>((letter & ('A' + value)) | (~letter & ('2' + value - 26)));
}

/// Octets as values of five bits each, whole groups of eight only but for the rest that `count` cuts off.
void append_symbols(Symbols& out, ByteView octets, std::size_t count) {
  unsigned pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t octet : octets) {
    pending = (pending << 8U | octet) & 0xfffU;
    for (bits += 8; bits >= 5 && count > 0; bits -= 5, --count) {
      out.push_back(static_cast<std::uint8_t>(pending >> (bits - 5) & 31U));
    }
  }
}

Symbols symbols_of(ByteView seed) {
  Symbols out;
  append_symbols(out, seed, kSeedSymbols);
  Encoder label;
  label.label(label::kCheck);
  const auto digest = crypto::sha256({label.view(), seed});
  append_symbols(out, ByteView(digest).first(3), kCheckSymbols);
  return out;
}

}  // namespace

class SeedText {
 public:
  static std::string write(const RecoverySeed& seed) {
    std::string out;
    for (const std::uint8_t symbol : symbols_of(seed.reveal(SecretCodec::access()))) {
      if (out.size() % (kGroup + 1) == kGroup) out.push_back('-');
      out.push_back(written(symbol));
    }
    return out;
  }

  static RecoveryResult<RecoverySeed> parse(const Symbols& symbols) {
    crypto::WipedOctets octets;
    unsigned pending = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < kSeedSymbols; ++i) {
      pending = (pending << 5U | symbols[i]) & 0xfffU;
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      octets.push_back(static_cast<std::uint8_t>(pending >> bits));
    }
    const bool checked = crypto::constant_time_equal(symbols_of(octets), symbols);
    if (!crypto::declassified(checked)) return err(RecoveryError::mistyped);  // the user is told
    return RecoverySeed::copy_of(octets);
  }
};

std::string seed_text(const RecoverySeed& seed) { return SeedText::write(seed); }

RecoveryResult<RecoverySeed> parse_seed(std::string_view typed) {
  Symbols symbols;
  for (const char c : typed) {
    const Read got = read(static_cast<unsigned char>(c));
    // Where blanks stand, and that something is no key, is no secret.
    if (crypto::declassified(got.filler) != 0) continue;
    if (crypto::declassified(got.valid) == 0 || symbols.size() == kSymbols)
      return err(RecoveryError::malformed);
    symbols.push_back(static_cast<std::uint8_t>(got.value));
  }
  if (symbols.size() != kSymbols) return err(RecoveryError::malformed);
  return SeedText::parse(symbols);
}

}  // namespace sotto::recovery
