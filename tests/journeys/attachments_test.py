#!/usr/bin/env python3
"""Files with messages, with real processes: sent and fetched, cut by kill -9 on either side and gone on with, refused,
without what cameras write into pictures."""

import random
import signal
import struct
import unittest

import support

SECRET = b"59.3293N 18.0686E"
MIB = 1 << 20


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def picture():
    """What a JPEG is made of, with a place in its Exif data and a comment."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0" + SECRET
    shown = segment(0xDB, bytes(65)) + segment(0xC0, bytes(15)) + segment(0xDA, bytes(10)) + b"\x12\xff\0\x34"
    return b"\xff\xd8" + segment(0xE1, exif) + segment(0xFE, SECRET) + shown + b"\xff\xd9" + SECRET


class Attachments(support.Journey):
    def file(self, name, size, seed=1):
        path = self.folder / name
        path.write_bytes(random.Random(seed).randbytes(size))
        return path

    def fetched(self, person, user, folder, *words):
        folder.mkdir()
        person.run("download", user, *words, "--output", folder, "--wait", support.PATIENCE)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def files(self, person):
        return person.run("attachments").records

    def test_files_arrive_as_they_were_sent(self):
        alice, bob = self.person("alice"), self.person("bob")
        small, empty = self.file("notes.txt", 100_000), self.file("empty.bin", 0)
        sent = alice.run("send", "bob", "look", "--attach", small, "--attach", empty).records[-1]
        self.assertEqual(sent["state"], "SENT")
        self.assertEqual([f["state"] for f in sent["files"]], ["HERE", "HERE"])
        message = bob.run("receive", "--wait", support.PATIENCE).records[-1]
        self.assertEqual(message["body"], "look")
        self.assertEqual([(f["name"], f["state"]) for f in message["files"]],
                         [("notes.txt", "REMOTE"), ("empty.bin", "REMOTE")])
        self.assertEqual(self.fetched(bob, "alice", self.folder / "out"),
                         {"notes.txt": small.read_bytes(), "empty.bin": b""})
        self.assertEqual([(f["conversation"], f["position"]) for f in bob.run("attachments", "Alice").records],
                         [("alice", 0), ("alice", 1)])
        bob.run("attachments", "nobody", expect=support.NO_SUCH_USER)
        again = bob.run("download", "alice", "--output", self.folder / "out", expect=support.FAILED)
        self.assertIn("already", again.err)
        # Encrypted where it lies, and the name is in the store alone.
        for profile in (alice.folder, bob.folder):
            for path in (profile / "attachments").iterdir():
                self.assertNotIn(small.read_bytes()[:64], path.read_bytes())
        self.assertNotIn(small.read_bytes()[:64], b"".join(p.read_bytes() for p in self.server.folder.rglob("*")
                                                          if p.is_file()))

    def test_an_upload_and_a_download_go_on_after_kills_on_both_sides(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "first")
        bob.receive()
        large = self.file("large.bin", 24 * MIB + 12345)
        sending = alice.start("send", "bob", "large", "--attach", large)
        for cut in range(3):
            self.wait_for_progress(alice, "UPLOADING", cut)
            if cut == 1:
                self.server.kill()
                self.server.start()
                continue
            support.end(sending, signal.SIGKILL)
            sending = alice.start("receive", "--follow")
        self.wait_until(lambda: self.files(alice)[-1]["state"] == "HERE")
        support.end(sending, signal.SIGINT)
        alice.run("receive", "--wait", support.PATIENCE)
        large_octets = large.read_bytes()
        large.unlink()
        bob.run("receive", "--wait", support.PATIENCE)
        (self.folder / "got").mkdir()
        for cut in range(3):
            fetching = bob.start("download", "alice", "--output", self.folder / "got")
            self.wait_for_progress(bob, "DOWNLOADING", cut)
            if cut == 1:
                self.server.kill()
                self.server.start()
            support.end(fetching, signal.SIGKILL)
        got = self.folder / "got" / "large.bin"
        if not got.exists():  # the last one may have been over before it was killed
            bob.run("download", "alice", "--output", got.parent, "--wait", support.PATIENCE)
        self.assertEqual(got.read_bytes(), large_octets)

    def wait_until(self, condition):
        self.assertTrue(support.eventually(condition), "nothing happened")

    def wait_for_progress(self, person, state, cut):
        """Until more than a few MiB are there than at the last cut, or it is over."""
        def far_enough():
            files = self.files(person)
            if not files:
                return False
            return files[-1]["state"] != state or int(files[-1]["transferred"]) > cut * 6 * MIB
        self.wait_until(far_enough)

    def test_pictures_lose_their_metadata_unless_told_otherwise(self):
        alice, bob = self.person("alice"), self.person("bob")
        photo = self.folder / "photo.jpg"
        photo.write_bytes(picture())
        alice.run("send", "bob", "--attach", photo)
        alice.run("send", "bob", "as it is", "--attach", photo, "--keep-metadata")
        messages = bob.run("receive", "--wait", support.PATIENCE).records
        self.assertEqual(messages[0]["files"][0]["mime"], "image/jpeg")
        clean = self.fetched(bob, "alice", self.folder / "clean", messages[0]["message_id"], "--original")["photo.jpg"]
        kept = self.fetched(bob, "alice", self.folder / "kept", messages[1]["message_id"], "--original")["photo.jpg"]
        self.assertNotIn(SECRET, clean)
        self.assertEqual(kept, photo.read_bytes())
        gif = self.folder / "a.gif"
        gif.write_bytes(b"GIF89a" + SECRET)
        refused = alice.run("send", "bob", "--attach", gif, expect=support.REFUSED)
        self.assertIn("--keep-metadata", refused.err)

    def test_small_files_of_people_one_wrote_to_are_fetched_by_themselves(self):
        alice, bob = self.person("alice"), self.person("bob")
        small = self.file("small.bin", 1000)
        alice.run("send", "bob", "from a stranger", "--attach", small)
        self.assertEqual(bob.run("receive", "--wait", 2).records[-1]["files"][0]["state"], "REMOTE")
        bob.send("alice", "hello")
        alice.run("send", "bob", "again", "--attach", small)
        bob.run("receive", "--wait", support.PATIENCE)
        self.wait_until(lambda: bob.run("receive", "--wait", 1) and self.files(bob)[-1]["state"] == "HERE")
        bob.run("downloads", "--metered", "on")
        alice.run("send", "bob", "metered", "--attach", small)
        bob.run("receive", "--wait", 2)
        self.assertEqual(self.files(bob)[-1]["state"], "REMOTE")

    def test_what_the_server_does_not_take_is_said(self):
        alice = self.person("alice")
        self.person("bob")
        self.server.stop()
        text = (self.server.folder / "sottod.toml").read_text()
        (self.server.folder / "sottod.toml").write_text(text.replace("#max_megabytes = 256", "max_megabytes = 1"))
        self.server.start()
        refused = alice.run("send", "bob", "--attach", self.file("large.bin", 2 * MIB), expect=support.REFUSED)
        self.assertIn("up to 1 MiB", refused.err)
        self.assertIn("cannot be read", alice.run("send", "bob", "--attach", self.folder / "none",
                                                  expect=support.FAILED).err)

    def test_what_is_taken_back_is_gone_from_the_server(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.run("send", "bob", "oops", "--attach", self.file("secret.bin", 1000))
        bob.run("receive", "--wait", support.PATIENCE)
        alice.run("unsend", "bob", "last")
        alice.run("receive", "--wait", 2)
        self.assertEqual(self.files(alice), [])
        self.wait_until(lambda: self.server.admin("report", "alice")["blobs"] == 0)


if __name__ == "__main__":
    unittest.main()
