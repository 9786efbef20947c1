//! Proofs of one leaf of a sum tree: of arbitrary heads, and edited ones of known trees; alone and in a batch.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::sums::{known, row};
use tallystick_fuzz::{Edit, LEAVES, edit};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::record::Record;
use tallystick_proof::verify::{Rows, check_each, verify_inclusion};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any {
        tree: u8,
        size: u64,
        index: u64,
        root: [u8; 32],
        total: u128,
        leaf: &'a [u8],
        records: &'a [u8],
    },
    Edited {
        tree: u8,
        size: u8,
        index: u8,
        claimed: u64,
        amount: Option<u128>,
        leaf: Option<&'a [u8]>,
        total: Option<u128>,
        record: u8,
        sums: Vec<(u8, u128)>,
        edits: Vec<Edit<'a>>,
    },
}

/// How digests and sums lie: mostly as they do.
fn record(number: u8) -> Record {
    match number {
        255 => Record::digest(48),
        129..255 => Record::summed(usize::from(number) - 97),
        _ => Record::summed(32),
    }
}

/// The verdict alone, which is that in a batch too, whatever the other claims in it.
fn accepted(
    head: &TreeHead,
    index: u64,
    leaf: &[u8],
    proof: &InclusionProof,
    others: (&[u8], &InclusionProof),
) -> bool {
    let alone = verify_inclusion(head, index, leaf, proof.digests()).is_ok();
    let (other_leaf, other) = others;
    if leaf.len() >= 16 && other.digests().record() == proof.digests().record() {
        let digests = [other.digests().bytes(), proof.digests().bytes(), other.digests().bytes()].concat();
        let (count, more) = (other.digests().count() as u64, proof.digests().count() as u64);
        let offsets = vec![0, count, count + more, 2 * count + more];
        let batch = ProofBatch::new(proof.digests().record(), digests, offsets).expect("a batch");
        let leaves = [other_leaf, leaf, other_leaf];
        let mut verdicts = [false; 3];
        check_each(head, &[0, index, 0], Rows::Ragged(&leaves), &batch, 0, &mut verdicts).expect("verdicts");
        let other = verify_inclusion(head, 0, other_leaf, other.digests()).is_ok();
        assert_eq!(verdicts, [other, alone, other]);
    }
    alone
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { tree, size, index, root, total, leaf, records } => {
        let scheme = known(tree).scheme.clone();
        let head = TreeHead::with_total(scheme, size, root.to_vec(), total).expect("a head");
        let whole = &records[..records.len() / 48 * 48];
        let Ok(proof) = InclusionProof::new(Record::summed(32), whole.to_vec()) else { return };
        let other = known(tree).tree.prove(0, None).expect("a proof");
        let own = known(tree).row(0);
        assert!(!accepted(&head, index, leaf, &proof, (&own, &other)), "a root out of nothing");
    }
    Input::Edited { tree, size, index, claimed, amount, leaf, total, record: kind, sums, edits } => {
        let known = known(tree);
        let size = 1 + u64::from(size) % LEAVES as u64;
        let index = u64::from(index) % size;
        let head = known.head(size);
        let honest = known.tree.prove(index, Some(&head)).expect("a proof");
        let mut bytes = honest.digests().bytes().to_vec();
        for (at, sum) in sums {
            let count = bytes.len() / 48;
            if count > 0 {
                let begin = usize::from(at) % count * 48 + 32;
                bytes[begin..begin + 16].copy_from_slice(&sum.to_le_bytes());
            }
        }
        edit(&mut bytes, &edits);
        let claimed = if claimed > 1 << 60 { index } else { claimed };
        let own = (amount.unwrap_or(known.amounts[index as usize]), leaf.unwrap_or(&known.leaves[index as usize]));
        let data = row(own.0, own.1);
        let Ok(proof) = InclusionProof::new(record(kind), bytes) else { return };
        let stated = total.unwrap_or(head.total());
        let trusted = TreeHead::with_total(known.scheme.clone(), size, head.root().to_vec(), stated).expect("a head");
        let first = known.tree.prove(0, Some(&head)).expect("a proof");
        let accepted = accepted(&trusted, claimed, &data, &proof, (&known.row(0), &first));
        let genuine = claimed < size && known.row(claimed as usize) == data && stated == head.total();
        let theirs = genuine.then(|| known.tree.prove(claimed, Some(&head)).expect("a proof"));
        assert_eq!(accepted, theirs.is_some_and(|theirs| theirs == proof));
    }
});
