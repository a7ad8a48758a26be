#!/usr/bin/env python3
"""What people pass to each other, with real processes: previews that only their sender asks for, stickers, voice notes,
messages passed on with their files, and all of it taken out."""

import base64
import http.server
import json
import os
import ssl
import stat
import struct
import threading
import unittest
import zlib

import support
from agent_support import AgentProcess


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, shade=1):
    rows = b"".join(b"\0" + bytes((x * y * shade) % 256 for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def wav(length_s):
    samples = struct.pack("<8000h", *((i % 100) * 300 for i in range(8000))) * length_s
    head = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    return (b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<I", len(head)) + head
            + b"data" + struct.pack("<I", len(samples)) + samples)


class Website:
    """Pages over HTTPS on this machine, under a server's certificate for localhost; remembers who asked for what."""

    def __init__(self, folder):
        self.asked = []
        self.pages = {}
        self.certificate = folder / "certificate.pem"
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, dict(self.headers)))
                status, kind, body = site.pages.get(self.path, (404, "text/plain", b""))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "private_key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def address(self, path):
        return f"https://localhost:{self.server.server_address[1]}{path}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Reader(support.Person):
    """Somebody whose machine trusts the website's certificate."""

    certificate = None

    def environment(self):
        return {**super().environment(), "SSL_CERT_FILE": str(self.certificate)}


class Sharing(support.Journey):
    def setUp(self):
        super().setUp()
        self.site = Website(self.server.folder)
        self.addCleanup(self.site.stop)
        self.alice, self.bob = self.reader("alice"), self.reader("bob")

    def reader(self, name):
        person = Reader(self.folder / name)
        person.certificate = self.site.certificate
        person.register(name, self.server)
        return person

    def file(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets)
        return path

    def met(self):
        """They wrote to each other."""
        self.alice.send("bob", "hello")
        self.bob.receive()
        self.bob.send("alice", "hi")
        self.alice.receive()

    def newest(self, person, user):
        return person.history(user)[-1]

    def test_only_the_sender_asks_the_page(self):
        self.met()
        self.site.pages = {
            "/story": (200, "text/html", b"<title>window</title><meta property='og:title' content='A &amp; B'>"
                                         b"<meta name=description content=words><meta property=og:image content=/p.png>"),
            "/p.png": (200, "image/png", png(400, 300)),
            "/text": (200, "text/plain", b"nothing")}
        url = self.site.address("/story")
        send = ["send", "bob", f"read {url}", "--preview", url, "--wait", support.PATIENCE]
        refused = self.alice.run(*send)
        self.assertEqual([(p["code"], p["subject"]) for p in refused.told], [("PREVIEW_FAILED", url)])
        self.assertIn("private network", refused.told[0]["detail"])
        self.assertNotIn("preview", refused.records[-1])
        self.assertEqual(self.site.asked, [])
        sent = self.alice.run(*send, "--preview-private").records[-1]
        self.assertEqual((sent["preview"]["title"], sent["preview"]["description"]), ("A & B", "words"))
        self.assertEqual([path for path, _ in self.site.asked], ["/story", "/p.png"])
        for _, fields in self.site.asked:
            self.assertLessEqual(set(fields), {"Host", "User-Agent", "Accept", "Connection"})
        self.site.stop()  # whoever asked now would be told nothing
        self.bob.run("receive", "--wait", support.PATIENCE)

        def pictured():
            self.bob.run("receive", "--wait", 1)
            return self.newest(self.bob, "alice")["preview"]["picture"]

        self.assertTrue(support.eventually(pictured))
        preview = self.newest(self.bob, "alice")["preview"]
        self.assertEqual((preview["url"], preview["title"]), (url, "A & B"))
        self.assertEqual(base64.b64decode(preview["picture"])[:2], b"\xff\xd8")
        self.assertEqual(len(self.site.asked), 2)

    def test_a_stranger_s_preview_is_not_shown(self):
        self.bob.run("requests", "from", "anybody")
        url = "https://example.org/"
        self.alice.run("send", "bob", f"see {url}", "--preview-url", url, "--preview-title", "Buy", "--wait",
                       support.PATIENCE)
        self.bob.run("receive", "--wait", support.PATIENCE)
        self.assertNotIn("preview", self.newest(self.bob, "alice"))
        self.bob.run("requests", "accept", "alice")
        self.assertEqual(self.newest(self.bob, "alice")["preview"]["title"], "Buy")

    def test_stickers_and_voice_notes(self):
        self.met()
        cat, note = self.file("cat.png", png(64, 64)), self.file("note.wav", wav(3))
        self.alice.run("send", "bob", "--sticker", cat, "--emoji", "\U0001f63a", "--pack", "Cats")
        self.alice.run("send", "bob", "--voice-note", note)
        sticker, voice = self.bob.run("receive", "--wait", support.PATIENCE).records[-2:]
        self.assertEqual((sticker["kind"], sticker["body"], sticker["sticker"]["pack"]),
                         ("STICKER", "Sticker: \U0001f63a (Cats)", "Cats"))
        self.assertEqual([f["mime"] for f in sticker["files"]], ["image/png"])
        self.assertEqual((voice["kind"], voice["body"]), ("VOICE_NOTE", "Voice note, 3 seconds"))
        self.assertEqual(voice["voice_note"]["duration_ms"], 3000)
        self.assertEqual(len(base64.b64decode(voice["voice_note"]["waveform"])), 64)
        self.assertEqual(voice["files"][0]["mime"], "audio/wav")
        (self.folder / "got").mkdir()
        self.bob.run("download", "alice", voice["message_id"], "--output", self.folder / "got", "--wait", support.PATIENCE)
        self.assertEqual((self.folder / "got" / "note.wav").read_bytes(), note.read_bytes())
        found = self.bob.run("search", "--kind", "sticker,voice-note").records
        self.assertEqual([m["kind"] for m in found], ["VOICE_NOTE", "STICKER"])
        self.alice.run("send", "bob", "--sticker", note, "--emoji", "\U0001f63a", expect=support.USAGE)
        self.alice.run("send", "bob", "--sticker", cat, "--emoji", "cat", expect=support.USAGE)

    def test_a_message_is_passed_on_with_its_file_which_is_not_sent_again(self):
        self.met()
        carol = self.person("carol")
        large = self.file("large.bin", os.urandom(300_000))
        self.alice.run("send", "bob", "look", "--attach", large)
        source = self.bob.run("receive", "--wait", support.PATIENCE).records[-1]
        self.bob.run("downloads", "--from", "nobody")
        sent = self.bob.run("forward", "alice", source["message_id"], "carol", "--wait", support.PATIENCE).records[-1]
        self.assertEqual((sent["state"], sent["forwarded"], sent["body"]), ("SENT", True, "look"))
        # Whoever sent it first takes it back: what was passed on stays.
        self.alice.run("unsend", "bob", "last")
        self.bob.receive()
        got = carol.run("receive", "--wait", support.PATIENCE).records[-1]
        self.assertEqual((got["sender"], got["forwarded"]), ("bob", True))
        (self.folder / "got").mkdir()
        carol.run("download", "bob", "--output", self.folder / "got", "--wait", support.PATIENCE)
        self.assertEqual((self.folder / "got" / "large.bin").read_bytes(), large.read_bytes())
        self.alice.run("send", "bob", "for a moment", "--expires", "1h")
        self.bob.receive()
        self.bob.run("forward", "alice", "last", "carol", expect=support.USAGE)

    def test_programs_ask_for_previews_and_pass_on(self):
        self.met()
        self.site.pages = {"/story": (200, "text/html", b"<title>A story</title>")}
        url = self.site.address("/story")
        agent = AgentProcess(self.alice)
        self.addCleanup(agent.stop)
        with agent.connect() as client:
            preview = client.messages.preview(url=url, private_addresses=True)
            self.assertEqual(preview["title"], "A story")
            sent = client.messages.send(conversation="bob", text=f"see {url}", preview=preview)
            passed_on = client.messages.forward(conversation="bob", message_id=sent["message_id"], to="alice")
            self.assertTrue(passed_on["forwarded"])
            self.assertEqual(passed_on["preview"]["title"], "A story")

    def test_a_group_has_a_photo_and_says_who_changed_what(self):
        self.met()
        picture = self.file("garden.png", png(50, 40))
        self.alice.run("group", "create", "friends", "bob", "--wait", support.PATIENCE)
        changed = self.alice.run("group", "photo", "friends", picture, "--wait", support.PATIENCE).records[-1]
        self.assertEqual(changed["photo"]["name"], "garden.png")
        self.alice.run("group", "rename", "friends", "gardeners", "--wait", support.PATIENCE)
        told = self.bob.run("receive", "--wait", support.PATIENCE).records
        self.assertEqual([(m["sender"], m["system"]["kind"], m["body"]) for m in told if "system" in m],
                         [("alice", "GROUP_CREATED", "alice made the group"),
                          ("alice", "GROUP_PHOTO_CHANGED", "alice gave the group a photo"),
                          ("alice", "GROUP_RENAMED", "alice called the group gardeners")])
        out = self.folder / "photo.png"
        self.bob.run("group", "photo", "gardeners", "--output", out, "--wait", support.PATIENCE)
        self.assertEqual(out.read_bytes()[:4], b"\x89PNG")
        self.bob.run("group", "photo", "gardeners", picture, expect=support.REFUSED)
        gone = self.alice.run("group", "photo", "gardeners", "--remove", "--wait", support.PATIENCE).records[-1]
        self.assertNotIn("photo", gone)
        self.bob.receive()
        self.assertEqual(self.bob.lines("#gardeners")[-1], "GROUP_PHOTO_REMOVED")
        self.alice.run("group", "photo", "gardeners", self.file("no.txt", b"no"), expect=support.USAGE)

    def test_an_export_has_the_files(self):
        self.met()
        text, picture = self.file("notes.txt", b"some notes"), self.file("p.png", png(40, 30))
        self.alice.run("send", "bob", "look", "--attach", text, "--attach", picture)

        def looked_at():
            self.bob.run("receive", "--wait", 1)
            return [f["media"] for f in self.newest(self.bob, "alice").get("files", [])] == ["NOT_A_PICTURE", "CLEAN"]

        self.assertTrue(support.eventually(looked_at))
        message = self.newest(self.bob, "alice")
        folder = self.folder / "export"
        self.bob.run("export", "--to", folder)
        media = folder / "media" / message["message_id"]
        self.assertEqual(sorted(path.name for path in media.iterdir()), ["0-notes.txt", "1-p.png"])
        self.assertEqual((media / "0-notes.txt").read_bytes(), b"some notes")
        self.assertEqual(stat.S_IMODE(media.stat().st_mode), 0o700)
        lines = [json.loads(line) for line in (folder / "messages.jsonl").read_text().splitlines()]
        self.assertEqual([f["name"] for f in lines[-1]["files"]], ["notes.txt", "p.png"])
        self.bob.run("export", "--to", self.folder / "without", "--no-media")
        self.assertFalse((self.folder / "without" / "media").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
