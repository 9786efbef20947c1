"""A10, A20, A21, A23, A25, A32, A39: values that stand for something else, or for nothing."""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(7)


@each_scheme
def test_a10_a_zero_root_accepts_nothing(twin: Scheme) -> None:
    """Nor does the root of the empty tree, nor zero leaves and digests."""
    scheme = scheme_of(twin)
    honest = built([bytes(32)], scheme=scheme)
    honest.head.verify_inclusion(0, bytes(32), honest.prove(0))
    for root, size in itertools.product((bytes(32), built([], scheme=scheme).root), (0, 1, 2, 7)):
        head = ts.TreeHead(scheme, size, root)
        for index, count, leaf in itertools.product(range(3), range(3), (b"", bytes(32), root)):
            for digest in (bytes(32), root):
                with pytest.raises(ts.InvalidProof):
                    head.verify_inclusion(index, leaf, ts.InclusionProof([digest] * count))


@each_scheme
def test_a10_the_empty_tree_has_a_root_of_its_own(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    empty = built([], scheme=scheme).root
    assert empty != bytes(32)
    others = [[b""], [bytes(32)], [b"", b""], [empty]]
    assert empty not in {built(leaves, scheme=scheme).root for leaves in others}


def test_a10_a_verifier_returns_none_or_raises() -> None:
    """There is no verdict to forget: ``if head.verify_inclusion(...)`` is never true."""
    tree = built(LEAVES)
    assert tree.head.verify_inclusion(1, LEAVES[1], tree.prove(1)) is None  # type: ignore[func-returns-value]
    assert tree.head.verify_each([1], [LEAVES[1]], tree.prove_each([1])) is None  # type: ignore[func-returns-value]
    assert ts.hazmat.verify_inclusion(tree.head, 1, ts.hazmat.leaf_digests(tree)[1], tree.prove(1)) is None  # type: ignore[func-returns-value]
    with pytest.raises(ts.InvalidProof):
        tree.head.verify_inclusion(1, b"", tree.prove(1))


def test_a20_cells_are_not_run_together() -> None:
    """Whatever way a text is cut into two or three cells, the leaf is another."""
    text = "12345"
    cuts: list[tuple[str, ...]] = [(text[:i], text[i:]) for i in range(6)]
    cuts += [(text[:i], text[i:j], text[j:]) for i in range(6) for j in range(i, 6)]
    heads = {ts.head_of(encoded(*cells)).root for cells in cuts}
    assert len(heads) == len(cuts)
    assert ts.head_of(encoded("1", "2345")).root in heads


def encoded(*cells: str) -> ts.EncodedRows:
    return ts.encode_rows({f"c{place}": [cell] for place, cell in enumerate(cells)})


@pytest.mark.parametrize("text", ["é", "ᴮᴵᴳᴮᴵᴿᴰ", "ﬁ", "Å", "한", "BIG", " pad", "ß"])
def test_a39_no_text_is_normalised(text: str) -> None:
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    forms |= {text, text.lower(), text.upper(), text.casefold(), text.strip()}
    tree = built([form.encode() for form in forms])
    assert len({ts.head_of(encoded(form)).root for form in forms}) == len(forms) > 1
    for index, form in enumerate(forms):
        for claim in forms:
            claimed = (index, claim.encode(), tree.prove(index))
            if claim == form:
                tree.head.verify_inclusion(*claimed)
            else:
                with pytest.raises(ts.InvalidProof):
                    tree.head.verify_inclusion(*claimed)


@each_scheme
def test_a21_digests_have_32_bytes_and_all_of_them_count(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    digests = digests_of(tree.prove(3))
    tree.head.verify_inclusion(3, LEAVES[3], ts.InclusionProof(digests))
    for length in (16, 20, 31):
        with pytest.raises(ValueError, match=str(length)):
            ts.InclusionProof([digest[:length] for digest in digests])
        with pytest.raises(ts.DecodeError):
            ts.InclusionProof.from_bytes(b"tlyi\x01" + bytes([length]) + bytes(3 * length))
        with pytest.raises(ValueError, match=str(length)):
            ts.TreeHead(tree.scheme, 7, tree.root[:length])
    longer = ts.InclusionProof([digest + b"\x00" for digest in digests])
    with pytest.raises(ts.InvalidProof) as caught:
        tree.head.verify_inclusion(3, LEAVES[3], longer)
    assert caught.value.reason is ts.Reason.DIGEST_SIZE


def test_a21_no_scheme_takes_a_short_hash() -> None:
    assert all(ts.schemes.get(name).hash.digest_size >= 32 for name in ts.schemes.names())
    assert all(ts.schemes.get(name).hash.cryptographic for name in ts.schemes.names())
    raw = ts.schemes.native(ts.hashes.SHA256).to_bytes()
    with pytest.raises(ts.DecodeError):
        ts.Scheme.from_bytes(raw.replace(b"\x06\x00\x00\x00sha256", b"\x08\x00\x00\x00xxh3_128"))


@each_scheme
def test_a23_a_leaf_is_data_and_never_its_own_digest(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    for index, leaf in enumerate(LEAVES):
        proof = tree.prove(index)
        tree.head.verify_inclusion(index, leaf, proof)
        with pytest.raises(ts.RootMismatch):
            tree.head.verify_inclusion(index, twin.leaf(leaf), proof)


@each_scheme
def test_a25_a_valid_proof_of_another_tree_is_refused(twin: Scheme) -> None:
    """An attacker's tree, head and proof fit each other; that is no help against the trusted head."""
    scheme = scheme_of(twin)
    honest, forged = built(LEAVES, scheme=scheme), built([*LEAVES[:3], b"forged", *LEAVES[4:]], scheme=scheme)
    forged.head.verify_inclusion(3, b"forged", forged.prove(3))
    for leaf, proof in (
        (b"forged", forged.prove(3)),
        (b"forged", honest.prove(3)),
        (LEAVES[0], forged.prove(0)),
    ):
        with pytest.raises(ts.InvalidProof):
            honest.head.verify_inclusion(3 if leaf == b"forged" else 0, leaf, proof)
    honest.head.verify_inclusion(
        3, LEAVES[3], forged.prove(3)
    )  # the same siblings: a proof is digests, no more


def test_a25_a_proof_brings_no_root_size_or_scheme() -> None:
    tree = built(LEAVES)
    fields = {"digests", "offsets", "digest_size"}
    calls = {f"{way}_{form}" for way in ("to", "from") for form in ("bytes", "json", "protobuf")}
    for proof in (tree.prove(3), tree.prove_each(), tree.prove_many([3, 5]), tree.prove_extends(5)):
        public = {name for name in dir(proof) if not name.startswith("_")}
        assert public <= fields | calls | {"extract", "extract_each", "merge"}
        assert tree.root not in proof.to_bytes()


def test_a32_a_missing_file_is_no_empty_tree(tmp_path: Path) -> None:
    path = tmp_path / "tree"
    with pytest.raises(FileNotFoundError):
        ts.MerkleTree.open(path)
    assert not path.exists()
    path.write_bytes(b"")
    with pytest.raises(ts.DecodeError):
        ts.MerkleTree.open(path)
    with pytest.raises(FileExistsError):
        built([]).save(path)
    built([]).save(path, overwrite=True)
    assert len(ts.MerkleTree.open(path)) == 0
