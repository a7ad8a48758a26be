// The one place of this module that opens secrets (crypto/secret.h): what is printed on paper, split, or
// sealed.
#pragma once

#include "crypto/secret.h"

namespace sotto::recovery {

class SecretCodec {
 private:
  friend class SeedText;
  friend class SlotAccessForm;
  friend class Splitting;
  friend class SlotSeal;
  friend class ShareForm;
  static constexpr crypto::SecretAccess access() { return {}; }
};

}  // namespace sotto::recovery
