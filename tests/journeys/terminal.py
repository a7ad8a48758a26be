"""A program in a terminal of its own: a pseudo-terminal, and a reader of what the program draws on it.

The reader knows what ncurses sends to TERM=xterm-256color, vt100 and the like. Whatever else arrives is kept in `strange`:
a journey looks there for what hostile text managed to send.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

from support import PATIENCE

SEQUENCE = re.compile(r"\x1b(?:\[([<=>?]*)([0-9;:]*)([ -/]*)([@-~])|[()]([0-9A-B])|([78=>DMEc])|\](?:104\x07|R))")


class Screen:
    """Rows of characters; a wide one is followed by an empty string."""

    def __init__(self, rows, columns):
        self.strange = []
        self.modes = set()
        self.bells = 0
        self.rest = ""
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.region = (0, rows - 1)

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            found = SEQUENCE.match(text, at)
            if found:
                self.obey(found)
                at = found.end()
            elif len(text) - at < 16:
                self.rest = text[at:]
                return
            else:
                self.strange.append(text[at:at + 16])
                at += 1

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.line_feed()
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character == "\x07":
            self.bells += 1
        elif character == "\x0f" or character == "\x0e" or character == "\0":
            pass  # character sets and padding
        elif unicodedata.category(character) in ("Mn", "Me"):
            self.cells[self.row][max(0, self.column - 1)] += character
        elif ord(character) < 32 or 127 <= ord(character) < 160 or unicodedata.category(character) == "Cf":
            self.strange.append(character)
        else:
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self.column + width > self.columns:
                self.column = 0
                self.line_feed()
            self.cells[self.row][self.column] = character
            if width == 2:
                self.cells[self.row][self.column + 1] = ""
            self.column += width

    def line_feed(self):
        if self.row == self.region[1]:
            self.scroll(1)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def scroll(self, lines):
        first, last = self.region
        for _ in range(abs(lines)):
            if lines > 0:
                del self.cells[first]
                self.cells.insert(last, [" "] * self.columns)
            else:
                del self.cells[last]
                self.cells.insert(first, [" "] * self.columns)

    def obey(self, found):
        private, numbers, _, final, charset, single = found.groups()
        if charset or found.group(0)[1] == "]":  # colours as they were
            return
        if single:
            if single == "M" and self.row == self.region[0]:
                self.scroll(-1)
            elif single == "M":
                self.row -= 1
            elif single == "D":
                self.line_feed()
            return
        given = [int(number) if number else 0 for number in numbers.split(";")]
        first = given[0] or 1
        if final in "hl" and private == "?":
            for number in given:
                (self.modes.add if final == "h" else self.modes.discard)(number)
                if number == 1049:
                    self.resize(self.rows, self.columns)
        elif final == "H":
            self.row = min(first, self.rows) - 1
            self.column = min((given[1] if len(given) > 1 else 1) or 1, self.columns) - 1
        elif final in "ABCDdG":
            self.move(final, first)
        elif final in "JK":
            self.erase(final, given[0])
        elif final == "X":
            self.cells[self.row][self.column:self.column + first] = [" "] * min(first, self.columns - self.column)
        elif final == "P":
            del self.cells[self.row][self.column:self.column + first]
            self.cells[self.row] += [" "] * (self.columns - len(self.cells[self.row]))
        elif final == "@":
            self.cells[self.row][self.column:self.column] = [" "] * first
            del self.cells[self.row][self.columns:]
        elif final in "LM":
            keep, self.region = self.region, (self.row, self.region[1])
            self.scroll(first if final == "M" else -first)
            self.region = keep
        elif final in "ST":
            self.scroll(first if final == "S" else -first)
        elif final == "b":
            self.repeat(first)
        elif final == "r":
            self.region = (first - 1, (given[1] if len(given) > 1 and given[1] else self.rows) - 1)
        elif final not in "mlht" and found.group(0) not in ("\x1b[?0c", "\x1b[?1c", "\x1b[?8c"):  # linux: cursors
            self.strange.append(found.group(0))

    def move(self, final, count):
        if final == "A":
            self.row = max(0, self.row - count)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + count)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif final == "D":
            self.column = max(0, self.column - count)
        elif final == "d":
            self.row = min(self.rows, count) - 1
        else:
            self.column = min(self.columns, count) - 1

    def repeat(self, count):
        before = self.cells[self.row][self.column - 1]
        for _ in range(count):
            self.put(before)

    def erase(self, final, how):
        row = self.cells[self.row]
        if how == 0:
            row[self.column:] = [" "] * (self.columns - self.column)
        elif how == 1:
            row[:self.column + 1] = [" "] * (self.column + 1)
        else:
            row[:] = [" "] * self.columns
        if final == "J":
            rows = {0: range(self.row + 1, self.rows), 1: range(0, self.row)}.get(how, range(self.rows))
            for each in rows:
                self.cells[each] = [" "] * self.columns


class InTerminal:
    """A program that was started in a terminal of so many rows and columns."""

    def __init__(self, arguments, environment, rows=24, columns=80):
        self.screen = Screen(rows, columns)
        self.partial = b""
        self.status = None
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(arguments[0], arguments, environment)
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.terminal)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def read(self, seconds=0.1):
        """What the program drew by now. False: it closed the terminal."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            octets = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.screen.feed(self.decode(octets))
        return bool(octets)

    def decode(self, octets):
        octets = self.partial + octets
        for cut in range(4):
            try:
                text = octets[:len(octets) - cut].decode()
            except UnicodeDecodeError:
                continue
            self.partial = octets[len(octets) - cut:]
            return text
        self.partial = b""
        return octets.decode(errors="replace")

    def sees(self, text, seconds=PATIENCE):
        """Waits until the text stands on the screen."""
        return self.until(lambda: text in self.screen.text(), seconds)

    def until(self, condition, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or not self.read():
                return condition()
        return True

    def end(self):
        """Waits for the program's end: its exit status, or minus the signal that ended it."""
        end = time.monotonic() + PATIENCE
        while self.status is None and time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        while self.read(0) and select.select([self.terminal], [], [], 0)[0]:
            pass
        return self.status

    def is_restored(self):
        """The terminal is as it was: its line discipline, the main screen, a visible cursor, no marked pastes."""
        now = termios.tcgetattr(self.terminal)
        return now[:4] == self.before[:4] and not self.screen.modes & {1049, 2004, 1004}

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.end()
        os.close(self.terminal)
