#include "verification/messages.h"

#include "sotto/v1/verification.pb.h"
#include "wire/decode.h"

namespace sotto::verification {
namespace {

void write(const Commit& from, v1::VerificationMessage& to) {
  to.set_run(wire::field(from.run));
  to.set_commitment(wire::field(from.commitment));
}
void write(const ResponderNonce& from, v1::VerificationMessage& to) {
  to.set_run(wire::field(from.run));
  to.set_responder_nonce(wire::field(from.nonce));
}
void write(const Reveal& from, v1::VerificationMessage& to) {
  to.set_run(wire::field(from.run));
  to.set_initiator_nonce(wire::field(from.nonce));
  to.set_answered(wire::field(from.answered));
}

template <std::size_t N>
VerificationResult<ByteArray<N>> fixed(const std::string& from) {
  if (from.size() != N) return err(VerificationError::malformed);
  return to_array<N>(wire::octets(from));
}

}  // namespace

Bytes encode(const VerificationMessage& message) {
  v1::VerificationMessage out;
  std::visit([&out](const auto& step) { write(step, out); }, message);
  return wire::encode(out);
}

VerificationResult<VerificationMessage> decode_verification_message(ByteView octets) {
  v1::VerificationMessage message;
  if (!wire::decode(octets, kMaxVerificationMessage, message)) return err(VerificationError::malformed);
  SOTTO_TRY(const RunId run, fixed<16>(message.run()));
  switch (message.step_case()) {
    case v1::VerificationMessage::kCommitment: {
      SOTTO_TRY(const auto commitment, fixed<48>(message.commitment()));
      return Commit{run, commitment};
    }
    case v1::VerificationMessage::kResponderNonce: {
      SOTTO_TRY(const Nonce nonce, fixed<32>(message.responder_nonce()));
      return ResponderNonce{run, nonce};
    }
    case v1::VerificationMessage::kInitiatorNonce: {
      SOTTO_TRY(const Nonce nonce, fixed<32>(message.initiator_nonce()));
      SOTTO_TRY(const Nonce answered, fixed<32>(message.answered()));
      return Reveal{run, nonce, answered};
    }
    case v1::VerificationMessage::STEP_NOT_SET: break;
  }
  return err(VerificationError::malformed);
}

}  // namespace sotto::verification
