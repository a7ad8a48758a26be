#!/usr/bin/env python3
"""Journey: pictures of others through the confined decoder, with the real programs. Standard library only."""

import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

import support
from support import FAILED, OK, PATIENCE, REFUSED, ROOT, SOTTO, USAGE, run_program

MEDIA = SOTTO.with_name("sotto-media")
SAMPLES = ROOT / "tests/fuzz/corpus/picture_fuzz"


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, *more):
    """A picture of 8-bit grey."""
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + b"".join(more)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Media(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sotto-journey-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets)
        return path

    def media(self, *words, expect=OK, program=SOTTO):
        done = run_program([program, "--json", "media", *map(str, words)])
        self.assertEqual(done.code, expect, done.err)
        return done

    def test_it_says_how_decoders_are_confined(self):
        status = self.media("status").records[0]
        self.assertTrue(status["calls_filtered"])
        self.assertLessEqual({"png", "jpeg", "webp", "gif"}, set(status["formats"]))

    def test_every_format_is_checked_and_written_anew(self):
        formats = self.media("status").records[0]["formats"]
        for sample in sorted(SAMPLES.iterdir()):
            kind = sample.name.split("_")[0]
            if kind not in formats:
                continue
            report = self.media("check", sample).records[0]
            self.assertEqual(report["format"], kind)
            self.assertEqual(report["animated"], sample.name.endswith("animated"))
            out, thumbnail = self.folder / "out", self.folder / "thumbnail"
            report = self.media("convert", sample, out, "--thumbnail", thumbnail).records[0]
            expected = {"gif": "png", "heic": "jpeg"}.get(kind, kind)
            self.assertEqual(report["clean_format"], expected)
            self.assertEqual(self.media("check", out).records[0]["format"], expected)
            self.assertEqual(self.media("check", thumbnail).records[0]["format"], "jpeg")
            self.assertLessEqual(thumbnail.stat().st_size, 8192)

    def test_what_is_written_tells_nothing_but_what_the_picture_shows(self):
        secret = b"Latitude 59.3293, Longitude 18.0686"
        path = self.file("in.png", png(900, 300, chunk(b"tEXt", b"Comment\0" + secret), chunk(b"eXIf", b"MM" + secret)))
        out, thumbnail = self.folder / "out.png", self.folder / "thumbnail.jpg"
        report = self.media("convert", path, out, "--max-edge", 300, "--thumbnail", thumbnail).records[0]
        self.assertEqual((report["width"], report["clean_width"], report["clean_height"]), (900, 300, 100))
        for written in (out, thumbnail):
            self.assertNotIn(secret, written.read_bytes())
            self.assertEqual(written.stat().st_mode & 0o777, 0o600)
        for kind in ("jpeg", "webp"):
            self.media("convert", path, out, "--format", kind)
            self.assertEqual(self.media("check", out).records[0]["format"], kind)

    def test_what_is_wrong_is_said(self):
        whole = png(40, 30)
        cases = [
            (whole[:80], "damaged or cut short"),
            (b"%PDF-1.7", "not a picture"),
            (whole[:16] + struct.pack(">II", 30000, 30000) + whole[24:], "damaged"),  # its checksum is wrong too
            (bytes((32 << 20) + 1), "larger than the limits"),
        ]
        for octets, complaint in cases:
            done = self.media("check", self.file("in", octets), expect=REFUSED)
            self.assertIn(complaint, done.err)
        self.assertIn("cannot be read", self.media("check", self.folder / "none", expect=USAGE).err)
        path = self.file("in", whole)
        self.assertIn("png, jpeg or webp", self.media("convert", path, self.folder / "out", "--format", "gif", expect=USAGE).err)
        self.media("convert", path, self.folder / "out", "--max-edge", 5000, expect=USAGE)
        self.media("convert", path, self.folder / "no" / "out", expect=FAILED)

    def test_a_classifier_decides_what_is_hidden(self):
        sample = SOTTO.with_name("sotto-sample-classifier.so")
        out, thumbnail = self.folder / "out", self.folder / "thumbnail"
        red = b"".join(b"\0" + b"\xff\0\0" * 100 for _ in range(80))
        path = self.file("red.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 80, 8, 2, 0, 0, 0))
                         + chunk(b"IDAT", zlib.compress(red)) + chunk(b"IEND", b""))
        words = ["--classifier", sample, "--thumbnail", thumbnail]
        report = self.media("convert", path, out, *words).records[0]
        self.assertEqual((report["verdict"], report["score"], report["thumbnail_width"]), ("HIDDEN", 100, 12))
        self.assertEqual(self.media("check", out).records[0]["width"], 100)
        report = self.media("convert", self.file("grey.png", png(100, 80)), out, *words).records[0]
        self.assertEqual((report["verdict"], report["thumbnail_width"]), ("SHOWN", 100))
        report = self.media("convert", path, out, "--classifier", path, "--thumbnail", thumbnail).records[0]
        self.assertEqual((report["verdict"], report["thumbnail_width"]), ("HIDDEN_UNCLASSIFIED", 12))
        self.media("convert", path, out, "--classifier", self.folder / "none", expect=USAGE)

    def test_a_decoder_that_is_missing_or_is_another_program_is_said(self):
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(SOTTO, alone / "sotto")
        path = self.file("in", png(4, 3))
        done = self.media("check", path, expect=FAILED, program=alone / "sotto")
        self.assertIn("sotto-media beside sotto", done.err)
        (alone / "sotto-media").write_text("#!/bin/sh\nexec cat /etc/passwd >&0\n")
        (alone / "sotto-media").chmod(0o755)
        self.media("check", path, expect=REFUSED, program=alone / "sotto")

    def decoder_of(self, client):
        """The process that `client` started, once it is confined."""
        children = pathlib.Path(f"/proc/{client.pid}/task/{client.pid}/children")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and client.poll() is None:
            for child in children.read_text().split():
                try:
                    if "Seccomp:\t2" in pathlib.Path(f"/proc/{child}/status").read_text():
                        return int(child)
                except OSError:
                    pass
        self.fail("no confined decoder was seen")

    def test_a_decoder_is_confined_alone_and_can_be_killed(self):
        if not pathlib.Path("/proc/self/task/self/children").parent.parent.joinpath(str(os.getpid()), "children").exists():
            self.skipTest("this kernel does not name the children of a process")
        path = self.file("in", png(3000, 2000))
        client = subprocess.Popen([SOTTO, "media", "convert", path, self.folder / "out", "--format", "webp"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        decoder = self.decoder_of(client)
        process = pathlib.Path(f"/proc/{decoder}")
        if os.geteuid() == 0:  # who else may look?
            self.assertEqual(os.readlink(process / "exe"), str(MEDIA))
            self.assertEqual([entry.name for entry in (process / "fd").iterdir()], ["0"])
            self.assertTrue(os.readlink(process / "fd/0").startswith("socket:"))
            self.assertEqual((process / "environ").read_bytes(), b"")
        os.kill(decoder, signal.SIGKILL)
        _, complaint = client.communicate(timeout=PATIENCE)
        self.assertEqual(client.returncode, REFUSED)
        self.assertIn("the decoder crashed", complaint)
        self.assertFalse((self.folder / "out").exists())


class Received(support.Journey):
    """Pictures that came with messages: nothing shows them but what the sandbox made of them."""

    SECRET = b"Latitude 59.3293, Longitude 18.0686"

    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.bob.send("alice", "send me pictures")
        self.alice.receive()

    def send(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets)
        sent = self.alice.run("send", "bob", "--attach", path, "--keep-metadata", "--wait", PATIENCE).records[-1]
        return sent["message_id"], octets

    def newest(self):
        return self.bob.run("attachments").records[-1]

    def fetch(self, *words, expect=OK):
        folder = self.folder / f"out{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        done = self.bob.run("download", "alice", *words, "--output", folder, "--wait", PATIENCE, expect=expect)
        return {path.name: path.read_bytes() for path in folder.iterdir()}, done

    def test_a_picture_is_shown_as_the_sandbox_made_it(self):
        message, original = self.send("photo.png", png(900, 300, chunk(b"tEXt", b"Comment\0" + self.SECRET)))
        self.bob.run("receive", "--wait", PATIENCE)
        file = self.newest()
        self.assertEqual((file["state"], file["media"], file["clean_mime"]), ("HERE", "CLEAN", "image/png"))
        self.assertTrue(file["thumbnail"], "the sender's sandbox made one")
        self.assertTrue(file["clean_thumbnail"], "so did the receiver's")
        got, _ = self.fetch(message)
        self.assertNotIn(self.SECRET, got["photo.png"])
        self.assertNotEqual(got["photo.png"], original)
        got, _ = self.fetch(message, "--original")
        self.assertEqual(got["photo.png"], original)
        for path in (self.bob.folder / "attachments").iterdir():
            self.assertNotIn(b"PNG", path.read_bytes()[:16], "at rest both are encrypted")

    def test_what_is_no_picture_and_what_is_a_broken_one(self):
        self.send("notes.txt", b"just words")
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "NOT_A_PICTURE")
        self.assertEqual(self.fetch()[0], {"notes.txt": b"just words"})
        self.send("broken.png", png(40, 30)[:80])
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "REFUSED")
        got, refused = self.fetch(expect=REFUSED)
        self.assertEqual(got, {})
        self.assertIn("--original", refused.err)
        self.assertEqual(len(self.fetch("--original")[0]), 1)

    def test_a_classifier_hides_pictures(self):
        red = b"".join(b"\0" + b"\xff\0\0" * 100 for _ in range(80))
        self.bob.run("downloads", "--classifier", SOTTO.with_name("sotto-sample-classifier.so"))
        self.bob.run("downloads", "--classifier", self.folder / "none", expect=USAGE)
        self.send("red.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 80, 8, 2, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(red)) + chunk(b"IEND", b""))
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "HIDDEN")

    def test_what_takes_the_decoder_over_stays_in_quarantine_until_released(self):
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(SOTTO, alone / "sotto")
        (alone / "sotto-media").write_text("#!/bin/sh\nexec cat /etc/passwd >&0\n")
        (alone / "sotto-media").chmod(0o755)
        self.bob.program = alone / "sotto"
        self.send("photo.png", png(40, 30))
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "QUARANTINED")
        for words in ((), ("--original",)):
            got, refused = self.fetch(*words, expect=REFUSED)
            self.assertEqual(got, {})
            self.assertIn("sotto media release", refused.err)
        self.bob.program = SOTTO
        self.assertEqual([file["conversation"] for file in self.bob.run("media", "quarantine").records], ["alice"])
        self.assertEqual(self.bob.run("media", "release", "alice").records[-1]["media"], "UNCHECKED")
        self.bob.run("media", "release", "alice", expect=USAGE)
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "CLEAN")

    def test_a_machine_without_the_sandbox_shows_nothing(self):
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(SOTTO, alone / "sotto")
        self.bob.program = alone / "sotto"
        self.send("photo.png", png(40, 30))
        self.bob.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.newest()["media"], "UNCHECKED")
        self.assertIn("sotto media status", self.fetch(expect=REFUSED)[1].err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
