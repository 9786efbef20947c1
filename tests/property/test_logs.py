"""Logs grown by batches of any size: heads, proofs and every byte in the store are the twin's."""

from __future__ import annotations

import base64

import pytest
import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tallystick import _checks
from tallystick.logs import Log, LogReader

from tests.reference import tiles, trees
from tests.reference.schemes import NATIVE, RFC6962, Scheme
from tests.support import head_of, scheme_of
from tests.support_logs import SIGNER, VERIFIER, DictStore, Stop

TWINS = (Scheme(RFC6962, "sha256"), Scheme(NATIVE, "blake3", b"audit"), Scheme(RFC6962, "keccak256"))
batches = st.lists(st.one_of(st.integers(1, 5), st.sampled_from([200, 255, 256, 257, 600])), max_size=6)


def entries(begin: int, end: int) -> list[bytes]:
    return [b"%d " % place * (place % 5) for place in range(begin, end)]


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(TWINS), batches, st.data())
def test_all_that_is_stored_and_proven_is_the_twins(
    twin: Scheme, counts: list[int], draw: st.DataObject
) -> None:
    store, scheme = DictStore(), scheme_of(twin)
    log = Log.create(store, signer=SIGNER, scheme=scheme)
    heads = [log.head]
    for count in counts:
        if draw.draw(st.booleans()):
            log = Log.open(store, signer=SIGNER, newest=heads[-1])
        log.extend(entries(len(log), len(log) + count))
        heads.append(log.head)
    whole = entries(0, sum(counts))
    expected = trees.head(twin, whole)
    reader = LogReader.open(store, verifier=VERIFIER)
    assert reader.head == log.head == head_of(expected)
    wanted = tiles.tiles(twin, whole)
    assert {name: store.tiles.get(name) for name in wanted} == wanted
    assert reader.note.startswith(tiles.head_body(SIGNER.name, expected) + "\n")
    assert _checks.check_store(store, VERIFIER.to_text(), "log").findings == []
    tree = ts.MerkleTree(whole, scheme=scheme)
    for head in heads:
        if head.size:
            index = draw.draw(st.integers(0, head.size - 1))
            assert reader.prove(index, head=head) == tree.prove(index, head=head)
            assert reader.prove_extends(head) == tree.prove_extends(head.size)
    begin = draw.draw(st.integers(0, len(whole)))
    end = draw.draw(st.integers(begin, len(whole)))
    assert reader.entries(begin, end) == whole[begin:end]


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_claims_are_the_twins(twin: Scheme) -> None:
    def stop(change: int) -> None:
        if change == 4:
            raise Stop

    store = DictStore()
    log = Log.create(store, signer=SIGNER, scheme=scheme_of(twin))
    log.extend(entries(0, 300))
    before = store.head
    store.changes, store.before = 0, stop
    with pytest.raises(Stop):
        log.extend(entries(300, 400))
    head = trees.head(twin, entries(0, 300))
    piece = tiles.bundle(entries(300, 400))
    (own,), claim = tiles.claim_digests(head, [piece])
    signature = SIGNER.sign(tiles.claim_body(SIGNER.name, head, claim).encode())
    assert {name: data for name, data in store.tiles.items() if name.startswith("claim/")} == {
        f"claim/{own.hex()}": piece,
        f"claim/{claim.hex()}": b"\0\x40" + signature + own,
    }
    assert before is not None
    assert store.head == before + tiles.claim_line(claim).encode()


def test_the_names_of_the_twin() -> None:
    assert tiles.tile_name(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert tiles.tile_name("entries", 5, 17) == "tile/entries/005.p/17"
    assert base64.b64decode(tiles.claim_line(bytes(32)).split(" ")[2]) == bytes(36)
