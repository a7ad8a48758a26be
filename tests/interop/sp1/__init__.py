"""A second implementation of SP/1, written from docs/specs/session-protocol.md and its schemas alone.

It exists to find out whether the specification says enough: whoever reads only the text must be able to talk to
src/session. It is made to be read beside the text, section by section. It is no product: nothing in it runs in
constant time, no secret is wiped, everything is kept in memory.
"""
