// What a connected device was given and has not acknowledged yet, and the newest envelopes that can be pushed
// without reading them back. Exists while the device is connected; nothing in it outlives the connection.
// Not its concern: the mailbox's accounting (mailbox.h), connections, frames.
#pragma once

#include <optional>
#include <vector>

#include "relay/mailbox.h"

namespace sotto::relay {

class Delivery {
 public:
  /// Begins with the first envelope that is not acknowledged.
  explicit Delivery(const Mailbox& mailbox)
      : pushed_(mailbox.acknowledged()), caught_up_(mailbox.durable() == mailbox.acknowledged()) {}

  /// True when new envelopes can be handed to committed() instead of being read back.
  [[nodiscard]] bool caught_up() const { return caught_up_; }
  /// New durable envelopes, next in order; empty when they were not kept.
  void committed(std::vector<Stored> fresh);
  /// Everything up to the point was acknowledged, or is gone.
  void advance_to(const Point& point);
  /// The point of the last pushed envelope at or below `sequence`; nullopt when it was pushed before this
  /// connection.
  [[nodiscard]] std::optional<Point> point_at(Sequence sequence) const;

  /// Something is to be pushed and the window has room.
  [[nodiscard]] bool ready(const Mailbox& mailbox, const Limits& limits) const;
  /// True when take() will read the store.
  [[nodiscard]] bool must_read() const { return !caught_up_; }
  /// Moves the next envelopes into the window and returns them: one page, within the window, at least one if
  /// ready(). Precondition: ready().
  RelayResult<std::vector<Envelope>> take(const Mailbox& mailbox, storage::Store& store,
                                          const Limits& limits);

 private:
  [[nodiscard]] Totals room(const Mailbox& mailbox, const Limits& limits) const;
  RelayResult<std::vector<Envelope>> read_page(const Mailbox& mailbox, storage::Store& store, Totals room);
  std::vector<Envelope> take_tail(Totals room);
  void push(Stored stored, std::vector<Envelope>& out);

  Point pushed_;               ///< of the last envelope given to the device
  std::vector<Point> window_;  ///< pushed and not acknowledged, ascending
  std::vector<Stored> tail_;   ///< durable and not pushed; all of those when caught_up_
  std::size_t tail_octets_ = 0;
  bool caught_up_;
};

}  // namespace sotto::relay
