//! Many leaves in one proof, cutting proofs out of it, and joining two: proof compression.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::fold::Witness;
use super::{Refusal, check_digests, check_fold, check_index};
use crate::geometry::{NodeId, canonical, plan, plan_length};
use crate::head::TreeHead;
use crate::proof::{Digests, InclusionProof, MultiProof};

/// That leaf `indices[j]` has the data `leaves[j]`, for every j; in any order.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Which leaves.
    pub indices: &'a [u64],
    /// Their data.
    pub leaves: &'a [&'a [u8]],
}

/// Checks a claim about many leaves with one proof.
///
/// Proves for each leaf what [`super::verify_inclusion`] proves. Each leaf and each node above is hashed once; memory of
/// two digests a leaf.
pub fn verify_many(head: &TreeHead, claim: Claim<'_>, proof: Digests<'_>) -> Result<(), Refusal> {
    check_many(head, claim, proof, &mut ())
}

/// Cuts the proof of one claimed leaf out of a proof of many, which is verified first.
pub fn extract(head: &TreeHead, claim: Claim<'_>, proof: Digests<'_>, index: u64) -> Result<InclusionProof, Refusal> {
    let mut seen = Seen::of(head);
    check_many(head, claim, proof, &mut seen)?;
    if !claim.indices.contains(&index) {
        return Err(Refusal::NotClaimed(index));
    }
    let digests = seen.digests(head, vec![index])?;
    InclusionProof::new(head.scheme().digest_size(), digests).map_err(|_| Refusal::NotClaimed(index))
}

/// Joins the proofs of two claims about one head, both verified first, into the proof of all their leaves.
pub fn merge(
    head: &TreeHead,
    left: (Claim<'_>, Digests<'_>),
    right: (Claim<'_>, Digests<'_>),
) -> Result<MultiProof, Refusal> {
    let mut seen = Seen::of(head);
    check_many(head, left.0, left.1, &mut seen)?;
    check_many(head, right.0, right.1, &mut seen)?;
    let mut indices = [left.0.indices, right.0.indices].concat();
    indices.sort_unstable();
    indices.dedup();
    let digests = seen.digests(head, indices)?;
    MultiProof::new(head.scheme().digest_size(), digests).map_err(|_| Refusal::EmptyClaim)
}

fn check_many(
    head: &TreeHead,
    claim: Claim<'_>,
    proof: Digests<'_>,
    witness: &mut impl Witness,
) -> Result<(), Refusal> {
    let (indices, leaves) = sorted(head, claim)?;
    let expected = plan_length(head.size(), indices.clone()).ok_or(Refusal::EmptyClaim)?;
    check_digests(head, proof, expected)?;
    let mut digests = vec![0; leaves.len().saturating_mul(head.scheme().digest_size())];
    head.scheme().leaves(&leaves, &mut digests)?;
    check_fold(head, indices, digests, proof, witness)
}

/// The claim in ascending order, if its indices are distinct, below the size and at least one, each with a leaf.
fn sorted<'a>(head: &TreeHead, claim: Claim<'a>) -> Result<(Vec<u64>, Vec<&'a [u8]>), Refusal> {
    let Claim { indices, leaves } = claim;
    if indices.len() != leaves.len() {
        return Err(Refusal::LengthMismatch { indices: indices.len(), leaves: leaves.len() });
    }
    let mut pairs: Vec<(u64, &[u8])> = indices.iter().copied().zip(leaves.iter().copied()).collect();
    pairs.sort_by_key(|(index, _)| *index);
    let Some((last, _)) = pairs.last() else { return Err(Refusal::EmptyClaim) };
    check_index(head, *last)?;
    // A repeated index is refused even with the same data: one of the two would enter no hash.
    let next = pairs.iter().skip(1);
    if let Some(((index, _), _)) = pairs.iter().zip(next).find(|(left, right)| left.0 == right.0) {
        return Err(Refusal::DuplicateIndex(*index));
    }
    Ok(pairs.into_iter().unzip())
}

/// All nodes that verified proofs of one head showed, by canonical name.
struct Seen {
    size: u64,
    nodes: BTreeMap<NodeId, Vec<u8>>,
}

impl Witness for Seen {
    fn node(&mut self, node: NodeId, digest: &[u8]) {
        self.nodes.insert(canonical(node, self.size), digest.to_vec());
    }
}

impl Seen {
    fn of(head: &TreeHead) -> Self {
        Self { size: head.size(), nodes: BTreeMap::new() }
    }

    /// The proof of leaves `indices`, each of which was claimed: all siblings on their ways were seen.
    fn digests(&self, head: &TreeHead, indices: Vec<u64>) -> Result<Vec<u8>, Refusal> {
        let nodes = plan(head.size(), indices).ok_or(Refusal::EmptyClaim)?;
        let mut digests = Vec::with_capacity(nodes.len().saturating_mul(head.scheme().digest_size()));
        for node in nodes {
            digests.extend_from_slice(self.nodes.get(&node).ok_or(Refusal::EmptyClaim)?);
        }
        Ok(digests)
    }
}
