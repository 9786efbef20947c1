"""Time of building, proving, verifying and updating; peak memory; bytes of proofs. One thread."""

import numpy as np
import tallystick as ts

SIZE = 1 << 14
SCHEMES = ["native/blake3", "native/keccak256", "rfc6962/sha256"]


def leaves(size: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (size, 32), dtype=np.uint8)


class Operations:
    """The parameter is the scheme; 2^14 leaves of 32 bytes, 1,000 of them proved."""

    params = SCHEMES
    param_names = ("scheme",)

    def setup(self, name: str) -> None:
        ts.set_threads(1)
        self.scheme = ts.schemes.get(name)
        self.leaves = leaves(SIZE)
        self.rows = [row.tobytes() for row in self.leaves]
        self.chosen = np.sort(np.random.default_rng(2).choice(SIZE, 1000, replace=False))
        self.claimed = self.leaves[self.chosen]
        self.tree = ts.MerkleTree(self.leaves, scheme=self.scheme)
        self.head, self.first = self.tree.head, self.tree.prove(0)
        self.each, self.many = self.tree.prove_each(self.chosen), self.tree.prove_many(self.chosen)

    def time_build_array(self, _: str) -> None:
        ts.MerkleTree(self.leaves, scheme=self.scheme)

    def time_build_list(self, _: str) -> None:
        ts.MerkleTree(self.rows, scheme=self.scheme)

    def time_head_only(self, _: str) -> None:
        ts.head_of(self.leaves, scheme=self.scheme)

    def time_prove(self, _: str) -> None:
        self.tree.prove(12_345)

    def time_prove_each(self, _: str) -> None:
        self.tree.prove_each(self.chosen)

    def time_prove_many(self, _: str) -> None:
        self.tree.prove_many(self.chosen)

    def time_proofs_of_all(self, _: str) -> None:
        for _batch in self.tree.proofs(chunk=4096):
            pass

    def time_verify_inclusion(self, _: str) -> None:
        self.head.verify_inclusion(0, self.rows[0], self.first)

    def time_verify_each(self, _: str) -> None:
        self.head.verify_each(self.chosen, self.claimed, self.each)

    def time_verify_many(self, _: str) -> None:
        self.head.verify_many(self.chosen, self.claimed, self.many)


class Sums:
    """The same of a sum tree: 2^14 leaves of 32 bytes with amounts below 2^63."""

    params = ("native_sum/blake3", "native_sum/sha256")
    param_names = ("scheme",)

    def setup(self, name: str) -> None:
        ts.set_threads(1)
        self.scheme = ts.schemes.get(name)
        self.leaves = leaves(SIZE)
        self.amounts = np.random.default_rng(3).integers(0, 2**63, SIZE)
        self.chosen = np.sort(np.random.default_rng(2).choice(SIZE, 1000, replace=False))
        self.claimed, self.owed = self.leaves[self.chosen], self.amounts[self.chosen]
        self.tree = ts.SumTree(self.leaves, self.amounts, scheme=self.scheme)
        self.head, self.first = self.tree.head, self.tree.prove(0)
        self.row, self.amount = self.leaves[0].tobytes(), int(self.amounts[0])
        self.each, self.many = self.tree.prove_each(self.chosen), self.tree.prove_many(self.chosen)

    def time_build(self, _: str) -> None:
        ts.SumTree(self.leaves, self.amounts, scheme=self.scheme)

    def time_prove(self, _: str) -> None:
        self.tree.prove(12_345)

    def time_prove_each(self, _: str) -> None:
        self.tree.prove_each(self.chosen)

    def time_prove_many(self, _: str) -> None:
        self.tree.prove_many(self.chosen)

    def time_update(self, _: str) -> None:
        self.tree.update(self.chosen, self.claimed, self.owed)

    def time_verify_inclusion(self, _: str) -> None:
        self.head.verify_inclusion(0, self.row, self.amount, self.first)

    def time_verify_each(self, _: str) -> None:
        self.head.verify_each(self.chosen, self.claimed, self.owed, self.each)

    def time_verify_many(self, _: str) -> None:
        self.head.verify_many(self.chosen, self.claimed, self.owed, self.many)

    def track_bytes_of_a_proof(self, _: str) -> int:
        return len(self.first.to_bytes())


class Changes:
    """Trees that change: a fresh one for every sample."""

    params = SCHEMES
    param_names = ("scheme",)
    number = 1

    def setup(self, name: str) -> None:
        ts.set_threads(1)
        self.tree = ts.MerkleTree(leaves(SIZE), scheme=ts.schemes.get(name))
        self.more = leaves(1000)
        self.chosen = np.arange(0, SIZE, SIZE // 1000)[:1000]

    def time_update(self, _: str) -> None:
        self.tree.update(self.chosen, self.more)

    def time_extend(self, _: str) -> None:
        self.tree.extend(self.more)

    def time_append(self, _: str) -> None:
        self.tree.append(b"one more")


class Memory:
    """Peak memory of a process that builds a tree of 2^18 leaves: 8 MiB of leaves, 16 MiB of nodes."""

    def setup(self) -> None:
        ts.set_threads(1)

    def peakmem_build(self) -> None:
        ts.MerkleTree(leaves(1 << 18))

    def peakmem_head_only(self) -> None:
        ts.head_of(leaves(1 << 18))


class Bytes:
    """How large proofs are, encoded."""

    params = SCHEMES
    param_names = ("scheme",)
    unit = "bytes"

    def setup(self, name: str) -> None:
        self.tree = ts.MerkleTree(leaves(SIZE), scheme=ts.schemes.get(name))
        self.chosen = np.sort(np.random.default_rng(2).choice(SIZE, 1000, replace=False))

    def track_proof_of_one(self, _: str) -> int:
        return len(self.tree.prove(0).to_bytes())

    def track_proof_of_1000(self, _: str) -> int:
        return len(self.tree.prove_many(self.chosen).to_bytes())

    def track_proof_of_growth(self, _: str) -> int:
        return len(self.tree.prove_extends(SIZE // 3).to_bytes())
