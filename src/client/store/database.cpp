#include "client/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "client/store/search_words.h"
#include "result/check.h"

namespace sotto::client::store {
namespace {

/// Writers of other processes commit in milliseconds; longer means that something is wrong with them.
constexpr int kBusyTimeoutMs = 5000;

StoreError map_code(sqlite3* connection, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return StoreError::disk_full;
    case SQLITE_IOERR:
      return sqlite3_system_errno(connection) == ENOSPC ? StoreError::disk_full : StoreError::io_failed;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return StoreError::database_corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return StoreError::busy;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return StoreError::not_permitted;
    case SQLITE_CONSTRAINT: return StoreError::constraint_failed;
    case SQLITE_NOMEM: return StoreError::out_of_memory;
    default: return StoreError::library_failure;
  }
}

/// SQLite creates files under the umask; creating ours first gives it, its -wal and its -shm mode 0600.
StoreResult<void> prepare_file(const std::filesystem::path& file, Access access) {
  const int flags = access == Access::create ? O_CREAT | O_EXCL | O_RDWR : O_RDWR;
  const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    if (errno == ENOENT) return err(StoreError::database_missing);
    if (errno == EEXIST) return err(StoreError::profile_exists);
    if (errno == ENOSPC) return err(StoreError::disk_full);
    return err(errno == EACCES || errno == EPERM || errno == EROFS ? StoreError::not_permitted
                                                                   : StoreError::io_failed);
  }
  ::fchmod(descriptor, 0600);
  struct stat status{};
  const bool cut_to_nothing =
      access == Access::read_write && ::fstat(descriptor, &status) == 0 && status.st_size == 0;
  ::close(descriptor);
  // SQLite would take an empty file for a new database and begin to fill it.
  if (cut_to_nothing) return err(StoreError::database_corrupt);
  return {};
}

/// PRAGMA key with a raw key: SQLCipher takes the octets as they are instead of stretching a passphrase.
std::array<char, 2 + 64 + 1> raw_key_literal(ByteView key) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 2 + 64 + 1> out{};
  std::size_t at = 0;
  out[at++] = 'x';
  out[at++] = '\'';
  for (const std::uint8_t octet : key) {
    out[at++] = kDigits[octet >> 4U];
    out[at++] = kDigits[octet & 0xfU];
  }
  out[at] = '\'';
  return out;
}

}  // namespace

Rows::Rows(Rows&& other) noexcept
    : database_(other.database_), sql_(other.sql_), statement_(std::exchange(other.statement_, nullptr)) {}

Rows::~Rows() {
  if (statement_ != nullptr) database_->release(sql_, statement_);
}

bool Rows::next() {
  if (statement_ == nullptr || database_->failure_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  // After a page that does not authenticate SQLCipher fails every step with a bare SQLITE_ERROR, which no
  // statement of ours gives otherwise: they were all prepared.
  if (code != SQLITE_DONE) database_->fail(code == SQLITE_ERROR ? SQLITE_CORRUPT : code);
  return false;
}

bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

ByteView Rows::view(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Rows::text(int column) const { return std::string(as_chars(view(column))); }

Bytes Rows::octets(int column) const { return to_bytes(view(column)); }

crypto::SecretBytes Rows::secret(int column) const { return crypto::SecretBytes::copy_of(view(column)); }

void Rows::report_damage() const { database_->report_damage(); }

Database::Database(sqlite3* connection) : connection_(connection) { add_search_words(connection); }

StoreResult<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file,
                                                      const DatabaseKey& key, Access access) {
  SOTTO_CHECK_OK(prepare_file(file, access));
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database(new Database(connection));
  if (code != SQLITE_OK) return err(map_code(connection, code));
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);

  // SQLCipher would otherwise write its own diagnostics to standard error.
  // cipher_memory_security: SQLite overwrites what it frees, pages in plaintext above all, and locks it in
  // memory as far as the limits of the process allow.
  database->run_script("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON;");
  auto literal = raw_key_literal(SecretCodec::view(key));
  const int keyed = sqlite3_key_v2(connection, "main", literal.data(), static_cast<int>(literal.size()));
  crypto::wipe(literal.data(), literal.size());
  if (keyed != SQLITE_OK) database->fail(keyed);
  // The first key of a process sets the level back.
  database->run_script("PRAGMA cipher_log_level = NONE;");
  // temp_store: no plaintext in temporary files. secure_delete: deleted keys do not linger in free pages.
  database->run_script(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = "
      "MEMORY;"
      "PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 1048576; SELECT count(*) FROM sqlite_schema;");
  if (const auto failure = database->take_failure()) return err(*failure);
  return database;
}

std::unique_ptr<Database> Database::in_memory() {
  sqlite3* connection = nullptr;
  SOTTO_CHECK(sqlite3_open_v2(":memory:", &connection,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
                              nullptr) == SQLITE_OK);
  std::unique_ptr<Database> database(new Database(connection));
  database->run_script("PRAGMA foreign_keys = ON;");
  return database;
}

std::unique_ptr<Database> Database::restore(ByteView snapshot) {
  auto database = in_memory();
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(snapshot.size()));
  SOTTO_CHECK(copy != nullptr);
  std::memcpy(copy, snapshot.data(), snapshot.size());
  const auto size = static_cast<sqlite3_int64>(snapshot.size());
  SOTTO_CHECK(sqlite3_deserialize(database->connection_, "main", copy, size, size,
                                  SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
              SQLITE_OK);
  return database;
}

Database::~Database() {
  for (const auto& [text, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close_v2(connection_);
}

Bytes Database::snapshot() const {
  sqlite3_int64 size = 0;
  unsigned char* data = sqlite3_serialize(connection_, "main", &size, 0);
  SOTTO_CHECK(data != nullptr);
  Bytes out(data, data + size);
  sqlite3_free(data);
  return out;
}

sqlite3_stmt* Database::prepare(Sql sql) {
  if (failure_) return nullptr;
  if (const auto found = idle_.find(sql.text()); found != idle_.end()) {
    sqlite3_stmt* statement = found->second;
    idle_.erase(found);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(connection_, sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
    return nullptr;
  }
  return statement;
}

void Database::release(Sql sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (!idle_.emplace(sql.text(), statement).second) sqlite3_finalize(statement);
}

void Database::fail(int sqlite_code) {
  if (!failure_) failure_ = map_code(connection_, sqlite_code);
}

void Database::report_damage() { fail(SQLITE_CORRUPT); }

void Database::run_script(const std::string& script) {
  if (failure_) return;
  const int code = sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(connection_); }

std::int64_t Database::changes() const { return sqlite3_changes64(connection_); }

std::int64_t Database::data_version() {
  Rows rows = query("PRAGMA data_version");
  return rows.next() ? rows.integer(0) : 0;
}

StoreResult<void> Database::begin() {
  run("BEGIN IMMEDIATE");
  if (const auto failure = take_failure()) return err(*failure);
  return {};
}

StoreResult<void> Database::begin_reading() {
  run("BEGIN");
  if (const auto failure = take_failure()) return err(*failure);
  return {};
}

StoreResult<void> Database::commit() {
  run("COMMIT");
  if (!failure_) return {};
  const StoreError failure = *failure_;
  rollback();
  return err(failure);
}

void Database::rollback() {
  failure_.reset();
  // After some errors (a full disk) SQLite has rolled back by itself.
  if (sqlite3_get_autocommit(connection_) == 0) run("ROLLBACK");
  failure_.reset();
}

std::optional<StoreError> Database::take_failure() { return std::exchange(failure_, std::nullopt); }

void Database::bind_integer(sqlite3_stmt* statement, int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement, index, value); code != SQLITE_OK) fail(code);
}

void Database::bind_text(sqlite3_stmt* statement, int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  const int code = sqlite3_bind_text64(statement, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(code);
}

void Database::bind_octets(sqlite3_stmt* statement, int index, ByteView value) {
  // A null pointer would bind NULL, not an empty octet string.
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  const int code = sqlite3_bind_blob64(statement, index, data, value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) fail(code);
}

void Database::bind_null(sqlite3_stmt* statement, int index) {
  if (const int code = sqlite3_bind_null(statement, index); code != SQLITE_OK) fail(code);
}

}  // namespace sotto::client::store
