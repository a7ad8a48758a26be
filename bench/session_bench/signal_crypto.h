// The callbacks that libsignal-protocol-c needs, over OpenSSL. Algorithms are fetched once and contexts
// reused: the yardstick must not pay for a slow adapter.
#pragma once

#include <signal/signal_protocol.h>

#include <memory>

namespace sotto::bench {

/// How the callbacks treat OpenSSL's contexts. The library leaves it to its user, and its cost per message
/// depends on it, so both are measured.
enum class SignalAdapter {
  plain,  ///< a context made and freed for each computation, as the adapter in the library's own tests does
          ///< it
  tuned,  ///< algorithms fetched once, contexts kept and keyed anew
};

class SignalCrypto {
 public:
  explicit SignalCrypto(SignalAdapter adapter);
  SignalCrypto(const SignalCrypto&) = delete;
  SignalCrypto& operator=(const SignalCrypto&) = delete;
  ~SignalCrypto();

  /// Callbacks that stay valid as long as this object lives. One thread.
  [[nodiscard]] signal_crypto_provider provider();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sotto::bench
