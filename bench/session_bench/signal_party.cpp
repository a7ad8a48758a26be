#include "session_bench/signal_party.h"

#include <signal/protocol.h>

namespace sotto::bench {
namespace {

constexpr std::uint32_t kSignedPrekeyId = 1;

ByteView view(const signal_buffer* buffer) {
  return {signal_buffer_const_data(buffer), signal_buffer_len(buffer)};
}

signal_buffer* copy(const Bytes& octets) { return signal_buffer_create(octets.data(), octets.size()); }

int load(const std::map<std::uint32_t, Bytes>& store, signal_buffer** record, std::uint32_t id) {
  const auto found = store.find(id);
  if (found == store.end()) return SG_ERR_INVALID_KEY_ID;
  *record = copy(found->second);
  return SG_SUCCESS;
}

}  // namespace

SignalParty::SignalParty(signal_context* context, std::string_view peer_name)
    : context_(context),
      peer_{.name = peer_name.data(), .name_len = peer_name.size(), .device_id = 1},
      identity_(signal_make<SignalRef<ratchet_identity_key_pair>>(
          signal_protocol_key_helper_generate_identity_key_pair, context)) {
  SOTTO_CHECK(signal_protocol_store_context_create(&stores_, context_) == SG_SUCCESS);
  set_session_store();
  set_prekey_stores();
  set_identity_store();
  signed_prekey_ = signal_make<SignalRef<session_signed_pre_key>>(
      signal_protocol_key_helper_generate_signed_pre_key, identity_.get(), kSignedPrekeyId, std::uint64_t{0},
      context_);
  SOTTO_CHECK(signal_protocol_signed_pre_key_store_key(stores_, signed_prekey_.get()) == SG_SUCCESS);
}

SignalParty::~SignalParty() { signal_protocol_store_context_destroy(stores_); }

void SignalParty::set_session_store() {
  const signal_protocol_session_store store = {
      .load_session_func =
          [](signal_buffer** record, signal_buffer**, const signal_protocol_address*, void* self) {
            if (of(self).session_.empty()) return 0;
            *record = copy(of(self).session_);
            return 1;
          },
      .get_sub_device_sessions_func = [](signal_int_list**, const char*, std::size_t, void*) { return 0; },
      .store_session_func =
          [](const signal_protocol_address*, std::uint8_t* record, std::size_t size, std::uint8_t*,
             std::size_t, void* self) {
            of(self).session_.assign(record, record + size);
            return 0;
          },
      .contains_session_func = [](const signal_protocol_address*,
                                  void* self) { return of(self).session_.empty() ? 0 : 1; },
      .delete_session_func =
          [](const signal_protocol_address*, void* self) {
            of(self).session_.clear();
            return 1;
          },
      .delete_all_sessions_func =
          [](const char*, std::size_t, void* self) {
            of(self).session_.clear();
            return 1;
          },
      .destroy_func = nullptr,
      .user_data = this};
  SOTTO_CHECK(signal_protocol_store_context_set_session_store(stores_, &store) == SG_SUCCESS);
}

void SignalParty::set_prekey_stores() {
  const signal_protocol_pre_key_store one_time = {
      .load_pre_key = [](signal_buffer** record, std::uint32_t id,
                         void* self) { return load(of(self).prekeys_, record, id); },
      .store_pre_key =
          [](std::uint32_t id, std::uint8_t* record, std::size_t size, void* self) {
            of(self).prekeys_[id].assign(record, record + size);
            return 0;
          },
      .contains_pre_key = [](std::uint32_t id, void* self) { return of(self).prekeys_.contains(id) ? 1 : 0; },
      .remove_pre_key =
          [](std::uint32_t id, void* self) {
            of(self).prekeys_.erase(id);
            return 0;
          },
      .destroy_func = nullptr,
      .user_data = this};
  SOTTO_CHECK(signal_protocol_store_context_set_pre_key_store(stores_, &one_time) == SG_SUCCESS);
  const signal_protocol_signed_pre_key_store with_signature = {
      .load_signed_pre_key = [](signal_buffer** record, std::uint32_t id,
                                void* self) { return load(of(self).signed_prekeys_, record, id); },
      .store_signed_pre_key =
          [](std::uint32_t id, std::uint8_t* record, std::size_t size, void* self) {
            of(self).signed_prekeys_[id].assign(record, record + size);
            return 0;
          },
      .contains_signed_pre_key = [](std::uint32_t id,
                                    void* self) { return of(self).signed_prekeys_.contains(id) ? 1 : 0; },
      .remove_signed_pre_key =
          [](std::uint32_t id, void* self) {
            of(self).signed_prekeys_.erase(id);
            return 0;
          },
      .destroy_func = nullptr,
      .user_data = this};
  SOTTO_CHECK(signal_protocol_store_context_set_signed_pre_key_store(stores_, &with_signature) == SG_SUCCESS);
}

void SignalParty::set_identity_store() {
  const signal_protocol_identity_key_store store = {
      .get_identity_key_pair =
          [](signal_buffer** public_data, signal_buffer** private_data, void* self) {
            const ratchet_identity_key_pair* pair = of(self).identity_.get();
            const int status =
                ec_public_key_serialize(public_data, ratchet_identity_key_pair_get_public(pair));
            if (status != SG_SUCCESS) return status;
            return ec_private_key_serialize(private_data, ratchet_identity_key_pair_get_private(pair));
          },
      .get_local_registration_id =
          [](void* self, std::uint32_t* id) {
            *id = of(self).registration_id_;
            return 0;
          },
      .save_identity = [](const signal_protocol_address*, std::uint8_t*, std::size_t, void*) { return 0; },
      .is_trusted_identity = [](const signal_protocol_address*, std::uint8_t*, std::size_t,
                                void*) { return 1; },
      .destroy_func = nullptr,
      .user_data = this};
  SOTTO_CHECK(signal_protocol_store_context_set_identity_key_store(stores_, &store) == SG_SUCCESS);
}

Bytes SignalParty::encrypt(ByteView payload) {
  const auto cipher =
      signal_make<SignalOwned<session_cipher>>(session_cipher_create, stores_, &peer_, context_);
  ciphertext_message* made = nullptr;
  SOTTO_CHECK(session_cipher_encrypt(cipher.get(), payload.data(), payload.size(), &made) == SG_SUCCESS);
  const SignalRef<ciphertext_message> message(made);
  return to_bytes(view(ciphertext_message_get_serialized(message.get())));
}

std::size_t SignalParty::decrypt(ByteView wire, bool prekey) {
  const auto cipher =
      signal_make<SignalOwned<session_cipher>>(session_cipher_create, stores_, &peer_, context_);
  signal_buffer* made = nullptr;
  if (prekey) {
    const auto message = signal_make<SignalRef<pre_key_signal_message>>(pre_key_signal_message_deserialize,
                                                                        wire.data(), wire.size(), context_);
    SOTTO_CHECK(session_cipher_decrypt_pre_key_signal_message(cipher.get(), message.get(), nullptr, &made) ==
                SG_SUCCESS);
  } else {
    const auto message = signal_make<SignalRef<signal_message>>(signal_message_deserialize, wire.data(),
                                                                wire.size(), context_);
    SOTTO_CHECK(session_cipher_decrypt_signal_message(cipher.get(), message.get(), nullptr, &made) ==
                SG_SUCCESS);
  }
  const SignalOwned<signal_buffer> plaintext(made);
  return signal_buffer_len(plaintext.get());
}

SignalRef<session_pre_key_bundle> SignalParty::make_bundle(std::uint32_t prekey_id) {
  const auto pair = signal_make<SignalRef<ec_key_pair>>(
      [](ec_key_pair** out, signal_context* context) { return curve_generate_key_pair(context, out); },
      context_);
  const auto prekey = signal_make<SignalRef<session_pre_key>>(session_pre_key_create, prekey_id, pair.get());
  SOTTO_CHECK(signal_protocol_pre_key_store_key(stores_, prekey.get()) == SG_SUCCESS);
  const session_signed_pre_key* with_signature = signed_prekey_.get();
  return signal_make<SignalRef<session_pre_key_bundle>>(
      session_pre_key_bundle_create, registration_id_, 1, prekey_id, ec_key_pair_get_public(pair.get()),
      kSignedPrekeyId, ec_key_pair_get_public(session_signed_pre_key_get_key_pair(with_signature)),
      session_signed_pre_key_get_signature(with_signature),
      session_signed_pre_key_get_signature_len(with_signature),
      ratchet_identity_key_pair_get_public(identity_.get()));
}

void SignalParty::process_bundle(session_pre_key_bundle* bundle) {
  const auto builder =
      signal_make<SignalOwned<session_builder>>(session_builder_create, stores_, &peer_, context_);
  SOTTO_CHECK(session_builder_process_pre_key_bundle(builder.get(), bundle) == SG_SUCCESS);
}

}  // namespace sotto::bench
