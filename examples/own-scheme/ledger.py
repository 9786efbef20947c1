"""A tree of one's own: SHA3-256, four children a node, at most 4^10 leaves, their number in the root."""

import tallystick as ts

f = ts.schemes.f
LEDGER = ts.schemes.dense(
    "ledger",
    ts.hashes.SHA3_256,
    leaf=(b"leaf:", f.data),
    node=(b"node:", f.level.u8, f.children),
    root=(b"root:", f.size.u64be, f.top),
    arity=4,
    edge=f.zeros(depth=10),
)

rows = [f"account {number}: {number * 7 % 100}".encode() for number in range(1000)]
tree = ts.MerkleTree(rows, scheme=LEDGER)
print(tree)

proof = tree.prove(421)
tree.head.verify_inclusion(421, rows[421], proof)
print(f"row 421: {len(proof)} digests")

few = [3, 421, 998]
together = tree.prove_many(few)
tree.head.verify_many(few, [rows[index] for index in few], together)
print(f"rows {few}: {len(together)} digests")

head = ts.TreeHead.from_bytes(tree.head.to_bytes())  # the rules travel with the head
try:
    head.verify_inclusion(421, b"account 421: 100", proof)
except ts.InvalidProof as error:
    print(f"a changed row: {error.reason.name}")
