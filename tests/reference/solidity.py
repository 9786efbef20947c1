"""OpenZeppelin's Solidity libraries as the chain runs them: `MerkleProof.sol` and `MerkleTree.sol`, in
plain Python.

Written from what the contracts do, with the virtual machine's own habits: memory begins as zeros, and
reading past the end of an array stops the call. `PANIC` and `REVERT` are how it stops.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.hashes import HASHES

ZERO = bytes(32)
keccak256 = HASHES["keccak256"].digest


class Stopped(Exception):
    """The call is undone: an array's end was passed, or the contract refused."""


class Memory(list[bytes]):
    """A `bytes32[]` in memory or calldata: its end is checked, and a negative place is none."""

    def read(self, place: int) -> bytes:
        if not 0 <= place < len(self):
            raise Stopped("panic 0x32: the array's end was passed")
        return self[place]


def commutative_keccak256(a: bytes, b: bytes) -> bytes:
    return keccak256(a + b if a < b else b + a)


def process_proof(proof: Sequence[bytes], leaf: bytes) -> bytes:
    """`MerkleProof.processProof`."""
    computed = leaf
    for node in proof:
        computed = commutative_keccak256(computed, node)
    return computed


def verify(proof: Sequence[bytes], root: bytes, leaf: bytes) -> bool:
    """`MerkleProof.verify`."""
    return process_proof(proof, leaf) == root


def process_multi_proof(
    proof: Sequence[bytes], flags: Sequence[bool], leaves: Sequence[bytes], *, before_4_9_2: bool = False
) -> bytes:
    """`MerkleProof.processMultiProof`; before 4.9.2 it did not look whether every digest was used."""
    given, rest = Memory(leaves), Memory(proof)
    if len(given) + len(rest) != len(flags) + 1:
        raise Stopped("MerkleProofInvalidMultiproof")
    hashes = Memory([ZERO] * len(flags))
    leaf, made, taken = 0, 0, 0
    for place, flag in enumerate(flags):
        if leaf < len(given):
            a, leaf = given.read(leaf), leaf + 1
        else:
            a, made = hashes.read(made), made + 1
        if not flag:
            b, taken = rest.read(taken), taken + 1
        elif leaf < len(given):
            b, leaf = given.read(leaf), leaf + 1
        else:
            b, made = hashes.read(made), made + 1
        hashes[place] = commutative_keccak256(a, b)
    if flags:
        if taken != len(rest) and not before_4_9_2:
            raise Stopped("MerkleProofInvalidMultiproof")
        return hashes.read(len(flags) - 1)
    return given.read(0) if given else rest.read(0)


class PushTree:
    """`MerkleTree.sol`: `setup`, `push` and the root that every push returns."""

    def __init__(self, depth: int, zero: bytes = ZERO) -> None:
        self.depth = depth
        self.next_leaf = 0
        self.sides = [ZERO] * depth
        self.zeros = []
        for _ in range(depth):
            self.zeros.append(zero)
            zero = commutative_keccak256(zero, zero)
        self.root = zero

    def push(self, leaf: bytes) -> bytes:
        if self.next_leaf >= 1 << self.depth:
            raise Stopped("panic 0x41: the tree is full")
        index, current = self.next_leaf, leaf
        self.next_leaf += 1
        for level in range(self.depth):
            if index % 2 == 0:
                self.sides[level] = current
                current = commutative_keccak256(current, self.zeros[level])
            else:
                current = commutative_keccak256(self.sides[level], current)
            index //= 2
        self.root = current
        return current
