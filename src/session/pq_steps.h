// The PQ step machine: who proposes which epoch, when, how often a step is repeated, and what its signatures
// are (docs/specs/session-protocol.md 5).
//
//   proposer (A of odd epochs, B of even)     responder
//   PqIdle --trigger--> PqProposed            PqIdle --ek--> PqAnswered --message of the new epoch--> PqIdle
//   PqProposed --ct--> PqIdle
#pragma once

#include <algorithm>
#include <optional>
#include <variant>

#include "clock/clock.h"
#include "crypto/ml_dsa.h"
#include "crypto/ml_kem.h"
#include "crypto/random.h"
#include "session/device.h"
#include "session/limits.h"
#include "session/pq_ratchet.h"

namespace sotto::v1 {
class PqStep;
}

namespace sotto::session {

/// What a step is bound to besides its own values.
struct PqBinding {
  SessionId session;
  crypto::Sha384Digest transcript{};  ///< TH0
  Direction mine;
};

/// ECDSA always, ML-DSA on ct_1 and on both steps of every epoch divisible by kPqReauthenticationPeriod.
struct PqSignature {
  crypto::EcdsaSignature ecdsa{};
  std::optional<crypto::MlDsa65Signature> ml_dsa;
};
bool ml_dsa_due(std::uint32_t epoch, bool is_ciphertext);

struct PqIdle {};
/// This side's encapsulation key for installed + 1 is on its way.
struct PqProposed {
  crypto::MlKem768DecapsulationKey key;
  crypto::Sha384Digest ek_hash{};
  PqSignature signature;
};
/// The installed epoch is accepted for receiving; its ciphertext is on its way back.
struct PqAnswered {
  crypto::Sha384Digest ek_hash{};
  ByteArray<crypto::MlKem768::kCiphertextSize> ciphertext{};
  PqSignature signature;
  SendingChain<PqChainKind> sending;  ///< used once the peer was heard in the epoch
};

class PqSteps {
 public:
  /// `claimed_ek1`: on the responder's side, what SIG_A says the first encapsulation key hashes to.
  PqSteps(UnixMs now, std::optional<crypto::Sha384Digest> claimed_ek1)
      : installed_at_(now), claimed_ek1_(claimed_ek1) {}

  /// The initiator's first proposal, made before its claim is signed. Returns H(ek_1).
  crypto::Sha384Digest propose_first(crypto::MlKem768DecapsulationKey key);
  /// Signs what propose_first made, once the transcript is known.
  void sign_first(const PqBinding& binding, const LocalDevice& local, crypto::RandomSource& random);

  /// The owner wants a new epoch now: what the trigger by messages would have brought about later.
  void ask_for_epoch() { messages_since_ = std::max(messages_since_, kPqTriggerMessages); }
  /// Before a message is sent: proposes if it is this side's turn and time.
  void before_send(const PqBinding& binding, const PqRatchet& ratchet, const LocalDevice& local, UnixMs now,
                   crypto::RandomSource& random);
  /// Fills in the step that rides in the message now sent, if the schedule says so, and counts the message.
  /// True if `out` was filled.
  bool on_send(const PqRatchet& ratchet, v1::PqStep& out);
  /// True when the header must ask the proposer for an epoch.
  [[nodiscard]] bool want_pq(const PqBinding& binding, const PqRatchet& ratchet, UnixMs now) const;

  /// True when the next message carries something that the peer waits for: the ciphertext of its
  /// encapsulation key, or the proposal that it asked for.
  [[nodiscard]] bool owes_step(const PqBinding& binding, const PqRatchet& ratchet) const;

  /// A verified message: counts it, notes its WANT_PQ; `epoch` is its header's. True if it confirmed the
  /// answered epoch, under which this side sends from now on.
  bool on_message(PqRatchet& ratchet, std::uint32_t epoch, bool peer_wants);

  enum class Outcome : std::uint8_t {
    ignored,          ///< duplicate or late copy: ordinary
    unauthenticated,  ///< a required signature is missing or wrong: ignored, but worth a word
    answered,         ///< an encapsulation key was accepted
    installed,        ///< a ciphertext was accepted: this side sends under the new epoch
    violation,        ///< the session must end
  };
  Outcome on_step(const PqBinding& binding, PqRatchet& ratchet, const v1::PqStep& step,
                  const LocalDevice& local, const PeerDevice& peer, UnixMs now, crypto::RandomSource& random);

  [[nodiscard]] UnixMs installed_at() const { return installed_at_; }
  /// True once per epoch, when the peer has had every chance to answer and has not.
  bool take_stall(UnixMs now);
  /// True if the state's large values changed since the last call.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  friend class SessionRecord;
  using State = std::variant<PqIdle, PqProposed, PqAnswered>;

  [[nodiscard]] bool due(const PqRatchet& ratchet, UnixMs now) const;
  Outcome on_encapsulation_key(const PqBinding&, PqRatchet&, const v1::PqStep&, const LocalDevice&,
                               const PeerDevice&, UnixMs, crypto::RandomSource&);
  Outcome on_repeated_key(const PqBinding&, const PqRatchet&, const v1::PqStep&, const PeerDevice&);
  Outcome on_ciphertext(const PqBinding&, PqRatchet&, const v1::PqStep&, const PeerDevice&, UnixMs);
  void enter(State state);
  void installed(UnixMs now);

  State state_;
  std::uint32_t schedule_ = 0;  ///< k: messages sent since the state began
  std::uint32_t messages_since_ = 0;
  UnixMs installed_at_;
  bool peer_wants_ = false;
  std::optional<crypto::Sha384Digest> claimed_ek1_;
  std::uint32_t heard_since_ = 0;  ///< messages received since the state began
  bool stall_reported_ = false;
  bool changed_ = true;
};

}  // namespace sotto::session
