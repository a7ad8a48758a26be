#!/usr/bin/env python3
"""Anybody audits a server's log: sotto-audit follows it while people register, survives kill -9 of both, and raises an
alarm that stays when the log is built anew or rolled back under the same keys."""

import json
import random
import re
import shutil
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import support
from support import BUILD, OK, PATIENCE, eventually, run_program

AUDIT = BUILD / "apps" / "sotto_audit" / "sotto-audit"
ALARM, NO_ANSWER, OTHER_LOG, UNPROVEN = 3, 4, 5, 6


class Auditor:
    """A sotto-audit with its data below `folder`."""

    def __init__(self, folder, server):
        self.folder = folder
        self.server = server
        self.process = None
        self.address = None
        self.log = folder.with_name(folder.name + ".log")

    def arguments(self, *words):
        return [str(AUDIT), "--data-dir", str(self.folder), "--json", *map(str, words)]

    def run(self, *words, expect=OK):
        return run_program(self.arguments(*words), expect)

    def once(self, expect=OK):
        return self.run("follow", "--server", self.server.address, "--once", "--wait", PATIENCE, expect=expect)

    def start(self):
        """Follows and serves until it is ended."""
        out = self.folder.with_name(self.folder.name + ".out")
        with open(self.log, "ab") as log, open(out, "wb") as lines:
            self.process = subprocess.Popen(
                self.arguments("follow", "--server", self.server.address, "--serve", "127.0.0.1:0", "--poll", 1),
                stdout=lines, stderr=log)
        if not eventually(lambda: b"\n" in out.read_bytes()):
            raise AssertionError("the auditor does not serve")
        self.address = json.loads(out.read_text().splitlines()[0])["address"]
        return self

    def end(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        self.process = None
        return status

    def get(self, path):
        """Status and body."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def size(self):
        """Entries of the head it serves."""
        status, body = self.get("/v1/head.json")
        return json.loads(body)["size"] if status == 200 else 0

    @property
    def key(self):
        return self.run("key").document()["key"]

    def verify(self, *words):
        return self.run("verify", self.folder / "evidence", *words, expect=ALARM).document()


class Audit(support.Journey):
    def setUp(self):
        super().setUp()
        self.auditor = Auditor(self.folder / "auditor", self.server)
        self.addCleanup(self.auditor.end, signal.SIGKILL)

    def take_as_witness(self, auditor):
        """Restarts the server with the auditor's key as one of its witnesses."""
        (self.folder / "witness").write_text(auditor.key + "\n")
        configuration = self.server.folder / "sottod.toml"
        configuration.write_text(configuration.read_text().replace(
            "#witnesses = []", f'witnesses = ["{self.folder / "witness"}"]'))
        self.assertIn("\nwitnesses = ", configuration.read_text())
        self.server.stop()
        self.server.start()

    def epochs(self):
        return self.server.admin("status")["log"]["epochs"]

    def test_an_auditor_follows_while_people_register_and_its_word_reaches_the_server(self):
        self.take_as_witness(self.auditor)
        self.auditor.start()
        for name in ("alice", "bob", "carol"):
            self.person(name)
        self.assertGreaterEqual(self.epochs(), 4)
        self.assertTrue(eventually(lambda: self.auditor.size() == self.epochs()))
        self.assertTrue(eventually(lambda: self.server.admin("status")["log"]["epochs_cosigned"] == self.epochs()))
        self.assertEqual(self.auditor.get("/healthz"), (200, b"ok\n"))
        status, body = self.auditor.get("/v1/key")
        self.assertEqual((status, body.decode().strip()), (200, self.auditor.key))
        metrics = self.auditor.get("/metrics")[1].decode()
        self.assertIn(f"sotto_audit_head_entries {self.epochs()}", metrics)
        self.assertIn("sotto_audit_alarm 0", metrics)
        second = Auditor(self.folder / "second", self.server)
        second.once()
        compared = second.run("compare", "--server", self.server.address, "--head", self.auditor.address + "/v1/head",
                              "--head", second.folder / "head")
        self.assertTrue(compared.document()["consistent"])
        self.assertEqual(self.auditor.end(), OK)

    def test_killed_again_and_again_both_go_on(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        moments = random.Random(seed)
        for number in range(6):
            self.auditor.start()
            self.person(f"person{number}")
            time.sleep(moments.uniform(0, 1.5))
            if number % 2 == 0:
                self.auditor.end(signal.SIGKILL)
                self.person(f"other{number}")
            else:
                self.server.kill()
                time.sleep(moments.uniform(0, 0.5))
                self.server.start()
                self.assertTrue(eventually(lambda: self.auditor.size() == self.epochs()))
                self.auditor.end(signal.SIGKILL)
        self.auditor.once()
        self.assertFalse((self.auditor.folder / "ALARM").exists())
        self.auditor.start()
        self.assertEqual(self.auditor.size(), self.epochs())

    def rebuild(self):
        """The server's database is thrown away; its keys stay, so what it signs is signed by the same log."""
        self.server.stop()
        shutil.rmtree(self.server.folder / "database")
        self.server.start()

    def test_a_log_built_anew_under_the_same_keys_is_an_alarm_that_stays_and_is_proven(self):
        self.person("alice")
        self.person("bob")
        self.auditor.start()
        self.assertTrue(eventually(lambda: self.auditor.size() == self.epochs()))
        good = self.auditor.get("/v1/head")
        log = json.loads(self.auditor.get("/v1/head.json")[1])["log"]
        self.rebuild()
        self.assertTrue(eventually(lambda: (self.auditor.folder / "ALARM").exists()))
        self.assertTrue(eventually(lambda: self.auditor.get("/healthz")[0] == 503))
        self.assertEqual(self.auditor.get("/v1/head"), good)
        self.assertEqual(self.auditor.get("/v1/evidence")[0], 200)
        self.assertEqual(self.auditor.end(), ALARM)
        self.assertIn("ALARM", self.auditor.log.read_text())
        judged = self.auditor.verify("--log", log)
        self.assertTrue(judged["proven"], judged)
        self.assertEqual(self.auditor.run("verify", self.auditor.folder / "evidence", "--log", "0" * 64,
                                          expect=OTHER_LOG).out, "")
        # It stays, whatever the server does, until somebody removes the file; and then the log is still forked.
        self.auditor.once(expect=ALARM)
        (self.auditor.folder / "ALARM").unlink()
        self.auditor.once(expect=ALARM)

    def test_a_second_auditor_that_saw_only_the_new_log_is_shown_to_disagree(self):
        for name in ("alice", "bob"):
            self.person(name)
        self.auditor.once()
        self.rebuild()
        for name in ("carol", "dave", "erin", "frank"):
            self.person(name)
        second = Auditor(self.folder / "second", self.server)
        second.once()
        proof = self.folder / "proof"
        compared = second.run("compare", "--server", self.server.address, "--head", self.auditor.folder / "head", "--head",
                              second.folder / "head", "--evidence", proof, expect=ALARM)
        self.assertFalse(compared.document()["consistent"])
        self.assertTrue(second.run("verify", proof, expect=ALARM).document()["proven"])
        self.auditor.once(expect=ALARM)
        self.assertTrue(self.auditor.verify()["proven"])

    def restore_backup_after(self, *names):
        """Keeps the database as it is, lets these people register, then puts the kept one back."""
        self.server.stop()
        shutil.copytree(self.server.folder / "database", self.folder / "backup")
        self.server.start()
        for name in names:
            self.person(name)
        self.auditor.once()
        self.server.stop()
        shutil.rmtree(self.server.folder / "database")
        shutil.copytree(self.folder / "backup", self.server.folder / "database")
        self.server.start()

    def test_a_restored_backup_is_an_alarm(self):
        self.person("alice")
        self.restore_backup_after("bob", "carol")
        self.auditor.once(expect=ALARM)
        self.assertIn("taken back", self.auditor.verify()["words"])

    def test_a_restored_backup_that_went_on_is_a_proven_fork(self):
        self.person("alice")
        self.restore_backup_after("bob", "carol")
        # Beyond what the auditor knows: two pasts with the same beginning.
        for name in ("dave", "erin", "frank", "grace"):
            self.person(name)
        self.auditor.once(expect=ALARM)
        self.assertTrue(self.auditor.verify()["proven"])

    def test_another_server_at_the_same_address_is_not_followed(self):
        self.auditor.once()
        self.server.stop()
        for name in ("identity.key", "transparency.key", "statement"):
            (self.server.folder / name).unlink()
        shutil.rmtree(self.server.folder / "database")
        self.server.start()
        self.auditor.once(expect=OTHER_LOG)
        self.assertFalse((self.auditor.folder / "ALARM").exists())

    def test_words_and_exit_codes_for_what_cannot_be_done(self):
        self.server.stop()
        self.auditor.run("follow", "--server", self.server.address, "--once", "--wait", 1, expect=NO_ANSWER)
        self.auditor.run("follow", "--server", "nonsense", "--once", expect=support.USAGE)
        self.auditor.run("follow", expect=support.USAGE)
        self.auditor.run("verify", self.folder / "nothing", expect=support.FAILED)
        (self.folder / "text").write_text("no evidence")
        self.auditor.run("verify", self.folder / "text", expect=support.FAILED)
        self.auditor.run("compare", "--server", self.server.address, "--head", self.folder / "text", "--head",
                         self.folder / "text", expect=support.FAILED)
        out = subprocess.run([AUDIT, "--help-all"], capture_output=True, text=True, check=True).stdout
        self.assertTrue(re.search(r"follow.*--on-alarm.*verify.*compare.*key", out, re.S))


if __name__ == "__main__":
    unittest.main(verbosity=2)
