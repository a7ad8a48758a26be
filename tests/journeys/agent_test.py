#!/usr/bin/env python3
"""The agent as programs and browsers meet it (docs/specs/agent.md): a real server, real agents, real sockets."""

import asyncio
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import socket as sockets
import stat
import struct
import threading
import unittest
import zlib

import support
from agent_support import AgentJourney, failure, sotto, until
from support import LOCKED, OK, Person, eventually

try:
    import websockets
except ImportError:
    websockets = None


class TheProfile(AgentJourney):
    def test_a_newcomer_needs_nothing_but_the_agent(self):
        alice = Person(self.folder / "alice")
        agent = self.agent(alice, passphrase=False)
        with agent.connect() as calls:
            self.assertEqual(calls.profile.state()["stage"], "NO_PROFILE")
            self.assertEqual(failure(calls.conversations.list).code, "no_profile")
            self.assertEqual(calls.profile.create(passphrase="correct horse")["stage"], "OPEN")
            status = calls.account.register(username="alice", server=self.server.address, device_name="laptop")
            self.assertEqual((status["handle"], status["stage"]), ("alice", "READY"))
            self.assertEqual(calls.profile.state()["connection"]["state"], "DRAINED")
            self.assertEqual(calls.profile.lock()["stage"], "LOCKED")
            self.assertEqual(failure(calls.conversations.list).code, "wrong_passphrase")
            self.assertEqual(failure(lambda: calls.profile.unlock(passphrase="wrong")).code, "wrong_passphrase")
            self.assertEqual(calls.profile.unlock(passphrase="correct horse")["stage"], "OPEN")
        self.assertEqual(agent.stop(), OK)
        self.assertEqual(alice.run("status").records[0]["handle"], "alice")

    def test_a_name_that_is_taken_can_be_followed_by_another(self):
        self.person("bob")
        agent = self.agent(Person(self.folder / "second"), passphrase=False)
        with agent.connect() as calls:
            calls.profile.create(passphrase="correct horse")
            self.assertEqual(failure(lambda: calls.account.register(username="bob", server=self.server.address)).code,
                             "refused")
            self.assertEqual(calls.account.register(username="bob2", server=self.server.address)["handle"], "bob2")

    def test_two_agents_do_not_share_a_profile_and_its_files_are_the_owners_alone(self):
        alice = self.person("alice")
        agent = self.agent(alice)
        for name in ("agent.sock", "agent-token"):
            self.assertEqual(stat.S_IMODE(os.stat(alice.folder / name).st_mode), 0o600)
        self.assertEqual(alice.run("agent", "--no-http", expect=LOCKED).told[0]["code"], "locked")
        self.assertEqual(agent.stop(), OK)
        self.assertFalse((alice.folder / "agent.sock").exists())
        again = self.agent(alice)
        self.assertEqual(again.token, agent.token)


class Conversations(AgentJourney):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.a, self.b = self.agent(self.alice), self.agent(self.bob)

    def test_messages_go_both_ways_and_their_way_is_told(self):
        with self.a.connect() as alice, self.b.connect() as bob, self.a.connect() as watcher:
            events = watcher.events()
            bob.contacts.look_up(contact="alice")  # else it takes a moment until her name is confirmed
            bob.event_log.subscribe(consumer="bobs")
            sent = alice.messages.send(conversation="bob", text="*hello*", markup=True)
            self.assertEqual((sent["body"], sent["state"]), ("hello", "QUEUED"))
            got = until(bob, lambda r: "message" in r["event"], "bobs")["event"]["message"]
            self.assertEqual((got["sender"], got["body"], got["state"]), ("alice", "hello", "RECEIVED"))
            bob.messages.react(conversation="alice", message_id=got["message_id"], emoji="👍")
            bob.conversations.mark_read(conversation="alice")
            seen = []
            for record in events:
                message = record["event"].get("message")
                if message:
                    seen.append(message["state"])
                    if message["state"] == "READ" and message.get("reactions"):
                        break
            self.assertEqual(seen[0], "QUEUED")
            edited = alice.messages.edit(conversation="bob", message_id=sent["message_id"], text="hello again")
            self.assertEqual(edited["earlier_texts"][0]["body"], "hello")
            page = alice.conversations.history(conversation="bob")
            self.assertEqual([m["body"] for m in page["messages"] if "system" not in m], ["hello again"])
            self.assertEqual(alice.conversations.list()["conversations"][0]["conversation"], "bob")
            self.assertTrue(alice.messages.unsend(conversation="bob", message_id=sent["message_id"])["unsent"])

    def test_commands_beside_a_running_agent_see_the_same_and_are_told_of(self):
        with self.a.connect() as calls, self.a.connect() as watcher:
            events = watcher.events()
            self.assertEqual(self.alice.send("bob", "from the command line")["body"], "from the command line")
            for record in events:
                message = record["event"].get("message", {})
                if message.get("body") == "from the command line" and message["state"] == "DELIVERED":
                    break
            calls.messages.send(conversation="bob", text="from the agent")
            with self.b.connect() as bob:
                bob.contacts.look_up(contact="alice")
            self.assertTrue(eventually(lambda: self.bob.arrived("alice") == ["from the command line", "from the agent"]))
            self.assertEqual(self.alice.texts("bob"), ["from the command line", "from the agent"])
            self.assertEqual(self.alice.run("receive", "--wait", 1, expect=LOCKED).told[0]["code"], "locked")
            self.alice.run("react", "bob", "last", "🎉")

    def test_somebody_unknown_is_looked_up_and_nobody_is_not_found(self):
        with self.a.connect() as alice:
            self.assertEqual(failure(lambda: alice.contacts.get(contact="bob")).code, "no_such_user")
            self.assertEqual(alice.contacts.look_up(contact="bob")["log_proof"], "PROVEN")
            opened = alice.conversations.open(conversation="bob")
            self.assertEqual(opened["contact"]["handle"], "bob")
            self.assertEqual(failure(lambda: alice.conversations.open(conversation="nobody")).code, "no_such_user")

    def test_settings_drafts_and_timers_are_kept(self):
        with self.a.connect() as alice:
            alice.conversations.open(conversation="bob")
            alice.messages.send(conversation="bob", text="hello")
            changed = alice.conversations.change_settings(conversation="bob", pinned=True, name="Bob from work",
                                                          muted_until_ms=4000000000000)
            self.assertTrue(changed["settings"]["pinned"])
            self.assertEqual(changed["settings"]["name"], "Bob from work")
            alice.conversations.set_draft(conversation="bob", text="Dear Bob,")
            self.assertEqual(alice.conversations.get(conversation="bob")["draft"], "Dear Bob,")
            self.assertEqual(alice.conversations.set_timer(conversation="bob", seconds=3600)["settings"]["timer_s"], "3600")
            alice.conversations.set_typing(conversation="bob", active=True)
            self.assertEqual(alice.messages.search(words="hel")["messages"][0]["body"], "hello")


class Events(AgentJourney):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")

    def bodies(self, agent, consumer):
        """What others said since the consumer acknowledged, acknowledged now."""
        out = []
        page = agent.event_log.read(consumer=consumer, limit=500)
        self.assertFalse(page.get("gap"))
        for record in page.get("events", []):
            message = record["event"].get("message")
            if message and not message.get("outgoing") and "system" not in message and message["body"] not in out:
                out.append(message["body"])
        if page.get("events"):
            agent.event_log.acknowledge(consumer=consumer, sequence=page["events"][-1]["sequence"])
        return out

    def test_nothing_is_lost_over_kill_9_and_each_consumer_has_its_own_place(self):
        agent = self.agent(self.bob)
        with agent.connect() as bob:
            self.assertEqual(self.bodies(bob, "one"), [])
            self.assertEqual(self.bodies(bob, "two"), [])
        expected = []
        for round_ in range(3):
            self.alice.send("bob", f"before {round_}")
            self.assertTrue(eventually(lambda: f"before {round_}" in self.bob.arrived("alice")))
            agent.kill()
            self.alice.send("bob", f"meanwhile {round_}")
            agent = self.agent(self.bob)
            self.assertTrue(eventually(lambda: f"meanwhile {round_}" in self.bob.arrived("alice")))
            expected += [f"before {round_}", f"meanwhile {round_}"]
            with agent.connect() as bob:
                self.assertEqual(self.bodies(bob, "one"), expected[-2:])
        with agent.connect() as bob:
            self.assertEqual(self.bodies(bob, "two"), expected)
            names = {c["name"] for c in bob.event_log.consumers()["consumers"]}
            self.assertEqual(names, {"one", "two"})
            self.assertNotIn("two", str(bob.event_log.forget(name="two")))

    def test_what_the_command_line_received_is_told_when_the_agent_is_back(self):
        agent = self.agent(self.bob)
        with agent.connect() as bob:
            self.bodies(bob, "bot")
        agent.stop()
        self.alice.send("bob", "hello")
        self.bob.receive()
        agent = self.agent(self.bob)
        with agent.connect() as bob:
            self.assertEqual(self.bodies(bob, "bot"), ["hello"])

    def test_a_number_of_another_log_is_a_gap(self):
        agent = self.agent(self.bob)
        with agent.connect() as bob:
            self.assertTrue(bob.event_log.read(since=10**6)["gap"])
            with self.assertRaises(sotto.Gap):
                bob.events(since=10**6)


class Doors(AgentJourney):
    """Who is let in, and who is not."""

    def setUp(self):
        super().setUp()
        self.alice = self.person("alice")
        self.a = self.agent(self.alice)
        self.state = b'{"jsonrpc":"2.0","id":1,"method":"profile.state"}'

    def test_http_needs_the_token_and_this_host(self):
        self.assertEqual(self.a.http().profile.state()["stage"], "OPEN")
        self.assertEqual(self.a.raw(body=self.state)[0], 200)
        for fields, status in [({"Authorization": None}, 401), ({"Authorization": "Bearer " + "0" * 64}, 401),
                               ({"Authorization": "Bearer "}, 401), ({"Authorization": self.a.token}, 401),
                               ({"Host": "evil.example"}, 403), ({"Host": f"evil.example:{self.a.port}"}, 403),
                               ({"Host": f"127.0.0.1:{self.a.port + 1}"}, 403), ({"Host": None}, 403),
                               ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                               ({"Origin": f"https://127.0.0.1:{self.a.port}"}, 403),
                               ({"Origin": f"http://localhost:{self.a.port}.evil.example"}, 403)]:
            with self.subTest(fields=fields):
                got, headers, body = self.a.raw(body=self.state, **fields)
                self.assertEqual(got, status)
                self.assertNotIn(b"alice", body)
        self.assertEqual(self.a.raw(body=self.state, Origin=f"http://localhost:{self.a.port}")[0], 200)
        self.assertEqual(self.a.raw("GET")[0], 405)
        self.assertEqual(self.a.raw(body=b'{"jsonrpc":"2.0","method":"profile.state"}')[0], 204)

    def test_pages_are_served_with_every_protection_and_without_a_token(self):
        status, headers, body = self.a.raw("GET", "/", Authorization=None)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn(b"Sotto", body)
        policy = headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                     f"ws://127.0.0.1:{self.a.port}"):
            self.assertIn(rule, policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cross-Origin-Opener-Policy"], "same-origin")
        self.assertTrue(headers["ETag"].startswith('"'))
        for path in ("/nothing", "/../agent-token", "/v1/", "/%2e%2e/agent-token", "/index.html/"):
            self.assertEqual(self.a.raw("GET", path)[0], 404, path)
        self.assertEqual(self.a.raw("GET", "/", Host="evil.example")[0], 403)
        self.assertEqual(self.a.raw("POST", "/")[0], 405)

    def test_hostile_json_is_answered_and_nothing_else_happens(self):
        for text, code in [(b"", -32700), (b"{", -32700), (b"[" * 100000, -32700), (b'{"a":"\xff"}', -32700),
                           (b"1", -32600), (b"[]", -32600), (b"null", -32600), (b'{"jsonrpc":"1.0","id":1,"method":"a"}', -32600),
                           (b'{"jsonrpc":"2.0","id":1,"method":"no"}', -32601),
                           (b'{"jsonrpc":"2.0","id":1,"method":"messages.send","params":[]}', -32602),
                           (b'{"jsonrpc":"2.0","id":1,"method":"messages.send","params":{"text":{"a":1}}}', -32602),
                           (b'{"jsonrpc":"2.0","id":1,"method":"messages.send","params":{"nothing":1}}', -32602)]:
            with self.subTest(text=text[:60]):
                self.assertEqual(self.a.post(text)["error"]["code"], code)
        self.assertEqual(self.a.raw(body=b"[" * (2 << 20))[0], 413)
        with self.a.connect() as calls:
            long = failure(lambda: calls.messages.send(conversation="alice", text="x" * 20000))
            self.assertEqual(long.code, "usage")
            self.assertEqual(failure(lambda: calls.messages.send(conversation="\u202e\u0000", text="x")).code, "usage")
        self.assertEqual(self.a.http().profile.state()["stage"], "OPEN")

    def test_a_line_without_end_is_cut_off_and_others_go_on(self):
        with sockets.socket(sockets.AF_UNIX) as raw, self.a.connect() as calls:
            raw.connect(self.a.socket)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for _ in range(40):
                    raw.sendall(b" " * 65536)
            raw.settimeout(support.PATIENCE)
            with contextlib.suppress(ConnectionResetError):
                while raw.recv(65536):
                    pass
            self.assertEqual(calls.profile.state()["stage"], "OPEN")

    def test_a_connection_has_a_hundred_calls_that_wait_and_no_more(self):
        self.server.stop()
        with sockets.socket(sockets.AF_UNIX) as raw, raw.makefile("rb") as reading:
            raw.connect(self.a.socket)
            for i in range(101):
                raw.sendall(json.dumps({"jsonrpc": "2.0", "id": i, "method": "contacts.look_up",
                                        "params": {"contact": f"somebody{i}"}}).encode() + b"\n")
            answer = json.loads(reading.readline())
            self.assertEqual((answer["id"], answer["error"]["code"]), (100, -32000))
        self.assertEqual(self.a.http().profile.state()["stage"], "OPEN")

    def test_batches_are_answered_together(self):
        texts = [{"jsonrpc": "2.0", "id": i, "method": m} for i, m in enumerate(("profile.state", "nothing", "log.status"))]
        answers = {a["id"]: a for a in self.a.post(json.dumps(texts))}
        self.assertIn("result", answers[0])
        self.assertEqual(answers[1]["error"]["code"], -32601)
        self.assertIn("result", answers[2])


def png(width=40, height=30):
    """A picture with a remark in it."""
    def chunk(kind, octets):
        return struct.pack(">I", len(octets)) + kind + octets + struct.pack(">I", zlib.crc32(kind + octets))
    rows = b"".join(b"\0" + b"".join(bytes((x * 6 % 256, y * 8 % 256, 90)) for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"tEXt", b"Comment\0where it was taken") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Files(AgentJourney):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.a, self.b = self.agent(self.alice), self.agent(self.bob)

    def upload(self, octets, query):
        return self.a.raw(body=octets, path="/v1/files?" + query)

    def arrived(self, bob, count):
        """The files that bob's agent has, once there are so many."""
        def here():
            return [f for f in bob.files.list().get("files", []) if f["state"] == "HERE"]
        self.assertTrue(eventually(lambda: len(here()) == count))
        return here()

    def test_files_are_handed_over_and_read_over_http(self):
        picture, text = png(), "räksmörgås\n".encode() * 20000
        status, _, body = self.upload(picture, "name=photo.png&mime=image/png")
        self.assertEqual(status, 200)
        first = json.loads(body)
        self.assertEqual(first["name"], "photo.png")
        self.assertLess(int(first["size"]), len(picture))  # the remark is gone
        second = json.loads(self.upload(text, "name=notes%20%C3%A5.txt&mime=text/plain")[2])
        with self.a.connect() as alice, self.b.connect() as bob:
            alice.contacts.look_up(contact="bob")
            bob.contacts.look_up(contact="alice")
            bob.files.set_policy(max_octets=1 << 24, from_="EVERYBODY")
            self.assertEqual(bob.files.policy()["from"], "EVERYBODY")
            sent = alice.messages.send(conversation="bob", text="look", files=[{"upload": first["upload"]},
                                                                               {"upload": second["upload"]}])
            self.assertEqual([f["name"] for f in sent["files"]], ["photo.png", "notes å.txt"])
            gone = failure(lambda: alice.messages.send(conversation="bob", files=[{"upload": first["upload"]}]))
            self.assertEqual(gone.code, "usage")
            got = self.arrived(bob, 2)
            self.assertTrue(all(f["conversation"] == "alice" for f in got))
        path = f"/v1/files/alice/{sent['message_id']}"
        status, headers, octets = self.b.raw("GET", path + "/1")
        self.assertEqual((status, octets), (200, text))
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        self.assertEqual(headers["Content-Disposition"], "attachment")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        octets = self.b.raw("GET", path + "/0")[2]
        self.assertTrue(octets.startswith(b"\x89PNG"))
        self.assertNotIn(b"where it was taken", octets)
        for query, kind, magic in (("?thumbnail=1", "image/jpeg", b"\xff\xd8"), ("?clean=1", "image/png", b"\x89PNG")):
            status, headers, octets = self.b.raw("GET", path + "/0" + query)
            self.assertEqual((status, headers["Content-Type"]), (200, kind), octets[:200])
            self.assertTrue(octets.startswith(magic))
        for wrong in (path + "/2", path + "/x", path, "/v1/files/alice/ffff/0", "/v1/files/nobody/ffff/0", path + "/0/0",
                      path + "/1?clean=1"):
            self.assertEqual(self.b.raw("GET", wrong)[0], 404, wrong)
        self.assertEqual(self.b.raw("GET", path + "/0", Authorization=None)[0], 401)
        self.assertEqual(self.b.raw("GET", path + "/0", Origin="http://evil.example")[0], 403)

    def test_what_cannot_be_sent_is_refused_when_it_is_handed_over(self):
        self.assertEqual(self.upload(b"x", "name=../etc/passwd")[0], 500)
        self.assertEqual(self.upload(b"x", "name=")[0], 500)
        self.assertEqual(self.upload(b"GIF89a" + b"x" * 100, "name=a.gif")[0], 422)
        self.assertEqual(self.upload(b"GIF89a" + b"x" * 100, "name=a.gif&keep_metadata=1")[0], 200)
        big = b"x" * (2 << 20)
        self.assertEqual(self.upload(big, "name=big.bin")[0], 200)
        # Who has not shown the token is not even listened to.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.assertEqual(self.a.raw(body=big, path="/v1/files?name=a", Authorization=None)[0], 413)
        self.assertEqual(self.a.raw("PUT", "/v1/files")[0], 405)

    def test_what_was_not_sent_is_gone_when_the_agent_ends(self):
        folder = self.alice.folder / "attachments"
        self.upload(b"x" * 100, "name=a.txt")
        self.assertEqual(len(list(folder.iterdir())), 1)
        self.assertEqual(self.a.stop(), OK)
        self.assertEqual(list(folder.iterdir()), [])


class Told(http.server.BaseHTTPRequestHandler):
    """A program that fails twice before it takes what it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.headers["Sotto-Signature"], body))
        self.send_response(200 if len(self.server.requests) > 2 else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhooks(AgentJourney):
    def test_events_are_told_signed_and_again_until_they_are_taken(self):
        alice, bob = self.person("alice"), self.person("bob")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told)
        server.requests = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        agent = self.agent(bob)
        with agent.connect() as calls:
            self.assertEqual(failure(lambda: calls.webhooks.add(name="far", url="http://example.org/")).code, "usage")
            added = calls.webhooks.add(name="hook", url=f"http://127.0.0.1:{server.server_port}/told?by=sotto")
            self.assertNotIn("secret", calls.webhooks.list()["webhooks"][0])
            alice.send("bob", "hello")
            self.assertTrue(eventually(lambda: any(b"hello" in body for _, body in server.requests[2:])))
            for signature, body in server.requests:
                expected = hmac.new(bytes.fromhex(added["secret"]), body, hashlib.sha256).hexdigest()
                self.assertEqual(signature, "sha256=" + expected)
            page = json.loads(server.requests[-1][1])
            self.assertTrue(all(int(r["sequence"]) > 0 for r in page["events"]))
            self.assertTrue(eventually(lambda: "failures" not in calls.webhooks.list()["webhooks"][0]))
            agent.kill()
        count = len(server.requests)
        alice.send("bob", "while the agent was away")
        again = self.agent(bob)
        self.assertTrue(eventually(lambda: any(b"while the agent" in body for _, body in server.requests[count:])))
        with again.connect() as calls:
            self.assertNotIn("webhooks", calls.webhooks.remove(name="hook"))


@unittest.skipIf(websockets is None, "python3-websockets is not installed")
class WebSockets(AgentJourney):
    def setUp(self):
        super().setUp()
        self.alice = self.person("alice")
        self.a = self.agent(self.alice)

    def connect(self, token=None, **options):
        return websockets.connect(f"ws://127.0.0.1:{self.a.port}/v1/rpc", max_size=1 << 24, compression=None,
                                  subprotocols=["sotto.v1", "token." + (token or self.a.token)], **options)

    def test_calls_and_events_go_over_one_connection(self):
        async def talk():
            async with self.connect(origin=f"http://127.0.0.1:{self.a.port}") as socket:
                self.assertEqual(socket.subprotocol, "sotto.v1")
                await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.subscribe"}))
                self.assertEqual(json.loads(await socket.recv())["id"], 1)
                await socket.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "messages.send",
                                              "params": {"conversation": "alice", "text": "a note"}}))
                answered = told = None
                while not (answered and told):
                    text = json.loads(await asyncio.wait_for(socket.recv(), support.PATIENCE))
                    answered = answered or (text.get("id") == 2 and text["result"]["body"])
                    told = told or (text.get("method") == "event" and text["params"]["event"].get("message", {}).get("body"))
                self.assertEqual((answered, told), ("a note", "a note"))
        asyncio.run(talk())

    def test_a_wrong_token_or_another_origin_is_not_let_in(self):
        async def status(**options):
            try:
                async with self.connect(**options):
                    return 101
            except websockets.exceptions.InvalidStatusCode as refused:
                return refused.status_code

        async def all_of_them():
            self.assertEqual(await status(token="0" * 64), 401)
            self.assertEqual(await status(token="x"), 401)
            self.assertEqual(await status(origin="http://evil.example"), 403)
            self.assertEqual(await status(), 101)
        asyncio.run(all_of_them())

    def test_octets_instead_of_text_end_the_connection(self):
        async def talk():
            async with self.connect() as socket:
                await socket.send(b"{}")
                with self.assertRaises(websockets.exceptions.ConnectionClosed):
                    await socket.recv()
        asyncio.run(talk())


class Bots(AgentJourney):
    def test_an_agent_of_its_own_ends_with_its_bot(self):
        alice = self.person("alice")
        os.environ["SOTTO_PASSPHRASE"] = alice.passphrase
        try:
            with sotto.spawn(alice.folder, str(support.SOTTO)) as agent:
                self.assertEqual(agent.account.status()["handle"], "alice")
                self.assertTrue(alice.is_connected())
        finally:
            del os.environ["SOTTO_PASSPHRASE"]
        self.assertFalse(alice.is_connected())


if __name__ == "__main__":
    unittest.main()
