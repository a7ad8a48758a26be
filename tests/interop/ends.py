"""The two ends of an exchange, Python's and C++'s, with the same methods; and a pair of them that know each other."""

import os
import random
import subprocess

from sp1.device import Device
from sp1.keys import Party
from sp1.prekeys import Bundle, OneTimePart
from sp1.session import Refused

START_MS = 1_700_000_000_000
NEED_BUNDLE = "no session: a prekey bundle is needed"
# What describe(SessionError) says, in the words of the specification or of the Python side.
CODES = {
    "message is malformed": "MALFORMED",
    "message has an unknown version, suite or flag": "MALFORMED",
    "message padding is wrong": "MALFORMED",
    "message payload is invalid": "MALFORMED",
    "INIT names prekeys that this device does not hold": "UNKNOWN_PREKEY",
    "INIT was accepted before": "REPLAYED_INIT",
    "INIT differs from the one its session began with": "INIT_MISMATCH",
    "INIT does not authenticate": "BAD_MAC",
    "handshake signature does not verify": "BAD_SIGNATURE",
    "no such session": "UNKNOWN_SESSION",
    "message was accepted before": "DUPLICATE",
    "message index was used by another message": "STALE_INDEX",
    "message does not authenticate": "BAD_MAC",
    "message of a PQ epoch that this side does not hold": "UNDECRYPTABLE",
    "message counter is over the limit": "UNDECRYPTABLE",
    "own message came back": "REFLECTED",
    "new ratchet key is not signed by its device": "BAD_SIGNATURE",
    "content signature does not verify": "BAD_SIGNATURE",
    "content names a conversation without its parties": "WRONG_CONVERSATION",
}


class PythonEnd:
    name = "Python"

    def __init__(self, seed):
        self.device = Device(random.Random(seed).randbytes, START_MS)
        self.party = self.device.party
        self.again = []

    def meet(self, other):
        self.other = other
        self.peer = self.device.meet(other.party)

    def publish(self, pairs):
        self.device.new_batch(pairs)
        self.next_pair = 0

    def bundle(self):
        """What a directory would serve next: a one-time pair while there is one, then the last resort."""
        batch, index = self.device.batches[-1], self.next_pair
        self.next_pair += 1
        return batch.bundle(index if index < len(batch.opks) else None)

    def send(self, content):
        return self.device.send(self.peer, content, self.other.bundle)

    def receive(self, wire):
        """The content, b"" when there is nothing new; raises Refused."""
        received = self.device.receive(wire)
        self.again += received.repeat
        self.events = [f"session_reset: {received.broken}"] if received.broken else []
        self.died = received.died
        return received.content

    def flush(self):
        """Envelopes that wait: errors to report and contents to send again."""
        out = self.device.flush(self.other.bundle)
        again, self.again = self.again, []
        return out + [self.device.send_again(self.peer, said, self.other.bundle) for said in again]

    def advance(self, ms):
        self.device.now_ms += ms

    def believe(self, view):
        """`view`: a Gossip; what claims and messages say from now on."""
        self.peer.view = view

    def heard(self):
        return self.peer.heard_view

    def rekey(self):
        self.session().pq.force()

    def owes_a_step(self):
        return self.session().pq.owes_a_step()

    def session(self):
        return self.peer.sending()

    def epoch(self):
        return self.session().pq.sending_epoch


class CppEnd:
    name = "C++"

    def __init__(self, seed):
        self.process = subprocess.Popen([os.environ["SOTTO_INTEROP_PEER"], str(seed)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        account, device, fp_aik, dik = map(bytes.fromhex, self.ask("identity"))
        self.party = Party(account, device, fp_aik, dik)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)

    def ask(self, command, *arguments):
        """The words of the answer; raises Refused with the error's code."""
        words = [a.hex() or "-" if isinstance(a, bytes) else str(a) for a in arguments]
        self.process.stdin.write(" ".join([command, *words]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        if answer.startswith("error "):
            why = answer.removeprefix("error ")
            raise Refused(CODES.get(why, why))
        if not answer.startswith("ok"):
            raise RuntimeError(f"interop_peer ended: {answer}")
        return answer.split()[1:]

    def meet(self, other):
        self.other = other
        party = other.party
        self.ask("meet", party.account, party.device, party.fp_aik, party.dik)

    def publish(self, pairs):
        self.batch = [bytes.fromhex(word) for word in self.ask("publish", pairs)]
        self.pairs, self.next_pair = pairs, 0

    def bundle(self):
        index = self.next_pair
        self.next_pair += 1
        return self.bundle_with(index if index < self.pairs else None)

    def bundle_with(self, index):
        if index is None:
            return Bundle(*self.batch, None)
        opk, kpk, path = (b"" if word == "-" else bytes.fromhex(word) for word in self.ask("pair", index))
        nodes = [path[i:i + 32] for i in range(0, len(path), 32)]
        return Bundle(*self.batch, OneTimePart(index, opk, kpk, nodes))

    def start(self, bundle):
        part = bundle.one_time
        extra = [part.index, part.opk, part.kpk, b"".join(part.path)] if part else []
        self.ask("start", bundle.batch, bundle.signature, bundle.kpk_last, *extra)

    def _seal(self, command, *arguments):
        try:
            return self.ask(command, *arguments)[0]
        except Refused as refused:
            if refused.code != NEED_BUNDLE:
                raise
        self.start(self.other.bundle())
        return self.ask("flush")[0]

    def send(self, content):
        """`content` is text; what the other end delivers are its octets."""
        return bytes.fromhex(self._seal("send", content.encode()))

    def receive(self, wire):
        _, content, *self.events = self.ask("receive", wire)
        events = [event.split(":") for event in self.events]
        self.died = [bytes.fromhex(sid) for _, *sids in events for sid in sids]
        return b"" if content == "-" else bytes.fromhex(content)

    def flush(self):
        out = []
        while (wire := self._seal("flush")) != "-":
            out.append(bytes.fromhex(wire))
        return out

    def advance(self, ms):
        self.ask("advance", ms)

    def believe(self, view):
        own, peer, head = view["own_manifest"], view["peer_manifest"], view["transparency_head"]
        self.ask("believe", own["version"], own["hash16"], peer["version"], peer["hash16"], head["log_id8"],
                 head["size"], head["root32"])

    def heard(self):
        words = self.ask("heard")
        own, peer = ({"version": int(v), "hash16": bytes.fromhex(h)} for v, h in (words[:2], words[2:4]))
        head = {"log_id8": bytes.fromhex(words[4]), "size": int(words[5]), "root32": bytes.fromhex(words[6])}
        return {"own_manifest": own, "peer_manifest": peer, "transparency_head": head}

    def rekey(self):
        self.ask("rekey")

    def owes_a_step(self):
        return self.ask("owes")[0] == "1"

    def epoch(self):
        return int(self.ask("summary")[1])

    def level(self):
        """PQ3's level as the client would show it."""
        return int(self.ask("summary")[0])


class Pair:
    """Two ends that know each other's devices and have published prekeys."""

    def __init__(self, test, seed, pairs=4):
        test.addCleanup(lambda: self.cpp.close())
        self.cpp, self.python = CppEnd(seed), PythonEnd(seed)
        for end, other in ((self.cpp, self.python), (self.python, self.cpp)):
            end.meet(other)
            end.publish(pairs)

    def both(self):
        """(sender, receiver) in both directions."""
        return (self.cpp, self.python), (self.python, self.cpp)

    def advance(self, ms):
        self.cpp.advance(ms)
        self.python.advance(ms)
