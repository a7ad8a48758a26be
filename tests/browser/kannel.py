#!/usr/bin/env python3
"""The real Kannel for a test that is not Python's: `kannel.py FOLDER` starts it and prints what belongs into the server's
configuration as one JSON line; then each line on standard input is a question or a deed, answered with one JSON line.

["texts"]                     every (from, to, text) that the carrier got
["answer", from, to, text]    a telephone sends a text
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "journeys"))
import kannel  # noqa: E402


def tell(value):
    print(json.dumps(value), flush=True)


def main():
    if not kannel.is_there():
        tell(None)
        return
    running = kannel.Kannel(pathlib.Path(sys.argv[1]))
    running.start()
    try:
        tell(running.server_lines(senders="everybody"))
        for line in sys.stdin:
            what, *rest = json.loads(line)
            if what == "answer":
                running.answer(*rest)
            tell(running.texts())
    finally:
        running.stop()


if __name__ == "__main__":
    main()
