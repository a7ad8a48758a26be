// The one place of this module that opens secrets (crypto/secret.h): what is shown on a screen or scanned
// from one.
#pragma once

#include "crypto/secret.h"

namespace sotto::linking {

class SecretCodec {
 private:
  friend class LinkCode;
  friend class LinkQrText;
  static constexpr crypto::SecretAccess access() { return {}; }
};

}  // namespace sotto::linking
