// A terminal that shows grids and gives keys, whichever it is: ncurses knows them. Takes the terminal over
// and gives it back as it was, also when the process ends by a signal or a crash. Not concerned with what is
// shown.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "terminal_ui/grid.h"
#include "terminal_ui/key.h"

namespace sotto::terminal_ui {

class Terminal {
 public:
  /// Standard input and output, which must be one. Once at a time. Empty: it is not known ($TERM), or cannot
  /// draw.
  static std::unique_ptr<Terminal> open();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] Extent extent() const;
  /// Sends what differs from what is shown.
  void show(const Grid& grid);
  /// Draws attention, as the terminal does it.
  void ring();
  /// Sends everything with the next show().
  void forget();
  /// Everything that was typed by now; never waits.
  std::vector<Key> read();
  /// Nobody is at the other end any more.
  [[nodiscard]] bool is_gone() const;
  /// The window has another size now.
  void resize();
  /// Gives the terminal back, stops the process group as Ctrl-Z does, and takes the terminal again
  /// afterwards.
  void suspend();

 private:
  Terminal();
  struct State;
  void enter();
  void give_back();

  std::unique_ptr<State> state_;
};

}  // namespace sotto::terminal_ui
