#include "terminal_ui/terminal.h"

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <string>
#include <utility>

#include "client/conversations/text_rules.h"

namespace sotto::terminal_ui {
namespace {

/// Milliseconds in which the rest of a key's sequence comes, over a slow line too; a lone Escape waits so
/// long.
constexpr int kEscapeDelayMs = 60;
/// Keys taken at once: more than a person types; a paste goes on with the next turn.
constexpr std::size_t kMaxKeys = 4096;
constexpr std::wint_t kControlBelow = 0x20;

// Keys that terminals have and terminfo does not say, or says of another one: people set TERM wrongly.
enum Extra : int {
  kPasteBegin = KEY_MAX + 1,
  kPasteEnd,
  kFocusIn,
  kFocusOut,
  kAltUp,
  kAltDown,
  kWordLeft,
  kWordRight,
};
struct Sequence {
  const char* octets;
  int key;
};
constexpr std::array kSequences = {
    Sequence{"\033[200~", kPasteBegin}, Sequence{"\033[201~", kPasteEnd},  Sequence{"\033[I", kFocusIn},
    Sequence{"\033[O", kFocusOut},      Sequence{"\033[1;3A", kAltUp},     Sequence{"\033[1;3B", kAltDown},
    Sequence{"\033[1;5D", kWordLeft},   Sequence{"\033[1;5C", kWordRight}, Sequence{"\033[1;3D", kWordLeft},
    Sequence{"\033[1;3C", kWordRight},  Sequence{"\033[5~", KEY_PPAGE},    Sequence{"\033[6~", KEY_NPAGE},
    Sequence{"\033[3~", KEY_DC},        Sequence{"\033[A", KEY_UP},        Sequence{"\033[B", KEY_DOWN},
    Sequence{"\033[C", KEY_RIGHT},      Sequence{"\033[D", KEY_LEFT},      Sequence{"\033OA", KEY_UP},
    Sequence{"\033OB", KEY_DOWN},       Sequence{"\033OC", KEY_RIGHT},     Sequence{"\033OD", KEY_LEFT},
    Sequence{"\033[H", KEY_HOME},       Sequence{"\033[F", KEY_END},       Sequence{"\033[1~", KEY_HOME},
    Sequence{"\033[4~", KEY_END}};
/// Pastes are marked, and the focus is told, where a terminal can; others ignore it.
constexpr std::string_view kTurnOn = "\033[?2004h\033[?1004h";
constexpr std::string_view kTurnOff = "\033[?1004l\033[?2004l";

void send(std::string_view octets) {
  // A terminal that takes nothing any more shows nothing any more.
  if (::write(STDOUT_FILENO, octets.data(), octets.size()) < 0) return;
}

// A signal handler has no other way to know how the terminal was.
constexpr std::array kCrashes = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT};
struct Rescue {
  termios before{};
  std::array<struct sigaction, kCrashes.size()> handlers{};  ///< which there were, such as a sanitizer's
  std::array<char, 256> octets{};
  std::size_t size = 0;
  volatile std::sig_atomic_t armed = 0;
};
Rescue rescue;

void restore_handlers() {
  for (std::size_t i = 0; i < kCrashes.size(); ++i) ::sigaction(kCrashes[i], &rescue.handlers[i], nullptr);
}

/// Only what POSIX lets a handler do.
extern "C" void rescue_terminal(int signal) {
  if (rescue.armed != 0) {
    rescue.armed = 0;
    send({rescue.octets.data(), rescue.size});
    ::tcsetattr(STDIN_FILENO, TCSANOW, &rescue.before);
  }
  restore_handlers();
  ::raise(signal);
}

/// A string capability without the delays that terminals of iron need.
void add_capability(const char* name, std::string& out) {
  const char* value = ::tigetstr(name);
  if (value == nullptr || value == reinterpret_cast<const char*>(-1)) return;
  const std::string_view text(value);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "$<") {
      at = std::min(text.find('>', at), text.size());
    } else {
      out += text[at];
    }
  }
}

void arm_rescue(const termios& before) {
  std::string octets(kTurnOff);
  for (const char* name : {"sgr0", "rmkx", "cnorm", "rmcup"}) add_capability(name, octets);
  octets += "\r\n";
  rescue.before = before;
  rescue.size = std::min(octets.size(), rescue.octets.size());
  std::memcpy(rescue.octets.data(), octets.data(), rescue.size);
  struct sigaction handler{};
  handler.sa_handler = rescue_terminal;
  sigemptyset(&handler.sa_mask);
  for (std::size_t i = 0; i < kCrashes.size(); ++i) ::sigaction(kCrashes[i], &handler, &rescue.handlers[i]);
  rescue.armed = 1;
}

void disarm_rescue() {
  rescue.armed = 0;
  restore_handlers();
}

/// A text as ncurses takes it: one character and its marks. What this machine thinks is wider or narrower
/// than the grid does would move everything behind it.
std::wstring wide(const Cell& cell, int width) {
  std::wstring out;
  for (std::size_t at = 0; at < cell.text.size();) {
    const auto point = client::next_point(cell.text, at);
    if (!point) return L"\uFFFD";
    const auto character = static_cast<wchar_t>(*point);
    const bool marks = !out.empty();
    if (marks && ::wcwidth(character) != 0) continue;
    if (!marks && ::wcwidth(character) != width) return width == 2 ? L"\uFFFD " : L"\uFFFD";
    if (out.size() < CCHARW_MAX) out += character;
  }
  return out;
}

struct Appearance {
  attr_t attributes = A_NORMAL;
  short colour = 0;
};

/// Without colours: brightness, lines and reversal, and the words that stand there anyway.
Appearance appearance_of(Style style, bool colours) {
  switch (style) {
    case Style::plain: return {};
    case Style::faint: return colours ? Appearance{A_DIM} : Appearance{};
    case Style::strong: return {A_BOLD};
    case Style::bar: return {A_REVERSE};
    case Style::chosen: return {A_REVERSE | A_BOLD};
    case Style::secure: return colours ? Appearance{A_BOLD, 1} : Appearance{A_BOLD};
    case Style::insecure: return colours ? Appearance{A_BOLD, 2} : Appearance{A_UNDERLINE};
    case Style::warning: return colours ? Appearance{A_BOLD, 3} : Appearance{A_BOLD | A_REVERSE};
    case Style::unread: return colours ? Appearance{A_BOLD, 4} : Appearance{A_BOLD | A_UNDERLINE};
  }
  return {};
}

}  // namespace

struct Terminal::State {
  SCREEN* screen = nullptr;
  termios before{};
  bool colours = false;
};

Terminal::Terminal() : state_(std::make_unique<State>()) {}

std::unique_ptr<Terminal> Terminal::open() {
  std::setlocale(LC_CTYPE, "");
  // Who comes over ssh has a terminal of UTF-8 oftener than a locale that says so.
  if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
  std::unique_ptr<Terminal> terminal(new Terminal());
  if (::tcgetattr(STDIN_FILENO, &terminal->state_->before) != 0) return nullptr;
  terminal->state_->screen = ::newterm(nullptr, stdout, stdin);
  if (terminal->state_->screen == nullptr) return nullptr;
  ::set_term(terminal->state_->screen);
  if (::tigetstr("cup") == nullptr) {  // a cursor that goes nowhere
    ::endwin();
    ::delscreen(std::exchange(terminal->state_->screen, nullptr));
    return nullptr;
  }
  terminal->enter();
  return terminal;
}

void Terminal::enter() {
  ::raw();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(kEscapeDelayMs);
  const char* refused = std::getenv("NO_COLOR");
  if ((refused == nullptr || *refused == '\0') && ::has_colors() && ::start_color() == OK) {
    state_->colours = ::use_default_colors() == OK;
    const auto blue = static_cast<short>(COLORS >= 16 ? 12 : COLOR_BLUE);
    if (state_->colours) {
      ::init_pair(1, blue, -1);
      ::init_pair(2, COLOR_GREEN, -1);
      ::init_pair(3, COLOR_RED, -1);
      ::init_pair(4, COLOR_YELLOW, -1);
    }
  }
  for (const Sequence& each : kSequences) ::define_key(each.octets, each.key);
  arm_rescue(state_->before);
  send(kTurnOn);
}

void Terminal::give_back() {
  send(kTurnOff);
  ::endwin();
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &state_->before);
}

Terminal::~Terminal() {
  if (state_->screen == nullptr) return;
  give_back();
  disarm_rescue();
  ::delscreen(state_->screen);
}

Extent Terminal::extent() const { return {LINES, COLS}; }

void Terminal::show(const Grid& grid) {
  const Extent shown{std::min(grid.extent().rows, LINES), std::min(grid.extent().columns, COLS)};
  ::erase();
  for (int row = 0; row < shown.rows; ++row) {
    for (int column = 0; column < shown.columns; ++column) {
      const Cell& cell = grid.at(row, column);
      if (cell.text.empty()) continue;
      const bool is_wide = column + 1 < grid.extent().columns && grid.at(row, column + 1).text.empty();
      if (is_wide && column + 1 >= shown.columns) continue;
      const Appearance look = appearance_of(cell.style, state_->colours);
      cchar_t character;
      const std::wstring text = wide(cell, is_wide ? 2 : 1);
      if (::setcchar(&character, text.c_str(), look.attributes, look.colour, nullptr) != OK) continue;
      ::mvadd_wch(row, column, &character);
    }
  }
  if (grid.cursor() && grid.cursor()->first < shown.rows) {
    ::curs_set(1);
    ::move(grid.cursor()->first, std::min(grid.cursor()->second, shown.columns - 1));
  } else {
    ::curs_set(0);
  }
  ::refresh();
}

void Terminal::ring() { ::beep(); }

void Terminal::forget() { ::clearok(::curscr, TRUE); }

namespace {

/// A key with a name.
Key key_of(std::wint_t code) {
  switch (static_cast<int>(code)) {
    case KEY_UP: return {KeyName::up};
    case KEY_DOWN: return {KeyName::down};
    case KEY_LEFT: return {KeyName::left};
    case KEY_RIGHT: return {KeyName::right};
    case KEY_HOME: return {KeyName::home};
    case KEY_END: return {KeyName::end};
    case KEY_PPAGE: return {KeyName::page_up};
    case KEY_NPAGE: return {KeyName::page_down};
    case KEY_BACKSPACE: return {KeyName::backspace};
    case KEY_DC: return {KeyName::remove};
    case KEY_BTAB: return {KeyName::back_tab};
    case KEY_ENTER: return {KeyName::enter};
    case KEY_F(1): return {KeyName::help};
    case kPasteBegin: return {KeyName::paste_begin};
    case kPasteEnd: return {KeyName::paste_end};
    case kFocusIn: return {KeyName::focus_in};
    case kFocusOut: return {KeyName::focus_out};
    case kAltUp: return {KeyName::alt_up};
    case kAltDown: return {KeyName::alt_down};
    case kWordLeft: return {KeyName::word_left};
    case kWordRight: return {KeyName::word_right};
    default: return {KeyName::control, ""};  // one that nothing listens to
  }
}

/// What is typed without a name of its own.
Key key_typed(std::wint_t character) {
  if (character == L'\r') return {KeyName::enter};
  if (character == L'\t') return {KeyName::tab};
  if (character == 0x7F || character == 0x08) return {KeyName::backspace};
  if (character < kControlBelow)
    return {KeyName::control, std::string(1, static_cast<char>('a' + character - 1))};
  Key key;
  client::append_point(key.text, static_cast<std::uint32_t>(character));
  return key;
}

Key with_alt(const Key& key) {
  if (key.name == KeyName::enter) return {KeyName::alt_enter};
  if (key.name == KeyName::up) return {KeyName::alt_up};
  if (key.name == KeyName::down) return {KeyName::alt_down};
  if (key.name == KeyName::text && key.text == "b") return {KeyName::word_left};
  if (key.name == KeyName::text && key.text == "f") return {KeyName::word_right};
  return {KeyName::alt, key.text};
}

}  // namespace

std::vector<Key> Terminal::read() {
  std::vector<Key> keys;
  bool alt = false;
  while (keys.size() < kMaxKeys) {
    std::wint_t character = 0;
    const int kind = ::get_wch(&character);
    if (kind == ERR) break;
    if (kind == KEY_CODE_YES && character == KEY_RESIZE) continue;  // resize() is told by the signal
    if (kind != KEY_CODE_YES && character == L'\033' && !alt) {
      alt = true;
      continue;
    }
    const Key key = kind == KEY_CODE_YES ? key_of(character) : key_typed(character);
    keys.push_back(std::exchange(alt, false) ? with_alt(key) : key);
  }
  if (alt) keys.push_back({KeyName::escape});
  return keys;
}

bool Terminal::is_gone() const {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Terminal::resize() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  ::resizeterm(std::min<int>(size.ws_row, kLargest.rows), std::min<int>(size.ws_col, kLargest.columns));
  forget();
}

void Terminal::suspend() {
  give_back();
  rescue.armed = 0;
  auto* const before = std::signal(SIGTSTP, SIG_DFL);
  ::kill(0, SIGTSTP);
  // Here again: somebody called it back.
  std::signal(SIGTSTP, before);
  rescue.armed = 1;
  resize();
  send(kTurnOn);
  ::refresh();
}

}  // namespace sotto::terminal_ui
