// The server's transparency log as this device knows it: the pinned keys, the last head, open claims, a fork
// (transparency::LogView), kept in the store with every change. Not concerned with what the log says about
// whom (label_pins.h).
#pragma once

#include <optional>

#include "client/store/database.h"
#include "transparency/log_view.h"

namespace sotto::client {

/// What the store holds, for readers; nothing before the first contact with the server. A stored view that
/// does not decode is database_corrupt.
std::optional<transparency::LogView> load_log_view(store::Database& database);

/// The view during inputs. Kept between them, as decoding it costs a millisecond, and read again when another
/// process changed it.
class KnownLog {
 public:
  explicit KnownLog(store::Database& database) : database_(database) {}

  /// Null before the first contact.
  [[nodiscard]] const transparency::LogView* view();
  /// The same, to be written back by flush(). Precondition: view().
  [[nodiscard]] transparency::LogView& change();
  /// LogView::heard. Precondition: view().
  transparency::ClaimVerdict heard(const identity::AccountId& account, const transparency::Gossip& gossip,
                                   UnixMs now);
  /// First contact: these are the keys for good.
  void pin(transparency::LogKeys keys);
  /// Writes what changed. Once an input, before the commit.
  void flush();
  /// The transaction failed: what is in memory is not what the store has.
  void forget();

 private:
  void read();

  store::Database& database_;
  std::optional<transparency::LogView> view_;
  std::int64_t revision_ = 0;  ///< of view_, as stored; 0: none was read
  bool current_ = false;       ///< compared with the store in this input
  bool changed_ = false;
};

}  // namespace sotto::client
