// A contact who turned hostile: an account with real keys and real sessions, and a program of its own that
// makes what no honest one would.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "session/content_signature.h"
#include "session/header.h"
#include "session/prekey_batch.h"
#include "session/session.h"
#include "sotto/v1/session.pb.h"
#include "stage.h"

namespace sotto::hostile {

/// An INIT with every part open to change; empty functions change nothing.
struct InitDraft {
  std::function<void(v1::IdClaim&)> claim;       ///< before it is signed
  std::function<void(Bytes&)> claim_octets;      ///< before they are signed
  std::function<void(Bytes&)> signature;         ///< 3373 octets
  std::function<void(Bytes&)> identity;          ///< the padded plaintext of idC
  std::function<void(session::Header&)> header;  ///< of the embedded MSG, before it is sealed
  std::function<void(v1::Inner&)> inner;
  const session::VerifiedBundle* bundle = nullptr;  ///< other than a fresh one
  const crypto::HybridPrivateKey* key = nullptr;    ///< other than the device's own
};

class Peer {
 public:
  /// `self` has written with `victim` before, or only knows it.
  Peer(Stage& stage, Person& self, Person& victim) : stage_(stage), self_(self), victim_(victim) {}

  [[nodiscard]] Stage& stage() { return stage_; }
  [[nodiscard]] Person& self() { return self_; }
  [[nodiscard]] Person& victim() { return victim_; }
  [[nodiscard]] crypto::RandomSource& random() { return stage_.random(); }

  /// The state of the newest session, as the honest program left it.
  [[nodiscard]] session::Session session();
  /// The honest program goes on from here.
  void keep(const session::Session& session);

  /// `padded` as it is, under the next keys; `change` alters the header before it is sealed.
  Bytes seal(session::Session& session, ByteView padded,
             const std::function<void(session::Header&)>& change = {});
  /// The same for a payload, padded as it should be.
  Bytes seal(session::Session& session, const v1::Inner& inner,
             const std::function<void(session::Header&)>& change = {});
  /// A payload in the newest session; what an accepted one changes is kept.
  Bytes message(const v1::Inner& inner);
  /// Opens a new chain if one is due, and what its messages must carry until it is answered; empty: nothing.
  Bytes ratchet_auth(session::Session& session);

  /// A text as an honest program would sign it, next in its numbering.
  v1::Inner text(const std::string& body);
  struct Facts {
    Bytes content;
    session::ContentFacts facts;
    session::ConversationId conversation{};
  };
  /// The same, taken apart.
  Facts next_content(const std::string& body);
  v1::Inner signed_by(const Facts& facts, const crypto::HybridPrivateKey* key = nullptr);

  /// A fresh bundle of the victim.
  session::VerifiedBundle bundle();
  Bytes init(const InitDraft& draft = {});

  /// Signs a step of the post-quantum ratchet; both signatures.
  void sign(const session::Session& session, v1::PqStep& step, ByteView ek, ByteView ct = {});

  /// What the session layer of the victim says to these octets, without keeping anything.
  std::optional<session::SessionError> verdict(ByteView wire);

 private:
  Stage& stage_;
  Person& self_;
  Person& victim_;
};

/// A signature that is as valid mathematically and not in the one form allowed: n - s instead of s.
void make_high_s(std::string& signature);
void make_high_s(Bytes& signature);

}  // namespace sotto::hostile
