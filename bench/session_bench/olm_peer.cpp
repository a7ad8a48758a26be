#include "session_bench/olm_peer.h"

#include <olm/olm.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "result/check.h"

namespace sotto::bench {
namespace {

/// Aborts when `result` is libolm's error value.
std::size_t checked(std::size_t result) {
  SOTTO_CHECK(result != olm_error());
  return result;
}

/// One of libolm's objects in memory of our own.
template <typename Object, std::size_t (*kSize)(), Object* (*kCreate)(void*), std::size_t (*kClear)(Object*)>
class OlmObject {
 public:
  OlmObject() : memory_(kSize()), object_(kCreate(memory_.data())) {}
  OlmObject(const OlmObject&) = delete;
  OlmObject& operator=(const OlmObject&) = delete;
  ~OlmObject() { kClear(object_); }
  [[nodiscard]] Object* get() const { return object_; }

 private:
  Bytes memory_;
  Object* object_;
};

using Account = OlmObject<OlmAccount, olm_account_size, olm_account, olm_clear_account>;
using Session = OlmObject<OlmSession, olm_session_size, olm_session, olm_clear_session>;
using Utility = OlmObject<OlmUtility, olm_utility_size, olm_utility, olm_clear_utility>;

struct Message {
  std::size_t type;
  std::string text;
};

struct SignedKey {
  std::string key;
  std::string signature;
};

}  // namespace

class OlmPeer::Impl {
 public:
  Impl() {
    create(alice_account_);
    create(bob_account_);
    alice_identity_ = identity_key(alice_account_, "curve25519");
    bob_identity_ = identity_key(bob_account_, "curve25519");
    bob_signing_key_ = identity_key(bob_account_, "ed25519");
    constexpr std::string_view kFirst = "first";
    prepare_establishments(1);
    establish(as_bytes(kFirst));
    alternate(as_bytes(kFirst));
  }

  std::size_t one_way(ByteView payload) { return deliver(*alice_, *bob_, payload); }

  void alternate(ByteView payload) {
    bob_is_next_ ? deliver(*bob_, *alice_, payload) : deliver(*alice_, *bob_, payload);
    bob_is_next_ = !bob_is_next_;
  }

  void prepare_establishments(std::size_t count) {
    SOTTO_CHECK(count <= kMaxPreparedEstablishments);
    OlmAccount* bob = bob_account_.get();
    Bytes random = random_octets(olm_account_generate_one_time_keys_random_length(bob, count));
    checked(olm_account_generate_one_time_keys(bob, count, random.data(), random.size()));
    std::string json(olm_account_one_time_keys_length(bob), '\0');
    checked(olm_account_one_time_keys(bob, json.data(), json.size()));
    checked(olm_account_mark_keys_as_published(bob));
    one_time_keys_.clear();
    for (const auto& key : nlohmann::json::parse(json).at("curve25519")) {
      SignedKey signed_key{.key = key.get<std::string>(),
                           .signature = std::string(olm_account_signature_length(bob), '\0')};
      checked(olm_account_sign(bob, signed_key.key.data(), signed_key.key.size(), signed_key.signature.data(),
                               signed_key.signature.size()));
      one_time_keys_.push_back(std::move(signed_key));
    }
  }

  void establish(ByteView payload) {
    SOTTO_CHECK(!one_time_keys_.empty());
    SignedKey bundle = std::move(one_time_keys_.back());
    one_time_keys_.pop_back();
    alice_ = start(bundle);
    Message first = encrypt(*alice_, payload);
    bob_ = accept(first);
    SOTTO_CHECK(decrypt(*bob_, first) == payload.size());
    bob_is_next_ = true;
  }

 private:
  Bytes random_octets(std::size_t size) {
    Bytes out(size);
    random_.fill(out);
    return out;
  }

  void create(Account& account) {
    Bytes random = random_octets(olm_create_account_random_length(account.get()));
    checked(olm_create_account(account.get(), random.data(), random.size()));
  }

  static std::string identity_key(const Account& account, const char* kind) {
    std::string json(olm_account_identity_keys_length(account.get()), '\0');
    checked(olm_account_identity_keys(account.get(), json.data(), json.size()));
    return nlohmann::json::parse(json).at(kind).get<std::string>();
  }

  std::unique_ptr<Session> start(SignedKey& bundle) {
    checked(olm_ed25519_verify(utility_.get(), bob_signing_key_.data(), bob_signing_key_.size(),
                               bundle.key.data(), bundle.key.size(), bundle.signature.data(),
                               bundle.signature.size()));
    auto session = std::make_unique<Session>();
    Bytes random = random_octets(olm_create_outbound_session_random_length(session->get()));
    checked(olm_create_outbound_session(session->get(), alice_account_.get(), bob_identity_.data(),
                                        bob_identity_.size(), bundle.key.data(), bundle.key.size(),
                                        random.data(), random.size()));
    return session;
  }

  std::unique_ptr<Session> accept(const Message& first) {
    auto session = std::make_unique<Session>();
    std::string text = first.text;  // the call overwrites it
    checked(olm_create_inbound_session_from(session->get(), bob_account_.get(), alice_identity_.data(),
                                            alice_identity_.size(), text.data(), text.size()));
    checked(olm_remove_one_time_keys(bob_account_.get(), session->get()));
    return session;
  }

  Message encrypt(const Session& session, ByteView payload) {
    Bytes random = random_octets(checked(olm_encrypt_random_length(session.get())));
    Message out{
        .type = checked(olm_encrypt_message_type(session.get())),
        .text = std::string(checked(olm_encrypt_message_length(session.get(), payload.size())), '\0')};
    checked(olm_encrypt(session.get(), payload.data(), payload.size(), random.data(), random.size(),
                        out.text.data(), out.text.size()));
    return out;
  }

  // A plaintext is shorter than its message, so olm_decrypt_max_plaintext_length (which would want another
  // copy of the message to destroy) is left out, to libolm's advantage.
  static std::size_t decrypt(const Session& session, Message& message) {
    Bytes plaintext(message.text.size());
    return checked(olm_decrypt(session.get(), message.type, message.text.data(), message.text.size(),
                               plaintext.data(), plaintext.size()));
  }

  std::size_t deliver(const Session& from, const Session& to, ByteView payload) {
    Message message = encrypt(from, payload);
    SOTTO_CHECK(message.type == OLM_MESSAGE_TYPE_MESSAGE);
    SOTTO_CHECK(decrypt(to, message) == payload.size());
    return message.text.size();
  }

  crypto::SystemRandom random_;
  Utility utility_;
  Account alice_account_;
  Account bob_account_;
  std::string alice_identity_;
  std::string bob_identity_;
  std::string bob_signing_key_;
  std::vector<SignedKey> one_time_keys_;
  std::unique_ptr<Session> alice_;
  std::unique_ptr<Session> bob_;
  bool bob_is_next_ = true;
};

OlmPeer::OlmPeer() : impl_(std::make_unique<Impl>()) {}
OlmPeer::~OlmPeer() = default;
void OlmPeer::one_way(ByteView payload) { impl_->one_way(payload); }
void OlmPeer::alternate(ByteView payload) { impl_->alternate(payload); }
void OlmPeer::prepare_establishments(std::size_t count) { impl_->prepare_establishments(count); }
void OlmPeer::establish(ByteView payload) { impl_->establish(payload); }
std::size_t OlmPeer::wire_size(ByteView payload) { return impl_->one_way(payload); }

}  // namespace sotto::bench
