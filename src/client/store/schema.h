// The client database's tables, as numbered migrations. Not concerned with what the sub-domains do with them.
#pragma once

#include <cstdint>

#include "client/store/database.h"

namespace sotto::client::store {

/// What migrate() brings a database to.
extern const std::int64_t kSchemaVersion;

/// Applies the missing migrations, each in its own transaction. Errors: schema_newer (a later program wrote
/// it), database_corrupt, disk_full, busy, io_failed.
[[nodiscard]] StoreResult<void> migrate(Database& database);

}  // namespace sotto::client::store
