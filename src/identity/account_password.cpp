#include "identity/account_password.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "bytes/encoder.h"
#include "crypto/hkdf.h"
#include "identity/handle.h"
#include "identity/labels.h"
#include "identity/private_identity.h"

namespace sotto::identity {
namespace {

struct WipeAndFree {
  std::size_t size = 0;
  void operator()(utf8proc_uint8_t* memory) const {
    crypto::wipe(memory, size);
    std::free(memory);
  }
};
using Text = std::unique_ptr<utf8proc_uint8_t, WipeAndFree>;

std::size_t characters(ByteView text) {
  std::size_t count = 0;
  for (const std::uint8_t octet : text) count += (octet & 0xc0U) != 0x80U ? 1 : 0;
  return count;
}

}  // namespace

/// The password as it is counted and stretched: NFC, so that it does not matter which keyboard composed it.
class PasswordText {
 public:
  static Result<PasswordText, PasswordError> create(const crypto::SecretBytes& password) {
    const ByteView typed = password.reveal(SecretCodec::access());
    if (typed.size() > kMaxPassword) return err(PasswordError::too_long);
    if (typed.empty()) return err(PasswordError::too_short);
    constexpr auto kNfc = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t length =
        utf8proc_map(typed.data(), static_cast<utf8proc_ssize_t>(typed.size()), &mapped, kNfc);
    if (length < 0) return err(PasswordError::not_utf8);
    const auto size = static_cast<std::size_t>(length);
    return PasswordText(Text(mapped, WipeAndFree{size}));
  }
  [[nodiscard]] ByteView view() const { return {text_.get(), text_.get_deleter().size}; }

 private:
  explicit PasswordText(Text text) : text_(std::move(text)) {}
  Text text_;
};

std::string_view describe(PasswordError error) {
  switch (error) {
    case PasswordError::not_utf8: return "the password is not valid text";
    case PasswordError::too_short:
      return "the password is too short; take at least 10 characters, several words for example";
    case PasswordError::too_long: return "the password is longer than 1024 octets";
    case PasswordError::is_handle: return "the password is the account's name, which everybody knows";
    case PasswordError::cost_refused:
      return "the server asks for another effort against guessing than this version allows; do not sign in "
             "there, and ask its operator";
    case PasswordError::out_of_memory: return "there is not enough memory to stretch the password";
  }
  return "unknown error";
}

bool acceptable(const crypto::Argon2Parameters& cost) {
  const std::uint64_t work = std::uint64_t{cost.memory_kib} * cost.iterations;
  return cost.memory_kib >= kPasswordCost.memory_kib && cost.memory_kib <= kMaxPasswordMemoryKib &&
         cost.iterations >= kPasswordCost.iterations && work <= kMaxPasswordWork && cost.lanes >= 1 &&
         cost.lanes <= kMaxPasswordLanes;
}

Result<void, PasswordError> check_strength(const crypto::SecretBytes& password, std::string_view handle) {
  SOTTO_TRY(const PasswordText text, PasswordText::create(password));
  // The handle's own normal form: "Alice" is no secret of alice either.
  const auto as_handle = Handle::parse(as_chars(text.view()));
  if (as_handle && as_handle->text() == handle) return err(PasswordError::is_handle);
  if (characters(text.view()) < kMinPassword) return err(PasswordError::too_short);
  return {};
}

Result<Authenticator, PasswordError> derive_authenticator(const crypto::SecretBytes& password,
                                                          const crypto::Argon2Salt& salt,
                                                          const crypto::Argon2Parameters& cost,
                                                          std::string_view server_name) {
  if (!acceptable(cost)) return err(PasswordError::cost_refused);
  SOTTO_TRY(const PasswordText text, PasswordText::create(password));
  const auto stretched = crypto::argon2id(text.view(), salt, cost);
  // The parameters were checked above: nothing else can fail.
  if (!stretched) return err(PasswordError::out_of_memory);
  Encoder label;
  label.label(label::kSignIn);
  Encoder info;
  info.label(label::kSignIn).var(as_bytes(server_name)).raw(salt);
  return crypto::hkdf_expand<Authenticator>(crypto::hkdf_extract(label.view(), *stretched), info.view());
}

}  // namespace sotto::identity
