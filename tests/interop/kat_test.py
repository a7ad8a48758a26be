"""The vectors of tests/vectors, reproduced."""

import json
import pathlib
import unittest

from sp1 import schedule, wire
from sp1.encoding import padded_size, padme, vector
from sp1.libcrypto import ecdh, p256_public

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def identity(account, device, fp_aik, fp):
    return vector(account) + vector(device) + fp_aik + fp


class Kat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        values = json.loads((VECTORS / "sp1_kat.json").read_text())
        cls.length = values.pop("A0.pt_len")
        cls.kat = {name: bytes.fromhex(value) for name, value in values.items()}

    def check(self, **expected):
        """Values by the vector's name, with _ for what a Python name cannot hold."""
        for name, value in expected.items():
            self.assertEqual(value.hex(), self.kat[name].hex(), name)

    def test_padme_gives_the_padded_lengths_of_the_vectors(self):
        for length, padded in json.loads((VECTORS / "padme.json").read_text())["vectors"]:
            self.assertEqual(padme(length), padded, length)

    def test_public_keys_and_ecdh(self):
        k = self.kat
        pairs = ("spk_priv", "SPK_B"), ("opk_priv", "OPK_B"), ("eka_priv", "EK_A"), ("rb1_priv", "RB1")
        for private, public in pairs:
            self.assertEqual(p256_public(k[private]), k[public])
        self.check(dh1=ecdh(k["eka_priv"], k["SPK_B"]), dh2=ecdh(k["eka_priv"], k["OPK_B"]),
                   dh_rb1_eka=ecdh(k["rb1_priv"], k["EK_A"]))
        self.assertEqual(ecdh(k["opk_priv"], k["EK_A"]), k["dh2"])

    def test_handshake_keys(self):
        k = self.kat
        id_a = identity(b"alice@example", b"devA", k["fp_AIK_A"], k["fp_A"])
        id_b = identity(b"bob@example", b"devB", k["fp_AIK_B"], k["fp_B"])
        th = schedule.th_pre(id_b, k["SPK_B"], k["OPK_B"], k["H(KPK)"], k["EK_A"], k["H(ct0)"], k["bundle_hash"])
        prk, th0 = schedule.prk0(k["ss_pq0"], k["dh1"], k["dh2"]), schedule.th0(th, id_a)
        names = ("RK0", "CK0", "PQR", "TK_A2B", "TK_B2A", "SID")
        self.check(TH_pre=th, TH0=th0, PRK0=prk, HSK=schedule.hsk(prk, th),
                   **dict(zip(names, schedule.handshake_keys(prk, th0))))
        self.check(**dict(zip(("hs_enc", "hs_iv", "hs_mac"), schedule.claim_keys(k["HSK"]))))
        self.check(**dict(zip(("PQRK_0", "CKpq_A2B_0", "CKpq_B2A_0"), schedule.pq_root(k["PQR"], k["SID"]))))
        self.check(hint_A2B_0=schedule.hint(k["TK_A2B"], 0), hint_A2B_1=schedule.hint(k["TK_A2B"], 1))

    def test_first_message(self):
        k = self.kat
        self.assertEqual(padded_size(1), self.length)
        mk_ec, next_key = schedule.chain_step(k["CK0"], "ec")
        mk_pq, _ = schedule.chain_step(k["CKpq_A2B_0"], "pq")
        header = wire.Header(k["SID"], bytes(range(16)), k["EK_A"], 0, 0, 0, 0, 0, 0)
        keys = schedule.message_keys(mk_ec, mk_pq, k["SID"], 0, 0, 0, 0, header.salt)
        self.check(**{"A0.hdr": header.encode(), "A0.mk_ec": mk_ec, "A0.mk_pq": mk_pq, "A0.CK_next": next_key},
                   **dict(zip(("A0.enc", "A0.iv", "A0.mac"), keys)))

    def test_both_ratchets_step(self):
        k = self.kat
        root, chain = schedule.ec_step(k["RK0"], k["dh_rb1_eka"], k["SID"], k["RB1"], k["EK_A"])
        epoch = schedule.pq_step(k["PQRK_0"], k["ss_pq1"], k["SID"], 1, k["H(ek1)"], k["H(ct1)"])
        self.check(RK1=root, CK_B1=chain,
                   **dict(zip(("PQRK_1", "CKpq_A2B_1", "CKpq_B2A_1", "TK_A2B_1", "TK_B2A_1"), epoch)))

    def test_first_answer_under_both_new_chains(self):
        k = self.kat
        mk_ec, _ = schedule.chain_step(k["CK_B1"], "ec")
        mk_pq, _ = schedule.chain_step(k["CKpq_B2A_1"], "pq")
        keys = schedule.message_keys(mk_ec, mk_pq, k["SID"], 1, 0, 1, 0, bytes(range(16, 32)))
        self.check(**dict(zip(("B0.enc", "B0.iv", "B0.mac"), keys)))


if __name__ == "__main__":
    unittest.main()
