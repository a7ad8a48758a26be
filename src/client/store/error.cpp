#include "client/store/error.h"

namespace sotto::client::store {

std::string_view describe(StoreError error) {
  switch (error) {
    case StoreError::no_profile:
      return "there is no profile in this folder; create one with `sotto register`, or name another with "
             "--profile";
    case StoreError::profile_exists:
      return "this folder already holds a profile; use it, or name another folder with --profile";
    case StoreError::wrong_passphrase: return "the passphrase is wrong; nothing was changed, try again";
    case StoreError::key_file_missing:
      return "the profile's key file is missing and nothing else opens its database; restore the file named "
             "key "
             "from a copy, or use another folder";
    case StoreError::key_file_corrupt:
      return "the profile's key file is damaged; restore the file named key from a copy";
    case StoreError::key_file_newer:
      return "the profile's key file was written by a newer version; upgrade this program";
    case StoreError::key_file_refused:
      return "the profile's key file asks for more memory than any version writes; restore it from a copy";
    case StoreError::database_missing:
      return "the profile's database is missing; restore store.db, or register in another folder";
    case StoreError::database_corrupt:
      return "the profile's database is damaged or belongs to another key file; restore both from one copy";
    case StoreError::schema_newer: return "the profile was written by a newer version; upgrade this program";
    case StoreError::locked:
      return "another process holds this profile's connection; stop it, or let it do the work";
    case StoreError::busy: return "another process is writing to the profile; try again";
    case StoreError::disk_full:
      return "the disk is full and nothing was stored; free some space and try again";
    case StoreError::not_permitted:
      return "a file of the profile may not be read or written; check the folder's owner and permissions";
    case StoreError::io_failed: return "the disk failed while the profile was read or written; check it";
    case StoreError::constraint_failed: return "the store refused an inconsistent record; please report this";
    case StoreError::out_of_memory: return "there is not enough free memory to open the profile; free some";
    case StoreError::library_failure: return "the database library failed unexpectedly; please report this";
  }
  return "unknown store error";
}

}  // namespace sotto::client::store
