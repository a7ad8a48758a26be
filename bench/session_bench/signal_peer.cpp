#include "session_bench/signal_peer.h"

#include <vector>

#include "session_bench/signal_party.h"

namespace sotto::bench {

class SignalPeer::Impl {
 public:
  explicit Impl(SignalAdapter adapter) : crypto_(adapter) {
    constexpr std::string_view kFirst = "first";
    prepare_establishments(1);
    establish(as_bytes(kFirst));
    alternate(as_bytes(kFirst));
  }

  void one_way(ByteView payload) { deliver(alice_, bob_, payload); }

  void alternate(ByteView payload) {
    bob_is_next_ ? deliver(bob_, alice_, payload) : deliver(alice_, bob_, payload);
    bob_is_next_ = !bob_is_next_;
  }

  void prepare_establishments(std::size_t count) {
    bundles_.clear();
    for (std::size_t i = 0; i < count; ++i) bundles_.push_back(bob_.make_bundle(next_prekey_id_++));
  }

  void establish(ByteView payload) {
    SOTTO_CHECK(!bundles_.empty());
    const auto bundle = std::move(bundles_.back());
    bundles_.pop_back();
    alice_.forget_session();
    bob_.forget_session();
    alice_.process_bundle(bundle.get());
    const Bytes wire = alice_.encrypt(payload);
    SOTTO_CHECK(bob_.decrypt(wire, true) == payload.size());
    bob_is_next_ = true;
  }

  std::size_t wire_size(ByteView payload) {
    const Bytes wire = alice_.encrypt(payload);
    SOTTO_CHECK(bob_.decrypt(wire, false) == payload.size());
    return wire.size();
  }

 private:
  class Context {
   public:
    explicit Context(SignalCrypto& crypto) {
      const signal_crypto_provider provider = crypto.provider();
      SOTTO_CHECK(signal_context_create(&context_, nullptr) == SG_SUCCESS);
      SOTTO_CHECK(signal_context_set_crypto_provider(context_, &provider) == SG_SUCCESS);
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { signal_context_destroy(context_); }
    [[nodiscard]] signal_context* get() const { return context_; }

   private:
    signal_context* context_ = nullptr;
  };

  static void deliver(SignalParty& from, SignalParty& to, ByteView payload) {
    const Bytes wire = from.encrypt(payload);
    SOTTO_CHECK(to.decrypt(wire, false) == payload.size());
  }

  SignalCrypto crypto_;
  Context context_{crypto_};
  SignalParty alice_{context_.get(), "bob"};
  SignalParty bob_{context_.get(), "alice"};
  std::vector<SignalRef<session_pre_key_bundle>> bundles_;
  std::uint32_t next_prekey_id_ = 1;
  bool bob_is_next_ = true;
};

SignalPeer::SignalPeer(SignalAdapter adapter) : impl_(std::make_unique<Impl>(adapter)) {}
SignalPeer::~SignalPeer() = default;
void SignalPeer::one_way(ByteView payload) { impl_->one_way(payload); }
void SignalPeer::alternate(ByteView payload) { impl_->alternate(payload); }
void SignalPeer::prepare_establishments(std::size_t count) { impl_->prepare_establishments(count); }
void SignalPeer::establish(ByteView payload) { impl_->establish(payload); }
std::size_t SignalPeer::wire_size(ByteView payload) { return impl_->wire_size(payload); }

}  // namespace sotto::bench
