#include "transparency/error.h"

namespace sotto::transparency {

std::string_view describe(TransparencyError error) {
  switch (error) {
    case TransparencyError::malformed: return "not a valid encoding";
    case TransparencyError::wrong_log: return "belongs to another log";
    case TransparencyError::bad_signature: return "the signature is invalid";
    case TransparencyError::bad_vrf_proof: return "the proof of the map key is invalid";
    case TransparencyError::bad_map_proof: return "the proof of the map is invalid";
    case TransparencyError::bad_opening: return "the value is not the one in the map";
    case TransparencyError::not_last_entry: return "not proven under the newest entry";
    case TransparencyError::not_consistent: return "not proven to continue what was seen before";
    case TransparencyError::wrong_list: return "the list of changes is invalid";
    case TransparencyError::wrong_epoch: return "the entry is not at its place";
    case TransparencyError::time_went_back: return "the log's time went back";
    case TransparencyError::wrong_version: return "a change does not follow the version before it";
    case TransparencyError::wrong_root: return "the root is not the one computed";
    case TransparencyError::no_contradiction: return "proves no contradiction";
    case TransparencyError::head_behind: return "older than what was seen before";
    case TransparencyError::head_too_old: return "the log was not signed within a day";
    case TransparencyError::head_from_future: return "signed in the future: check this machine's clock";
    case TransparencyError::label_vanished: return "an entry vanished from the log";
    case TransparencyError::version_went_back: return "an entry fell back to an earlier version";
    case TransparencyError::value_replaced: return "an entry was replaced without a new version";
    case TransparencyError::forked: return "the log contradicted itself";
  }
  return "unknown transparency error";
}

}  // namespace sotto::transparency
