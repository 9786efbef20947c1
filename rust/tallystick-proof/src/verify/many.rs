//! Many leaves in one proof, cutting proofs out of it, and joining two: proof compression.

use alloc::vec;
use alloc::vec::Vec;

use super::fold::{Nodes, Observer};
use super::{Bulk, OnTheSpot, Refusal, check_digests, check_fold, check_grid, check_index};
use crate::geometry::NodeId;
use crate::head::TreeHead;
use crate::proof::{Digests, InclusionProof, MultiProof, ProofBatch};
use crate::record::Record;

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
/// a few digests a leaf.
pub fn verify_many(head: &TreeHead, claim: Claim<'_>, proof: Digests<'_>) -> Result<(), Refusal> {
    verify_many_by(&OnTheSpot, head, claim, proof)
}

/// The same, hashed by `bulk`.
pub fn verify_many_by(bulk: &impl Bulk, head: &TreeHead, claim: Claim<'_>, proof: Digests<'_>) -> Result<(), Refusal> {
    let (indices, leaves) = sorted(head, claim)?;
    check_many(bulk, head, indices, &leaves, proof, &mut ())
}

/// Checks what a claim alone shows: as many indices as leaves, at least one, below the size, none twice.
pub fn check_claim(head: &TreeHead, claim: Claim<'_>) -> Result<(), Refusal> {
    sorted(head, claim).map(|_| ())
}

/// Cuts the proof of one claimed leaf out of a proof of many, which is verified first.
pub fn extract(head: &TreeHead, claim: Claim<'_>, proof: Digests<'_>, index: u64) -> Result<InclusionProof, Refusal> {
    Verified::new(&OnTheSpot, head, claim, proof)?.extract(index)
}

/// Joins the proofs of two claims about one head, both verified first, into the proof of all their leaves.
pub fn merge(
    head: &TreeHead,
    left: (Claim<'_>, Digests<'_>),
    right: (Claim<'_>, Digests<'_>),
) -> Result<MultiProof, Refusal> {
    let left = Verified::new(&OnTheSpot, head, left.0, left.1)?;
    left.merge(&Verified::new(&OnTheSpot, head, right.0, right.1)?)
}

/// A proof of many leaves that was verified, with every node that it showed. Memory of several digests a leaf.
#[derive(Debug)]
pub struct Verified<'a> {
    head: &'a TreeHead,
    /// The claimed leaves, ascending.
    indices: Vec<u64>,
    seen: Seen,
}

impl<'a> Verified<'a> {
    /// Verifies `proof` for `claim`, as [`verify_many`].
    pub fn new(bulk: &impl Bulk, head: &'a TreeHead, claim: Claim<'_>, proof: Digests<'_>) -> Result<Self, Refusal> {
        let (indices, leaves) = sorted(head, claim)?;
        let mut seen = Seen::default();
        check_many(bulk, head, indices.clone(), &leaves, proof, &mut seen)?;
        Ok(Self { head, indices, seen })
    }

    /// The proof of the claimed leaf `index` alone.
    pub fn extract(&self, index: u64) -> Result<InclusionProof, Refusal> {
        let digests = self.path(index)?;
        InclusionProof::new(self.record(), digests).map_err(|_| Refusal::Defect("a path makes a proof"))
    }

    /// The single proofs of claimed leaves, in the order of `indices`.
    pub fn extract_each(&self, indices: &[u64]) -> Result<ProofBatch, Refusal> {
        let (mut digests, mut offsets) = (Vec::new(), vec![0]);
        for index in indices {
            digests.extend(self.path(*index)?);
            offsets.push((digests.len() / self.width().max(1)) as u64);
        }
        ProofBatch::new(self.record(), digests, offsets).map_err(|_| Refusal::Defect("paths make a batch"))
    }

    /// The proof of the leaves of both claims, which are about one head.
    pub fn merge(&self, other: &Self) -> Result<MultiProof, Refusal> {
        if self.head != other.head {
            return Err(Refusal::Defect("merged proofs are of one head"));
        }
        let mut indices = [self.indices.as_slice(), other.indices.as_slice()].concat();
        indices.sort_unstable();
        indices.dedup();
        let digests = self.digests(indices, |node| self.seen.get(node).or_else(|| other.seen.get(node)))?;
        MultiProof::new(self.record(), digests).map_err(|_| Refusal::Defect("a plan makes a proof"))
    }

    fn record(&self) -> Record {
        self.head.scheme().record()
    }

    fn width(&self) -> usize {
        self.record().width()
    }

    fn path(&self, index: u64) -> Result<Vec<u8>, Refusal> {
        if self.indices.binary_search(&index).is_err() {
            return Err(Refusal::NotClaimed(index));
        }
        self.digests(vec![index], |node| self.seen.get(node))
    }

    /// The proof of leaves `indices`, each of which was claimed. A sibling on the way up from a claimed leaf is a child
    /// of a node that the fold made there, so it was seen under the same name.
    fn digests<'b>(&self, indices: Vec<u64>, seen: impl Fn(NodeId) -> Option<&'b [u8]>) -> Result<Vec<u8>, Refusal> {
        let nodes = check_grid(self.head)?
            .siblings(self.head.size(), indices)
            .ok_or(Refusal::Defect("claimed leaves have a plan"))?;
        let mut digests = Vec::with_capacity(nodes.len().saturating_mul(self.width()));
        for node in nodes {
            digests.extend_from_slice(seen(node).ok_or(Refusal::Defect("siblings of claimed leaves were seen"))?);
        }
        Ok(digests)
    }
}

fn check_many(
    bulk: &impl Bulk,
    head: &TreeHead,
    indices: Vec<u64>,
    leaves: &[&[u8]],
    proof: Digests<'_>,
    observer: &mut impl Observer,
) -> Result<(), Refusal> {
    let expected = check_grid(head)?
        .plan_length(head.size(), indices.clone())
        .ok_or(Refusal::Defect("a checked claim has a plan"))?;
    check_digests(head, proof, expected)?;
    let mut digests = vec![0; leaves.len().saturating_mul(head.scheme().width())];
    bulk.leaves(head.scheme(), &indices, leaves, &mut digests)?;
    check_fold(bulk, head, indices, digests, proof, observer)
}

/// The claim in ascending order, if its indices are distinct, below the size and at least one, each with a leaf.
fn sorted<'a>(head: &TreeHead, claim: Claim<'a>) -> Result<(Vec<u64>, Vec<&'a [u8]>), Refusal> {
    check_grid(head)?;
    let Claim { indices, leaves } = claim;
    if indices.len() != leaves.len() {
        return Err(Refusal::LengthMismatch { indices: indices.len(), leaves: leaves.len() });
    }
    let Some(last) = indices.iter().max() else { return Err(Refusal::EmptyClaim) };
    check_index(head, *last)?;
    if indices.is_sorted_by(|left, right| left < right) {
        return Ok((indices.to_vec(), leaves.to_vec()));
    }
    let mut pairs: Vec<(u64, &[u8])> = indices.iter().copied().zip(leaves.iter().copied()).collect();
    pairs.sort_by_key(|(index, _)| *index);
    // A repeated index is refused even with the same data: one of the two would enter no hash.
    let next = pairs.iter().skip(1);
    if let Some(((index, _), _)) = pairs.iter().zip(next).find(|(left, right)| left.0 == right.0) {
        return Err(Refusal::DuplicateIndex(*index));
    }
    Ok(pairs.into_iter().unzip())
}

/// All nodes below the top that a verified proof showed.
#[derive(Debug, Default)]
struct Seen(Vec<[Row; 2]>);

/// Some nodes of a level, ascending.
#[derive(Debug)]
struct Row {
    indices: Vec<u64>,
    digests: Vec<u8>,
}

impl Observer for Seen {
    fn level(&mut self, known: Nodes<'_>, siblings: Nodes<'_>) {
        let row = |nodes: Nodes<'_>| Row { indices: nodes.indices.to_vec(), digests: nodes.digests.to_vec() };
        self.0.push([row(known), row(siblings)]);
    }
}

impl Seen {
    fn get(&self, node: NodeId) -> Option<&[u8]> {
        let rows = self.0.get(usize::try_from(node.level).ok()?)?;
        rows.iter().find_map(|row| {
            let place = row.indices.binary_search(&node.index).ok()?;
            row.digests.chunks_exact(row.digests.len() / row.indices.len().max(1)).nth(place)
        })
    }
}
