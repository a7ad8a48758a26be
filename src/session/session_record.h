// A Session as records for the encrypted store, cut so that an ordinary message rewrites the small one alone
// (docs/specs/session-protocol.md 7): core (0.7 kB), INIT prefix (written once), PQ step state (at its
// transitions), runs of skipped keys (one at a time).
#pragma once

#include <vector>

#include "session/secret_codec.h"
#include "session/session.h"

namespace sotto::session {

/// The records of one session as loaded; absent ones are empty.
struct SessionRecords {
  const crypto::SecretBytes* core = nullptr;
  const crypto::SecretBytes* prefix = nullptr;
  const crypto::SecretBytes* steps = nullptr;
  std::vector<const crypto::SecretBytes*> ec_runs;
  std::vector<const crypto::SecretBytes*> pq_runs;
};

class SessionRecord {
 public:
  static crypto::SecretBytes encode_core(const Session& session);
  /// Empty when there is nothing to keep.
  static std::optional<crypto::SecretBytes> encode_prefix(const Session& session);
  static std::optional<crypto::SecretBytes> encode_steps(const Session& session);
  static crypto::SecretBytes encode(const SkippedKeys<EcChainKind>::Run& run);
  static crypto::SecretBytes encode(const SkippedKeys<PqChainKind>::Run& run);

  /// Errors: corrupt_record.
  static SessionResult<Session> decode(const SessionRecords& records);

 private:
  static void write(RecordWriter& out, const EcRatchet& ec);
  static void write(RecordWriter& out, const PqRatchet& pq);
  static void write(RecordWriter& out, const PqSteps& steps);
  static std::optional<EcRatchet> read_ec(RecordReader& in);
  static PqRatchet read_pq(RecordReader& in, Direction mine);
  static PqSteps read_steps(RecordReader& in);
  static bool read_state(const crypto::SecretBytes& record, PqSteps& steps);
  static bool consistent(const Session& session);
  static bool restore_runs(const SessionRecords& records, Session& session);
};

}  // namespace sotto::session
