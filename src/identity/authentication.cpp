#include "identity/authentication.h"

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "identity/labels.h"
#include "identity/limits.h"
#include "result/check.h"

namespace sotto::identity {

Bytes authentication_message(const AuthenticationContext& context) {
  SOTTO_CHECK(context.server_name.size() <= kMaxServerName);
  Encoder out;
  out.label(label::kAuthentication).var(as_bytes(context.server_name));
  out.raw(context.device.account.view()).raw(context.device.device.view());
  out.raw(crypto::sha384({context.server_nonce, context.client_nonce})).raw(context.channel);
  return std::move(out).take();
}

crypto::HybridSignature sign_authentication(const AuthenticationContext& context,
                                            const crypto::HybridPrivateKey& device_key,
                                            crypto::RandomSource& random) {
  return device_key.sign(authentication_message(context), random);
}

IdentityResult<void> verify_authentication(const AuthenticationContext& context,
                                           const crypto::HybridPublicKey& device_key, ByteView signature) {
  if (!device_key.verify(authentication_message(context), signature)) {
    return err(IdentityError::bad_device_signature);
  }
  return {};
}

}  // namespace sotto::identity
