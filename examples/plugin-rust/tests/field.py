"""Elements of BN254's scalar field, as bytes."""

import random

MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617


def encode(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def elements(count: int, seed: int = 0) -> list[bytes]:
    numbers = random.Random(seed)
    return [encode(numbers.randrange(MODULUS)) for _ in range(count)]
