"""Bundles of either side verify at the other, and not when anything in them was altered."""

import dataclasses
import unittest

from ends import NEED_BUNDLE, Pair
from forge import flipped
from sp1.encoding import Malformed
from sp1.libcrypto import BadKey
from sp1.session import Refused

SEED = 20260105
DAY_MS = 24 * 3600 * 1000


class Bundles(unittest.TestCase):
    def assert_start_refused(self, sender, bundle):
        """Nothing is sent to a device whose bundle does not verify."""
        sender.other.bundle = lambda: bundle
        with self.assertRaises((Malformed, BadKey, Refused)) as caught:
            sender.send("never")
        self.assertNotEqual(getattr(caught.exception, "code", ""), NEED_BUNDLE)

    def test_every_pair_of_a_batch_leads_to_its_root(self):
        for count in (1, 2, 3, 7):
            for turn in range(2):
                for index in range(count):
                    sender, receiver = Pair(self, SEED, pairs=count).both()[turn]
                    receiver.next_pair = index
                    self.assertIn(b"hello", receiver.receive(sender.send("hello")))

    def test_an_altered_bundle_is_refused(self):
        def parts(bundle):
            """Each field altered, and some octets of the longer ones."""
            for name, places in (("batch", (0, 15, 20, 60, 100, 130, 140, 170, 220, -40, -1)),
                                 ("signature", (5, 70, 3000)), ("kpk_last", (0, 1500))):
                for at in places:
                    yield name, dataclasses.replace(bundle, **{name: flipped(getattr(bundle, name), at)})
            part = bundle.one_time
            for name in ("opk", "kpk"):
                yield name, dataclasses.replace(part, **{name: flipped(getattr(part, name), 9)})
            yield "index", dataclasses.replace(part, index=part.index ^ 1)
            yield "path", dataclasses.replace(part, path=part.path[:-1])
            yield "path", dataclasses.replace(part, path=part.path + [bytes(32)])
            yield "path", dataclasses.replace(part, path=[bytes(32), *part.path[1:]])
            yield "half a signature", dataclasses.replace(bundle, signature=bundle.signature[:64])

        for turn in range(2):
            sender, receiver = Pair(self, SEED).both()[turn]
            genuine = receiver.bundle()
            for name, altered in parts(genuine):
                if altered.__class__ is genuine.one_time.__class__:
                    altered = dataclasses.replace(genuine, one_time=altered)
                with self.subTest(sender=sender.name, part=name):
                    self.assert_start_refused(sender, altered)

    def test_a_batch_is_good_for_35_days_and_not_from_the_future(self):
        for turn in range(2):
            sender, receiver = Pair(self, SEED).both()[turn]
            bundle = receiver.bundle()
            with self.subTest(sender=sender.name, age="expired"):
                sender.advance(35 * DAY_MS)
                self.assert_start_refused(sender, bundle)
            sender, receiver = Pair(self, SEED).both()[turn]
            receiver.advance(2 * DAY_MS + 1)
            receiver.publish(1)
            with self.subTest(sender=sender.name, age="future"):
                self.assert_start_refused(sender, receiver.bundle())
            sender, receiver = Pair(self, SEED).both()[turn]
            receiver.advance(2 * DAY_MS)
            receiver.publish(1)
            with self.subTest(sender=sender.name, age="nearly"):
                self.assertIn(b"hello", receiver.receive(sender.send("hello")))

    def test_an_init_for_a_replaced_batch_still_opens(self):
        for turn in range(2):
            sender, receiver = Pair(self, SEED).both()[turn]
            wire = sender.send("hello")
            receiver.publish(2)
            self.assertIn(b"hello", receiver.receive(wire))


if __name__ == "__main__":
    unittest.main()
