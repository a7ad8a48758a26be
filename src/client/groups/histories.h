// The histories of this account's groups, from the store and kept in memory between inputs.
#pragma once

#include <map>

#include "client/store/database.h"
#include "groups/history.h"
#include "groups/signed_operation.h"

namespace sotto::client {

class Histories {
 public:
  /// With what other processes added. Null: nothing of this group is here. Lives until the next call.
  groups::History* find(store::Database& database, const groups::GroupId& group);
  /// Takes an operation into its group's history and the store. False: it was there. Errors: those of
  /// History::admit, and wrong_group for one that belongs to a group of which nothing is here.
  groups::GroupResult<bool> admit(store::Database& database, const groups::SignedOperation& signed_operation,
                                  groups::VerifiedOperation operation);
  /// After a transaction failed: what is in memory may not be in the store.
  void forget() { entries_.clear(); }

 private:
  struct Entry {
    std::int64_t last = 0;  ///< row of the newest operation in it
    groups::History history;
  };
  std::map<groups::GroupId, Entry> entries_;
};

/// All groups of which something is here.
std::vector<groups::GroupId> known_groups(store::Database& database);
/// The signed octets of an operation; empty if it is not here.
Bytes operation_octets(store::Database& database, const groups::GroupId& group,
                       const groups::OperationHash& hash);

}  // namespace sotto::client
