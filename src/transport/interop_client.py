"""Drives a listener with Debian's python3-websockets: interop_client.py URI CASE. Prints "ok" or what went wrong.

Exit codes: 0 the case passed, 1 it failed, 77 the module is missing.
"""

import asyncio
import ssl
import sys

try:
    import websockets
except ImportError:
    sys.exit(77)


def connect(uri, **options):
    context = None
    if uri.startswith("wss"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return websockets.connect(uri, ssl=context, max_size=None, **options)


async def echo(uri):
    async with connect(uri) as stream:
        for size in (0, 1, 125, 126, 127, 65535, 65536, 1000000):
            message = bytes(i * 31 & 255 for i in range(size))
            await stream.send(message)
            assert await stream.recv() == message, size


async def many(uri):
    async with connect(uri) as stream:
        messages = [bytes([i & 255]) * (i % 300) for i in range(2000)]
        sender = asyncio.gather(*(stream.send(m) for m in messages))
        received = [await stream.recv() for _ in messages]
        await sender
        assert sorted(received) == sorted(messages)


async def fragments(uri):
    async with connect(uri) as stream:
        await stream.send([b"Hel", b"", b"lo", b"x" * 70000])
        assert await stream.recv() == b"Hello" + b"x" * 70000


async def ping(uri):
    async with connect(uri) as stream:
        await asyncio.wait_for(await stream.ping(b"data"), 30)


async def expect_close(uri, message, code):
    async with connect(uri) as stream:
        try:
            await stream.send(message)
            await stream.recv()
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code == code, closed
            return
    raise AssertionError("the stream stayed open")


async def refused(uri):
    try:
        async with connect(uri):
            pass
    except websockets.InvalidStatusCode as answer:
        assert answer.status_code == 403, answer
        return
    raise AssertionError("the stream opened")


CASES = {
    "echo": echo,
    "many": many,
    "fragments": fragments,
    "ping": ping,
    "text": lambda uri: expect_close(uri, "text", 1003),
    "oversize": lambda uri: expect_close(uri, b"x" * 3000000, 1009),
    "refused": refused,
}

if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(CASES[sys.argv[2]](sys.argv[1]), 50))
    print("ok")
