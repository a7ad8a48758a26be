"""The primitives of session-protocol.md 2, from OpenSSL's libcrypto (>= 3.5) through ctypes.

Points are 33 octets of SEC1, ECDSA signatures r || s with a low s, ML-KEM private keys 64-octet seeds d || z, ML-DSA
private keys 32-octet seeds. What a peer sent and does not decode raises BadKey; a signature that does not verify is
False.
"""

import ctypes
import hashlib
import hmac
import os

ML_KEM_SIZES = {"ML-KEM-768": (1184, 1088), "ML-KEM-1024": (1568, 1568)}  # encapsulation key, ciphertext
ML_DSA_SIGNATURE = 3309
ML_DSA_CONTEXT = b"sp1"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

NID_P256 = 415  # NID_X9_62_prime256v1
COMPRESSED = 2  # POINT_CONVERSION_COMPRESSED
KEYPAIR = 0x87  # EVP_PKEY_KEYPAIR
PUBLIC_KEY = 0x86  # EVP_PKEY_PUBLIC_KEY


class BadKey(Exception):
    """A public key, point or ciphertext that section 2 rejects."""


class _Param(ctypes.Structure):  # OSSL_PARAM
    _fields_ = [("key", ctypes.c_char_p), ("type", ctypes.c_uint), ("data", ctypes.c_void_p),
                ("size", ctypes.c_size_t), ("return_size", ctypes.c_size_t)]

    UNSIGNED, TEXT, OCTETS = 2, 4, 5


_P, _I, _S = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_SIGNATURES = {
    "BN_bin2bn": (_P, ctypes.c_char_p, _I, _P), "BN_free": (None, _P),
    "EC_GROUP_new_by_curve_name": (_P, _I), "EC_POINT_new": (_P, _P), "EC_POINT_free": (None, _P),
    "EC_POINT_is_at_infinity": (_I, _P, _P), "EC_POINT_mul": (_I, _P, _P, _P, _P, _P, _P),
    "EC_POINT_oct2point": (_I, _P, _P, ctypes.c_char_p, _S, _P),
    "EC_POINT_point2oct": (_S, _P, _P, _I, ctypes.c_char_p, _S, _P),
    "EVP_CIPHER_CTX_new": (_P,), "EVP_CIPHER_CTX_free": (None, _P), "EVP_aes_256_ctr": (_P,),
    "EVP_EncryptInit_ex": (_I, _P, _P, _P, ctypes.c_char_p, ctypes.c_char_p),
    "EVP_EncryptUpdate": (_I, _P, ctypes.c_char_p, _P, ctypes.c_char_p, _I),
    "EVP_MD_CTX_new": (_P,), "EVP_MD_CTX_free": (None, _P),
    "EVP_DigestSignInit_ex": (_I, _P, _P, ctypes.c_char_p, _P, _P, _P, _P),
    "EVP_DigestSign": (_I, _P, ctypes.c_char_p, _P, ctypes.c_char_p, _S),
    "EVP_DigestVerifyInit_ex": (_I, _P, _P, ctypes.c_char_p, _P, _P, _P, _P),
    "EVP_DigestVerify": (_I, _P, ctypes.c_char_p, _S, ctypes.c_char_p, _S),
    "EVP_PKEY_CTX_new_from_name": (_P, _P, ctypes.c_char_p, _P), "EVP_PKEY_CTX_new_from_pkey": (_P, _P, _P, _P),
    "EVP_PKEY_CTX_free": (None, _P), "EVP_PKEY_free": (None, _P), "EVP_PKEY_fromdata_init": (_I, _P),
    "EVP_PKEY_fromdata": (_I, _P, _P, _I, _P),
    "EVP_PKEY_new_raw_public_key_ex": (_P, _P, ctypes.c_char_p, _P, ctypes.c_char_p, _S),
    "EVP_PKEY_get_raw_public_key": (_I, _P, ctypes.c_char_p, _P),
    "EVP_PKEY_encapsulate_init": (_I, _P, _P), "EVP_PKEY_decapsulate_init": (_I, _P, _P),
    "EVP_PKEY_encapsulate": (_I, _P, ctypes.c_char_p, _P, ctypes.c_char_p, _P),
    "EVP_PKEY_decapsulate": (_I, _P, ctypes.c_char_p, _P, ctypes.c_char_p, _S),
}


def _load():
    find = ctypes.CDLL(os.environ["SOTTO_INTEROP_LIBCRYPTO"]).sotto_interop_libcrypto
    find.restype, find.argtypes = _P, [ctypes.c_char_p]
    return {name: ctypes.CFUNCTYPE(*types)(find(name.encode())) for name, types in _SIGNATURES.items()}


_c = _load()
_group = _c["EC_GROUP_new_by_curve_name"](NID_P256)


def _must(ok):
    if not ok or ok < 0:
        raise RuntimeError("libcrypto failed")
    return ok


# --- hashes and AES ---------------------------------------------------------------------------------------------------

def sha256(data):
    return hashlib.sha256(data).digest()


def sha384(data):
    return hashlib.sha384(data).digest()


def hmac384(key, data):
    return hmac.digest(key, data, "sha384")


def extract(salt, ikm):
    """HKDF-Extract with SHA-384 (RFC 5869 2.2)."""
    return hmac384(salt, ikm)


def expand(prk, info, *lengths):
    """HKDF-Expand with SHA-384 (RFC 5869 2.3), cut into pieces of `lengths`; one length gives the octets alone."""
    out, block = b"", b""
    while len(out) < sum(lengths):
        block = hmac384(prk, block + info + bytes([len(out) // 48 + 1]))
        out += block
    pieces = []
    for length in lengths:
        pieces.append(out[:length])
        out = out[length:]
    return pieces if len(pieces) > 1 else pieces[0]


def aes256_ctr(key, iv, data):
    context, out, written = _c["EVP_CIPHER_CTX_new"](), ctypes.create_string_buffer(len(data) + 1), _I(0)
    try:
        _must(_c["EVP_EncryptInit_ex"](context, _c["EVP_aes_256_ctr"](), None, key, iv))
        _must(_c["EVP_EncryptUpdate"](context, out, ctypes.byref(written), data, len(data)))
        return out.raw[:written.value]
    finally:
        _c["EVP_CIPHER_CTX_free"](context)


# --- P-256 ------------------------------------------------------------------------------------------------------------

def _point(octets):
    point = _c["EC_POINT_new"](_group)
    if (len(octets) != 33 or octets[0] not in (2, 3)
            or not _c["EC_POINT_oct2point"](_group, point, octets, len(octets), None)
            or _c["EC_POINT_is_at_infinity"](_group, point)):
        _c["EC_POINT_free"](point)
        raise BadKey("not a point of P-256")
    return point


def check_point(octets):
    """Raises BadKey unless `octets` is a compressed point of P-256 other than the identity."""
    _c["EC_POINT_free"](_point(octets))


def _multiply(scalar, point):
    """scalar * point (the generator when None) as 33 octets."""
    result, number = _c["EC_POINT_new"](_group), _c["BN_bin2bn"](scalar, len(scalar), None)
    out = ctypes.create_string_buffer(33)
    try:
        if point is None:
            _must(_c["EC_POINT_mul"](_group, result, number, None, None, None))
        else:
            _must(_c["EC_POINT_mul"](_group, result, None, point, number, None))
        _must(_c["EC_POINT_point2oct"](_group, result, COMPRESSED, out, 33, None) == 33)
        return out.raw
    finally:
        _c["EC_POINT_free"](result)
        _c["BN_free"](number)


def p256_scalar(random):
    """A private key from `random`, a function that gives so many octets."""
    while True:
        scalar = random(32)
        if 0 < int.from_bytes(scalar, "big") < P256_ORDER:
            return scalar


def p256_public(scalar):
    return _multiply(scalar, None)


def ecdh(scalar, octets):
    """The x coordinate of scalar * point, 32 octets."""
    point = _point(octets)
    try:
        return _multiply(scalar, point)[1:]
    finally:
        _c["EC_POINT_free"](point)


# --- keys of EVP ------------------------------------------------------------------------------------------------------

class _Key:
    """An EVP_PKEY that is freed with this object."""

    def __init__(self, handle):
        self.handle = _must(handle)

    def __del__(self):
        _c["EVP_PKEY_free"](self.handle)

    @classmethod
    def from_params(cls, algorithm, selection, params):
        """params: name -> (type, octets)."""
        context = _must(_c["EVP_PKEY_CTX_new_from_name"](None, algorithm.encode(), None))
        try:
            _must(_c["EVP_PKEY_fromdata_init"](context))
            handle, (array, _buffers) = _P(), _params(params)
            if _c["EVP_PKEY_fromdata"](context, ctypes.byref(handle), selection, array) <= 0:
                raise BadKey(algorithm)
            return cls(handle.value)
        finally:
            _c["EVP_PKEY_CTX_free"](context)

    @classmethod
    def from_public(cls, algorithm, octets):
        handle = _c["EVP_PKEY_new_raw_public_key_ex"](None, algorithm.encode(), None, octets, len(octets))
        if not handle:
            raise BadKey(algorithm)
        return cls(handle)

    def public(self):
        size = _S(0)
        _must(_c["EVP_PKEY_get_raw_public_key"](self.handle, None, ctypes.byref(size)))
        out = ctypes.create_string_buffer(size.value)
        _must(_c["EVP_PKEY_get_raw_public_key"](self.handle, out, ctypes.byref(size)))
        return out.raw


def _params(params):
    buffers = [ctypes.create_string_buffer(octets, len(octets)) for _, octets in params.values()]
    array = (_Param * (len(params) + 1))()
    for slot, (name, (kind, octets)), buffer in zip(array, params.items(), buffers):
        slot.key, slot.type, slot.size = name.encode(), kind, len(octets)
        slot.data = ctypes.cast(buffer, _P)
    return array, buffers


def _sign(key, digest, params, message):
    context, size = _c["EVP_MD_CTX_new"](), _S(8192)
    out, (array, _buffers) = ctypes.create_string_buffer(8192), _params(params)
    try:
        _must(_c["EVP_DigestSignInit_ex"](context, None, digest, None, None, key.handle, array))
        _must(_c["EVP_DigestSign"](context, out, ctypes.byref(size), message, len(message)))
        return out.raw[:size.value]
    finally:
        _c["EVP_MD_CTX_free"](context)


def _verify(key, digest, params, message, signature):
    context, (array, _buffers) = _c["EVP_MD_CTX_new"](), _params(params)
    try:
        _must(_c["EVP_DigestVerifyInit_ex"](context, None, digest, None, None, key.handle, array))
        return _c["EVP_DigestVerify"](context, signature, len(signature), message, len(message)) == 1
    finally:
        _c["EVP_MD_CTX_free"](context)


# --- ECDSA P-256 with SHA-256 -----------------------------------------------------------------------------------------

def _der_integer(number):
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(octets)]) + octets


def ecdsa_sign(scalar, message):
    params = {"group": (_Param.TEXT, b"P-256"), "pub": (_Param.OCTETS, p256_public(scalar)),
              "priv": (_Param.UNSIGNED, scalar[::-1])}
    der = _sign(_Key.from_params("EC", KEYPAIR, params), b"SHA256", {}, message)
    r_end = 4 + der[3]
    r, s = int.from_bytes(der[4:r_end], "big"), int.from_bytes(der[r_end + 2:], "big")
    return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def ecdsa_verify(public, message, signature):
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
        return False
    check_point(public)
    params = {"group": (_Param.TEXT, b"P-256"), "pub": (_Param.OCTETS, public)}
    integers = _der_integer(r) + _der_integer(s)
    return _verify(_Key.from_params("EC", PUBLIC_KEY, params), b"SHA256", {}, message,
                   bytes([0x30, len(integers)]) + integers)


# --- ML-DSA-65 --------------------------------------------------------------------------------------------------------

_CONTEXT = {"context-string": (_Param.OCTETS, ML_DSA_CONTEXT)}


def _ml_dsa_key(seed):
    return _Key.from_params("ML-DSA-65", KEYPAIR, {"seed": (_Param.OCTETS, seed)})


def ml_dsa_public(seed):
    return _ml_dsa_key(seed).public()


def ml_dsa_sign(seed, message):
    return _sign(_ml_dsa_key(seed), None, _CONTEXT, message)


def ml_dsa_verify(public, message, signature):
    if len(signature) != ML_DSA_SIGNATURE:
        return False
    return _verify(_Key.from_public("ML-DSA-65", public), None, _CONTEXT, message, signature)


# --- ML-KEM -----------------------------------------------------------------------------------------------------------

def _ml_kem_key(algorithm, seed):
    return _Key.from_params(algorithm, KEYPAIR, {"seed": (_Param.OCTETS, seed)})


def ml_kem_public(algorithm, seed):
    return _ml_kem_key(algorithm, seed).public()


def encapsulate(algorithm, public, random):
    """(ciphertext, shared secret) for an encapsulation key that passes FIPS 203 7.2."""
    key_size, size = ML_KEM_SIZES[algorithm]
    if len(public) != key_size:
        raise BadKey(algorithm)
    key = _Key.from_public(algorithm, public)
    context = _must(_c["EVP_PKEY_CTX_new_from_pkey"](None, key.handle, None))
    out, secret = ctypes.create_string_buffer(size), ctypes.create_string_buffer(32)
    array, _buffers = _params({"ikme": (_Param.OCTETS, random(32))})  # m of FIPS 203 6.2
    try:
        _must(_c["EVP_PKEY_encapsulate_init"](context, array))
        _must(_c["EVP_PKEY_encapsulate"](context, out, ctypes.byref(_S(size)), secret, ctypes.byref(_S(32))))
        return out.raw, secret.raw
    finally:
        _c["EVP_PKEY_CTX_free"](context)


def decapsulate(algorithm, seed, ciphertext):
    if len(ciphertext) != ML_KEM_SIZES[algorithm][1]:
        raise BadKey(algorithm)
    key = _ml_kem_key(algorithm, seed)
    context = _must(_c["EVP_PKEY_CTX_new_from_pkey"](None, key.handle, None))
    secret = ctypes.create_string_buffer(32)
    try:
        _must(_c["EVP_PKEY_decapsulate_init"](context, None))
        _must(_c["EVP_PKEY_decapsulate"](context, secret, ctypes.byref(_S(32)), ciphertext, len(ciphertext)))
        return secret.raw
    finally:
        _c["EVP_PKEY_CTX_free"](context)
