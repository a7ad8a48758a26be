// One party of libsignal-protocol-c with its stores in memory. It talks to one other party, so the store of
// sessions and of trusted identities has one place each.
#pragma once

#include <signal/key_helper.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/signal_protocol.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "bytes/bytes.h"
#include "result/check.h"

namespace sotto::bench {

struct SignalUnref {
  template <typename T>
  void operator()(T* object) const {
    signal_type_unref(reinterpret_cast<signal_type_base*>(object));
  }
};
/// An owner of one of the library's counted objects.
template <typename T>
using SignalRef = std::unique_ptr<T, SignalUnref>;

struct SignalFree {
  void operator()(signal_buffer* object) const { signal_buffer_free(object); }
  void operator()(session_builder* object) const { session_builder_free(object); }
  void operator()(session_cipher* object) const { session_cipher_free(object); }
};
template <typename T>
using SignalOwned = std::unique_ptr<T, SignalFree>;

/// Calls a function of the form int f(T** out, ...) and owns what it made. Aborts when it fails.
template <typename Pointer, typename Function, typename... Arguments>
Pointer signal_make(Function function, Arguments... arguments) {
  typename Pointer::element_type* made = nullptr;
  SOTTO_CHECK(function(&made, arguments...) == SG_SUCCESS);
  return Pointer(made);
}

class SignalParty {
 public:
  /// `peer_name` must outlive the party.
  SignalParty(signal_context* context, std::string_view peer_name);
  SignalParty(const SignalParty&) = delete;
  SignalParty& operator=(const SignalParty&) = delete;
  ~SignalParty();

  /// The serialized message.
  Bytes encrypt(ByteView payload);
  /// The plaintext's size. `prekey`: the message starts the session.
  std::size_t decrypt(ByteView wire, bool prekey);

  /// A bundle with a fresh one-time prekey whose private half is in this party's store.
  SignalRef<session_pre_key_bundle> make_bundle(std::uint32_t prekey_id);
  void process_bundle(session_pre_key_bundle* bundle);
  void forget_session() { session_.clear(); }

 private:
  void set_session_store();
  void set_prekey_stores();
  void set_identity_store();
  static SignalParty& of(void* user_data) { return *static_cast<SignalParty*>(user_data); }

  signal_context* context_;
  signal_protocol_address peer_;
  signal_protocol_store_context* stores_ = nullptr;
  SignalRef<ratchet_identity_key_pair> identity_;
  std::uint32_t registration_id_ = 1;
  SignalRef<session_signed_pre_key> signed_prekey_;
  Bytes session_;
  std::map<std::uint32_t, Bytes> prekeys_;
  std::map<std::uint32_t, Bytes> signed_prekeys_;
};

}  // namespace sotto::bench
