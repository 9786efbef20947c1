//! The objects of sum trees in every encoding.

use tallystick_proof::codec::Summed;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::Kind;
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::leaves::{RaggedRows, WithAmounts};
use tallystick_tree::prove::Selection;
use tallystick_tree::shard::{Shard, SumShard};
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::objects::{Codec, codecs_of};
use crate::options::Options;
use crate::subjects::{alone, schemes};
use crate::tally::Fault;

/// Amounts of every length, from none to sixteen bytes, and some zeros.
fn amounts() -> Vec<u128> {
    let mut amounts: Vec<u128> = (0..17).map(|length| 1_u128.checked_shl(8 * length).unwrap_or(0)).collect();
    amounts.extend([0, 0, u128::MAX / 2, u128::from(u64::MAX)]);
    amounts.extend((0..19).map(|small| small * small));
    amounts
}

/// A decoder for each object of sum trees and each form.
pub(crate) fn codecs(options: &Options) -> Result<impl Iterator<Item = Codec>, Fault> {
    let amounts = amounts();
    let leaves: Vec<Vec<u8>> = (0..amounts.len()).map(|index| format!("leaf {index}").into_bytes()).collect();
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let (mut heads, mut singles, mut multis) = (Vec::new(), Vec::new(), Vec::new());
    let (mut batches, mut shards) = (Vec::new(), Vec::new());
    for scheme in schemes(options, Kind::Sum)? {
        let all = RaggedRows(&rows);
        let summed = WithAmounts::new(&all, &amounts).ok_or("as many amounts as leaves")?;
        let tree = DenseTree::new(scheme.clone(), &summed, LeafRule::Hashed, alone())?;
        for size in [0, 1, 2, 7, amounts.len() as u64] {
            heads.push(Summed(tree.head_at(size)?));
        }
        let largest = TreeHead::with_total(scheme.with_context(b"day".to_vec())?, u64::MAX, vec![0xab; 32], u128::MAX)?;
        heads.push(Summed(largest));
        singles.push(Summed(InclusionProof::new(Record::summed(64), vec![1; 160])?));
        for index in [0, 5, 39] {
            singles.push(Summed(tree.prove(index, None)?));
        }
        for indices in [vec![0], vec![3, 4, 30], (0..tree.size()).collect()] {
            multis.push(Summed(tree.prove_many(indices, None)?));
        }
        batches.push(Summed(ProofBatch::new(Record::summed(48), Vec::new(), vec![0])?));
        for indices in [&[][..], &[7], &[39, 0, 39]] {
            batches.push(Summed(tree.prove_each(Wanted::These(Selection::These(indices)), None, alone())?));
        }
        let work = Work::new(&scheme, alone());
        shards.push(SumShard(Shard::empty(scheme.clone(), u64::MAX)?));
        for (begin, end) in [(0, rows.len()), (3, 21), (39, 40)] {
            let part = RaggedRows(&rows[begin..end]);
            let summed = WithAmounts::new(&part, &amounts[begin..end]).ok_or("as many amounts as leaves")?;
            shards.push(SumShard(Shard::of_leaves(work, begin as u64, &summed)?));
        }
    }
    let proofs = codecs_of(&singles).chain(codecs_of(&multis)).chain(codecs_of(&batches));
    Ok(codecs_of(&heads).chain(proofs).chain(codecs_of(&shards)).collect::<Vec<_>>().into_iter())
}
