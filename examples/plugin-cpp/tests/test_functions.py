"""The two functions against OpenSSL, another library and the standards' own examples."""

import hashlib
import random

import gostcrypto
import pytest
import tallystick as ts
import tallystick_gm
from cryptography.hazmat.primitives import hashes


def openssl_sm3(message: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(message)
    return digest.finalize()


def gost(message: bytes) -> bytes:
    return bytes(gostcrypto.gosthash.new("streebog256", data=bytearray(message)).digest())


# GB/T 32905-2016, A.1 and A.2.
SM3 = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
# RFC 6986, 10.1.2 and 10.2.2, written with the lowest byte first.
STREEBOG = {
    b"012345678901234567890123456789012345678901234567890123456789012": (
        "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"
    ),
    bytes.fromhex(
        "d1e520e2e5f2f0e82c20d1f2f0e8e1eee6e820e2edf3f6e82c20e2e5fef2fa20"
        "f120eceef0ff20f1f2f0e5ebe0ece820ede020f5f0e0e1f0fbff20efebfaeafb20c8e3eef0e5e2fb"
    ): "9dd2fe4e90409e5da87f53976d7405b0c0cac628fc669a741d50063c557e8f50",
}


@pytest.fixture(params=list(tallystick_gm.SM3_PATHS))
def sm3(request: pytest.FixtureRequest) -> ts.Hash:
    return ts.hashes.from_plugin(tallystick_gm.SM3_PATHS[request.param])


def test_examples_of_the_standards(sm3: ts.Hash) -> None:
    for message, digest in SM3.items():
        assert sm3.digest(message).hex() == digest
    streebog = ts.hashes.from_plugin(tallystick_gm.STREEBOG_256)
    for message, digest in STREEBOG.items():
        assert streebog.digest(message).hex() == digest


def test_sm3_of_every_length(sm3: ts.Hash) -> None:
    for length in (*range(200), 1000, 4095, 4096, 4097):
        message = random.Random(length).randbytes(length)
        assert sm3.digest(message) == openssl_sm3(message), length


def test_sm3_in_batches(sm3: ts.Hash) -> None:
    """Numbers of rows that fill the lanes, and some more and less; widths around a block's edges."""
    random_ = random.Random(1)
    for width in (1, 31, 32, 33, 54, 55, 56, 63, 64, 65, 119, 120, 128, 200):
        for number in (1, 7, 8, 9, 15, 16, 17, 40):
            rows = [random_.randbytes(width) for _ in range(number)]
            expected = b"".join(map(openssl_sm3, rows))
            assert sm3.digest_many(rows).tobytes() == expected, (width, number)


def test_sm3_of_rows_of_many_lengths(sm3: ts.Hash) -> None:
    random_ = random.Random(2)
    rows = [random_.randbytes(random_.choice([0, 5, 5, 5, 64, 64, 100])) for _ in range(500)]
    assert sm3.digest_many(rows).tobytes() == b"".join(map(openssl_sm3, rows))


def test_streebog() -> None:
    streebog = ts.hashes.from_plugin(tallystick_gm.STREEBOG_256)
    for length in (*range(0, 200, 3), 63, 64, 65, 127, 128, 129):
        # Sums of blocks carry where bytes are large.
        for message in (b"\xff" * length, random.Random(length).randbytes(length)):
            assert streebog.digest(message) == gost(message), length
    rows = [bytes([number]) * 40 for number in range(20)]
    assert streebog.digest_many(rows).tobytes() == b"".join(map(gost, rows))


def test_the_best_path_is_taken() -> None:
    assert tallystick_gm.SM3 is next(iter(tallystick_gm.SM3_PATHS.values()))
    assert list(tallystick_gm.SM3_PATHS)[-1] == "one"
    assert hashlib.new("sm3", b"abc").hexdigest() == SM3[b"abc"]
