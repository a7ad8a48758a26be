// The domain separation labels of SP/1; LBL(s) = "sp1." || s || 0x00 (docs/specs/session-protocol.md 2).
// Every signature, derivation and hash of the protocol starts with one, so none is valid for another purpose.
#pragma once

#include <string_view>

namespace sotto::session::labels {

// Signatures.
inline constexpr std::string_view kPrekeyBatch = "pk-batch";       // 3
inline constexpr std::string_view kHandshakeSignature = "hs-sig";  // 4
inline constexpr std::string_view kRatchetSignature = "rk-sig";    // 6
inline constexpr std::string_view kPqStepSignature = "pq-sig";     // 5
inline constexpr std::string_view kContentSignature = "ct-sig";    // 6
// Hashes.
inline constexpr std::string_view kBundle = "bundle";           // 3
inline constexpr std::string_view kHandshakePrefix = "hs-pre";  // 4
inline constexpr std::string_view kHandshakeSalt = "hs-salt";   // 4
inline constexpr std::string_view kHandshake = "hs";            // 4
inline constexpr std::string_view kDirectConversation = "dm";   // 6
inline constexpr std::string_view kGroupConversation = "grp";   // 6
// Derivations.
inline constexpr std::string_view kHandshakeIdentity = "hs-id";  // 4
inline constexpr std::string_view kHandshakeKeys = "hs-keys";    // 4
inline constexpr std::string_view kHandshakeMessage = "hs-msg";  // 4
inline constexpr std::string_view kPqStart = "pq0";              // 4
inline constexpr std::string_view kEcRoot = "ec-rk";             // 5
inline constexpr std::string_view kEcMessageKey = "ec-mk";       // 5
inline constexpr std::string_view kEcChainKey = "ec-ck";         // 5
inline constexpr std::string_view kPqEpoch = "pq-ep";            // 5
inline constexpr std::string_view kPqMessageKey = "pq-mk";       // 5
inline constexpr std::string_view kPqChainKey = "pq-ck";         // 5
inline constexpr std::string_view kMessage = "msg";              // 6
inline constexpr std::string_view kTag = "tag";                  // 6
// Shared bodies.
inline constexpr std::string_view kBodyKeys = "att";       // 10
inline constexpr std::string_view kBodyTags = "att-tags";  // 10

}  // namespace sotto::session::labels
