// One SQLite database (SQLCipher on disk): statements, transactions, failure. Not concerned with what tables
// there are (schema.h) or what they mean (the sub-domains of the client).
//
// Failure is sticky, like a Decoder's: the first statement that fails sets failure(), and from then on every
// statement does nothing and every query is empty, until the transaction ends. Code inside a transaction thus
// reads straight on, and checks once, when it commits. What it concluded from empty results in between is
// harmless as long as nothing leaves the process before the commit succeeded.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "bytes/bytes.h"
#include "client/store/error.h"
#include "client/store/secret_codec.h"
#include "clock/clock.h"
#include "crypto/secret.h"
#include "identity/ids.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sotto::client::store {

/// The key of the database file.
using DatabaseKey = crypto::SecretArray<32, struct DatabaseKeyTag>;

/// A statement's text: a literal, so no value ever becomes part of SQL, and so the statement cache is finite.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor): literals only
  [[nodiscard]] const char* text() const { return text_; }

 private:
  const char* text_;
};

class Database;

/// The rows of one query, forwards once. Must die before its database does. Columns count from 0; their views
/// would not outlive next(), so values are copied out.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// Moves to the next row; false at the end and on failure.
  bool next();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] bool flag(int column) const { return integer(column) != 0; }
  [[nodiscard]] UnixMs time(int column) const { return {count(column)}; }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] Bytes octets(int column) const;
  [[nodiscard]] crypto::SecretBytes secret(int column) const;
  /// Exactly N octets; anything else is database_corrupt.
  template <std::size_t N>
  [[nodiscard]] ByteArray<N> array(int column) const {
    const ByteView stored = view(column);
    if (stored.size() != N) report_damage();
    return to_array<N>(stored);
  }
  template <typename IdType>
  [[nodiscard]] IdType id(int column) const {
    return IdType(array<IdType::kSize>(column));
  }
  template <typename Secret>
  [[nodiscard]] std::optional<Secret> secret_array(int column) const {
    if (view(column).size() != Secret::kSize) {
      report_damage();
      return std::nullopt;
    }
    return Secret::copy_of(view(column));
  }

 private:
  friend class Database;
  Rows(Database& database, Sql sql, sqlite3_stmt* statement)
      : database_(&database), sql_(sql), statement_(statement) {}
  [[nodiscard]] ByteView view(int column) const;
  void report_damage() const;

  Database* database_;
  Sql sql_;
  sqlite3_stmt* statement_;  // null: no rows
};

enum class Access : std::uint8_t { read_write, create };

/// One connection. Use from one thread.
class Database {
 public:
  /// Opens or creates an encrypted file, WAL-journalled with every commit synced (synchronous=FULL): what was
  /// committed survives a power cut, and other processes read while one writes.
  /// Errors: database_missing, database_corrupt, not_permitted, disk_full, io_failed, busy, profile_exists.
  static StoreResult<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                     const DatabaseKey& key, Access access);
  /// Empty, unencrypted, gone with the object: for the simulator and tests.
  static std::unique_ptr<Database> in_memory();
  /// A database in memory as snapshot() saw it.
  static std::unique_ptr<Database> restore(ByteView snapshot);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The committed content, byte for byte. Only of a database in memory, outside transactions.
  [[nodiscard]] Bytes snapshot() const;

  /// Executes a statement that returns no rows. Parameters ?1, ?2... take the arguments in order.
  template <typename... Arguments>
  void run(Sql sql, const Arguments&... arguments) {
    Rows rows = query(sql, arguments...);
    rows.next();
  }
  template <typename... Arguments>
  [[nodiscard]] Rows query(Sql sql, const Arguments&... arguments) {
    sqlite3_stmt* statement = prepare(sql);
    if (statement != nullptr) {
      int index = 0;
      (bind(statement, ++index, arguments), ...);
    }
    return Rows(*this, sql, statement);
  }
  /// Executes several statements without parameters, for migrations.
  void run_script(const std::string& script);

  [[nodiscard]] std::int64_t last_insert_id() const;
  /// Rows that the last run() changed.
  [[nodiscard]] std::int64_t changes() const;
  /// Changes when another connection committed.
  [[nodiscard]] std::int64_t data_version();

  /// BEGIN IMMEDIATE: this connection writes, others read. Errors: busy and what opening can give.
  [[nodiscard]] StoreResult<void> begin();
  /// One consistent view for several queries.
  [[nodiscard]] StoreResult<void> begin_reading();
  /// Returns the failure of the transaction, if there was one, after rolling it back.
  [[nodiscard]] StoreResult<void> commit();
  void rollback();

  [[nodiscard]] std::optional<StoreError> failure() const { return failure_; }
  /// For stored octets that do not decode: fails the transaction with database_corrupt.
  void report_damage();
  /// Ends the failed state outside a transaction and returns it.
  std::optional<StoreError> take_failure();

 private:
  friend class Rows;
  explicit Database(sqlite3* connection);

  sqlite3_stmt* prepare(Sql sql);
  void release(Sql sql, sqlite3_stmt* statement);
  void fail(int sqlite_code);

  void bind_integer(sqlite3_stmt* statement, int index, std::int64_t value);
  void bind_text(sqlite3_stmt* statement, int index, std::string_view value);
  void bind_octets(sqlite3_stmt* statement, int index, ByteView value);
  void bind_null(sqlite3_stmt* statement, int index);

  template <std::integral T>
  void bind(sqlite3_stmt* statement, int index, T value) {
    bind_integer(statement, index, static_cast<std::int64_t>(value));
  }
  template <typename T>
    requires std::is_enum_v<T>
  void bind(sqlite3_stmt* statement, int index, T value) {
    bind_integer(statement, index, static_cast<std::int64_t>(value));
  }
  void bind(sqlite3_stmt* statement, int index, UnixMs time) { bind(statement, index, time.value); }
  void bind(sqlite3_stmt* statement, int index, std::string_view text) { bind_text(statement, index, text); }
  void bind(sqlite3_stmt* statement, int index, ByteView octets) { bind_octets(statement, index, octets); }
  template <std::size_t N>
  void bind(sqlite3_stmt* statement, int index, const ByteArray<N>& octets) {
    bind_octets(statement, index, octets);
  }
  void bind(sqlite3_stmt* statement, int index, const Bytes& octets) {
    bind_octets(statement, index, octets);
  }
  template <typename Tag>
  void bind(sqlite3_stmt* statement, int index, const identity::Id<Tag>& id) {
    bind_octets(statement, index, id.view());
  }
  void bind(sqlite3_stmt* statement, int index, const crypto::SecretBytes& secret) {
    bind_octets(statement, index, SecretCodec::view(secret));
  }
  template <std::size_t N, typename Tag>
  void bind(sqlite3_stmt* statement, int index, const crypto::SecretArray<N, Tag>& secret) {
    bind_octets(statement, index, SecretCodec::view(secret));
  }
  void bind(sqlite3_stmt* statement, int index, std::nullopt_t) { bind_null(statement, index); }
  template <typename T>
  void bind(sqlite3_stmt* statement, int index, const std::optional<T>& value) {
    if (value) {
      bind(statement, index, *value);
    } else {
      bind_null(statement, index);
    }
  }

  sqlite3* connection_;
  std::unordered_map<const char*, sqlite3_stmt*> idle_;  // prepared and reset, by the address of the literal
  std::optional<StoreError> failure_;
};

/// Rolls back when it dies uncommitted.
class Transaction {
 public:
  static StoreResult<Transaction> begin(Database& database) {
    SOTTO_CHECK_OK(database.begin());
    return Transaction(database);
  }
  static StoreResult<Transaction> begin_reading(Database& database) {
    SOTTO_CHECK_OK(database.begin_reading());
    return Transaction(database);
  }
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (database_ != nullptr) database_->rollback();
  }
  [[nodiscard]] StoreResult<void> commit() { return std::exchange(database_, nullptr)->commit(); }

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace sotto::client::store
