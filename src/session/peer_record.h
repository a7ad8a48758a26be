// The records of a PeerState: their keys and contents.
//
//   'p'                       summary                       'a' chunk   accepted hashes, 'w' chunk   sent
//   hashes 's' sid, 'i' sid, 'q' sid session core, INIT, PQ state  'e' sid run, 'k' sid run   skipped keys,
//   EC and PQ
#pragma once

#include <map>

#include "session/peer_state.h"
#include "session/session_record.h"

namespace sotto::session {

class PeerRecord {
 public:
  static Bytes session_key(char kind, const SessionId& session);
  static Bytes run_key(char kind, const SessionId& session, std::uint32_t run);

  static crypto::SecretBytes encode_summary(const PeerState& state);
  /// Every record key of a session that is about to be removed.
  static void append_removal(const Session& session, std::vector<RecordChange>& out);
  /// Writes what changed in a session.
  static void append_changes(Session& session, std::vector<RecordChange>& out);

  /// Errors: corrupt_record.
  static SessionResult<PeerState> decode(std::span<const StoredRecord> records);

 private:
  struct Sorted;
  static bool sort(std::span<const StoredRecord> records, Sorted& out);
  static bool read_summary(const crypto::SecretBytes& record, PeerState& state);
  static bool read_parts(const Sorted& sorted, PeerState& state);
};

}  // namespace sotto::session
