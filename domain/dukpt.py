"""One key for each transaction (DUKPT), so that a reader's ciphertext can be opened by whoever holds the base derivation key.

ANSI X9.24-1:2009 for TDES and X9.24-3:2017 for AES; which of the two is told by the key serial number (KSN), ten bytes or twelve.
For the reader's simulator and the hub's test gateway only: no kiosk ever holds a key of this family (import-linter sees to it).
"""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

_TDES_KSN = 10
_AES_KSN = 12
_TDES_COUNTER = (1 << 21) - 1
_AES_COUNTER = (1 << 32) - 1
_MOST_BITS = {_TDES_KSN: 10, _AES_KSN: 16}
"""A counter with more bits set than this is skipped: so many derivations at most separate a key from the initial one."""

_KEY_MASK = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_DATA_REQUEST = bytes.fromhex("0000000000FF00000000000000FF0000")
"""The variant for data on its way from the reader to the host (X9.24-1 annex A.4.1)."""

_AES_ALGORITHM = {16: 0x0002, 24: 0x0003, 32: 0x0004}
_USE_DATA_ENCRYPT = 0x3000
_USE_DERIVATION = 0x8000
_USE_INITIAL_KEY = 0x8001


def initial_key(bdk: bytes, ksn: bytes) -> bytes:
    """What a reader is given when its keys are injected (IPEK, IK), from the base derivation key: 16 bytes where `ksn` has ten;
    16, 24 or 32, as long as `bdk`, where it has twelve. Raises ValueError for any other length."""
    if _is_aes(ksn, bdk):
        return _aes_derive(bdk, _USE_INITIAL_KEY, ksn[:8])
    serial = _with_tdes_counter(ksn, 0)[:8]
    return _tdes(bdk, serial) + _tdes(_xor(bdk, _KEY_MASK), serial)


def transaction_key(initial: bytes, ksn: bytes) -> bytes:
    """The key that stands behind the counter in `ksn`. Raises ValueError for a counter that no reader uses: 0, or with more bits
    set than X9.24 lets pass."""
    aes = _is_aes(ksn, initial)
    counter = _counter(ksn)
    if not 0 < counter.bit_count() <= _MOST_BITS[len(ksn)]:
        raise ValueError("no reader uses this counter")
    key, so_far = initial, 0
    for shift in reversed(range(counter.bit_length())):
        if counter & 1 << shift:
            so_far |= 1 << shift
            if aes:
                key = _aes_derive(key, _USE_DERIVATION, ksn[4:8] + so_far.to_bytes(4, "big"))
            else:
                key = _tdes_derive(key, _with_tdes_counter(ksn, so_far)[2:])
    return key


def data_key(initial: bytes, ksn: bytes) -> bytes:
    """The key for data from the reader to the host, as long as `initial`."""
    key = transaction_key(initial, ksn)
    if _is_aes(ksn, key):
        return _aes_derive(key, _USE_DATA_ENCRYPT, ksn[4:])
    variant = _xor(key, _DATA_REQUEST)
    return _tdes(variant, variant[:8]) + _tdes(variant, variant[8:])


def encrypt(initial: bytes, ksn: bytes, data: bytes) -> bytes:
    """`data` under the data key: CBC from a zero vector, filled with zeros to a whole block (8 bytes TDES, 16 AES)."""
    encryptor = _data_cipher(initial, ksn).encryptor()
    block = 16 if len(ksn) == _AES_KSN else 8
    return encryptor.update(data + bytes(-len(data) % block)) + encryptor.finalize()


def decrypt(initial: bytes, ksn: bytes, data: bytes) -> bytearray:
    """What `encrypt` was given, with its filling, in memory that the caller can wipe. Raises ValueError when `data` is not whole
    blocks."""
    decryptor = _data_cipher(initial, ksn).decryptor()
    plain = bytearray(len(data) + 15)  # update_into wants room for one block more, less a byte
    del plain[decryptor.update_into(data, plain) :]
    decryptor.finalize()
    return plain


def next_ksn(ksn: bytes) -> bytes:
    """The serial number of a reader's next transaction. Raises ValueError when the reader has used up its keys."""
    counter, most = _counter(ksn) + 1, _MOST_BITS[len(ksn)]
    while counter.bit_count() > most:
        counter += counter & -counter
    if counter > (_AES_COUNTER if len(ksn) == _AES_KSN else _TDES_COUNTER):
        raise ValueError("this reader's keys are used up")
    return ksn[:8] + counter.to_bytes(4, "big") if len(ksn) == _AES_KSN else _with_tdes_counter(ksn, counter)


def _is_aes(ksn: bytes, key: bytes) -> bool:
    if len(ksn) == _AES_KSN and len(key) in _AES_ALGORITHM:
        return True
    if len(ksn) == _TDES_KSN and len(key) == 16:
        return False
    raise ValueError("a key serial number has ten bytes with a key of 16, or twelve with a key of 16, 24 or 32")


def _counter(ksn: bytes) -> int:
    return int.from_bytes(ksn[8:], "big") if len(ksn) == _AES_KSN else int.from_bytes(ksn, "big") & _TDES_COUNTER


def _with_tdes_counter(ksn: bytes, counter: int) -> bytes:
    return (int.from_bytes(ksn, "big") & ~_TDES_COUNTER | counter).to_bytes(_TDES_KSN, "big")


def _tdes_derive(key: bytes, serial: bytes) -> bytes:
    """The non-reversible key generation process: single DES on either half of the new key (X9.24-1 annex A.3)."""
    halves = []
    for each in (_xor(key, _KEY_MASK), key):
        left, right = each[:8], each[8:]
        halves.append(_xor(_tdes(left * 3, _xor(serial, right)), right))
    return b"".join(halves)


def _aes_derive(key: bytes, use: int, context: bytes) -> bytes:
    """X9.24-3 6.3.2: blocks of derivation data encrypted, as many as the new key, as long as the old one, needs."""
    algorithm = _AES_ALGORITHM[len(key)]
    encryptor = Cipher(AES(key), ECB()).encryptor()
    derived = b""
    for block in range(1, -(-len(key) // 16) + 1):
        head = bytes((1, block)) + use.to_bytes(2, "big") + algorithm.to_bytes(2, "big") + (len(key) * 8).to_bytes(2, "big")
        derived += encryptor.update(head + context)
    return derived[: len(key)]


def _data_cipher(initial: bytes, ksn: bytes) -> Cipher[CBC]:
    key = data_key(initial, ksn)
    return Cipher(AES(key), CBC(bytes(16))) if len(ksn) == _AES_KSN else Cipher(TripleDES(key + key[:8]), CBC(bytes(8)))


def _tdes(key: bytes, data: bytes) -> bytes:
    whole = key if len(key) == 24 else key + key[:8]
    return Cipher(TripleDES(whole), ECB()).encryptor().update(data)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
