#include "client/apps/pseudonyms.h"

#include "bytes/encoder.h"
#include "bytes/hex.h"
#include "crypto/hash.h"

namespace sotto::client {
namespace {

/// As long as the ids that they stand for.
constexpr std::size_t kPseudonym = 16;

std::string pseudonym(const AppSecret& secret, ByteView named) {
  return to_hex(ByteView(crypto::hmac_sha384(secret, {named})).first(kPseudonym));
}

}  // namespace

std::string person_pseudonym(const AppSecret& secret, const identity::AccountId& account) {
  return pseudonym(secret, Encoder().label("app-person").raw(account.view()).view());
}

std::string conversation_pseudonym(const AppSecret& secret, std::int64_t conversation) {
  Encoder named;
  named.label("app-conversation").u64(static_cast<std::uint64_t>(conversation));
  return pseudonym(secret, named.view());
}

}  // namespace sotto::client
