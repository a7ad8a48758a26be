// Between this module's types and the protobuf messages that carry them. Total and bounded; verifies nothing
// but lengths and that keys decode.
#pragma once

#include "transparency/contact.h"

namespace sotto::v1 {
class LogKeys;
class SignedTreeHead;
class Cosignature;
class LookupAnswer;
class TransparencyHead;
class ForkEvidence;
}  // namespace sotto::v1

namespace sotto::transparency {

/// A path as one field: hashes one after the other.
Bytes to_field(const crypto::MerklePath& path);
/// Errors: malformed (no multiple of 32, or more than max_hashes).
TransparencyResult<crypto::MerklePath> path_from(ByteView field, std::size_t max_hashes);

void to_wire(const LogKeys& from, v1::LogKeys& to);
TransparencyResult<LogKeys> from_wire(const v1::LogKeys& from);

void to_wire(const Cosignature& from, v1::Cosignature& to);
TransparencyResult<Cosignature> from_wire(const v1::Cosignature& from);

void to_wire(const SignedTreeHead& from, v1::SignedTreeHead& to);
TransparencyResult<SignedTreeHead> from_wire(const v1::SignedTreeHead& from);

/// The commitments of labels that are present do not travel: from_wire computes them from the openings.
void to_wire(const LookupAnswer& from, v1::LookupAnswer& to);
TransparencyResult<LookupAnswer> from_wire(const v1::LookupAnswer& from);

void to_wire(const Gossip& from, v1::TransparencyHead& to);
TransparencyResult<Gossip> from_wire(const v1::TransparencyHead& from);

/// A file of evidence is this message. kMaxEvidence bounds its octets.
inline constexpr std::size_t kMaxEvidence = std::size_t{256} << 10;
void to_wire(const ForkEvidence& from, v1::ForkEvidence& to);
TransparencyResult<ForkEvidence> from_wire(const v1::ForkEvidence& from);

}  // namespace sotto::transparency
