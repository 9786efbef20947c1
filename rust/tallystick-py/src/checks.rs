//! What verifying is made of, for heads of dense and of sum trees: one claim, one of many leaves, k claims of k proofs.

use pyo3::prelude::*;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{Digests, InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::verify::{Claim, Refusal, Verified, verify_inclusion, verify_many_by, verify_member};
use tallystick_tree::check::{check_each, settled};
use tallystick_tree::leaves::Leaves;

use crate::claim::outside;
use crate::errors::{invalid, invalid_at, refused, refused_of};
use crate::indices::{Index, Indices, extract_index};
use crate::run::run;

/// Leaves up to this size are verified without releasing the GIL.
const SHORT: usize = 2048;

/// Verifiers of one leaf: at an index, or somewhere.
#[derive(Clone, Copy)]
pub(crate) struct Verifier {
    pub(crate) at: fn(&TreeHead, u64, &[u8], Digests<'_>) -> Result<(), Refusal>,
    pub(crate) somewhere: fn(&TreeHead, &[u8], Digests<'_>) -> Result<(), Refusal>,
}

/// Those that hash the leaf's data.
pub(crate) const OF_DATA: Verifier = Verifier { at: verify_inclusion, somewhere: verify_member };

/// The index of a claim about one leaf, if a tree can have it; `None` where proofs show none and the claim states none.
pub(crate) fn claimed_index(
    head: &TreeHead,
    index: Option<&Bound<'_, PyAny>>,
    py: Python<'_>,
) -> PyResult<Option<u64>> {
    let (name, index) = (head.scheme().name(), index.map(extract_index).transpose()?);
    match (index, head.scheme().binds_index()) {
        (Some(Index::In(index)), true) => Ok(Some(index)),
        (Some(Index::Outside(text)), true) => Err(outside(py, &text, head.size())),
        (None, true) => Err(refused(py, Refusal::IndexMissing(name))),
        (Some(_), false) => Err(refused(py, Refusal::IndexNotBound(name))),
        (None, false) => Ok(None),
    }
}

/// Verifies one leaf.
pub(crate) fn verify_one(
    py: Python<'_>,
    head: &TreeHead,
    (index, leaf): (Option<u64>, &[u8]),
    proof: &InclusionProof,
    verifier: Verifier,
) -> PyResult<()> {
    let verify = || match index {
        Some(index) => (verifier.at)(head, index, leaf, proof.digests()),
        None => (verifier.somewhere)(head, leaf, proof.digests()),
    };
    let verdict = if leaf.len() <= SHORT { verify() } else { py.detach(verify) };
    verdict.map_err(|refusal| refused(py, refusal))
}

/// Leaves that are claimed, with the proof of all.
#[derive(Clone, Copy)]
pub(crate) struct Many<'a> {
    pub(crate) indices: &'a [u64],
    pub(crate) leaves: &'a dyn Leaves,
    pub(crate) proof: &'a MultiProof,
}

impl Many<'_> {
    fn with<T>(self, then: impl FnOnce(Claim<'_>, Digests<'_>) -> T) -> T {
        let block = self.leaves.block(0..self.leaves.len());
        then(Claim { indices: self.indices, leaves: &block.rows() }, self.proof.digests())
    }

    /// Verifies it.
    pub(crate) fn verify(self, py: Python<'_>, head: &TreeHead) -> PyResult<()> {
        let verdict = run(py, |run| self.with(|claim, proof| settled(verify_many_by(&run, head, claim, proof))))?;
        verdict.map_err(|refusal| refused(py, refusal))
    }

    /// The proof of the leaf at `index` alone.
    pub(crate) fn extract(self, py: Python<'_>, head: &TreeHead, index: &Bound<'_, PyAny>) -> PyResult<InclusionProof> {
        // An index that no tree has is not among the claimed ones either; u64::MAX is never below a size.
        let index = match extract_index(index)? {
            Index::In(index) => index,
            Index::Outside(_) => u64::MAX,
        };
        let proof = run(py, |run| {
            self.with(|claim, proof| {
                settled(Verified::new(&run, head, claim, proof).and_then(|verified| verified.extract(index)))
            })
        })?;
        proof.map_err(|refusal| refused(py, refusal))
    }

    /// The single proofs of all leaves, in the order of the claim.
    pub(crate) fn extract_each(self, py: Python<'_>, head: &TreeHead) -> PyResult<ProofBatch> {
        let proofs = run(py, |run| {
            self.with(|claim, proof| {
                let verified = Verified::new(&run, head, claim, proof);
                settled(verified.and_then(|verified| verified.extract_each(self.indices)))
            })
        })?;
        proofs.map_err(|refusal| refused(py, refusal))
    }

    /// One proof of the leaves of both.
    pub(crate) fn merge(self, py: Python<'_>, head: &TreeHead, other: Many<'_>) -> PyResult<MultiProof> {
        let merged = run(py, |run| {
            let own = match self.with(|claim, proof| settled(Verified::new(&run, head, claim, proof)))? {
                Ok(own) => own,
                Err(refusal) => return Ok(Err(("", refusal))),
            };
            let others = other.with(|claim, proof| settled(Verified::new(&run, head, claim, proof)))?;
            let merged = others.and_then(|others| own.merge(&others));
            Ok(settled(merged)?.map_err(|refusal| ("of the other proof: ", refusal)))
        })?;
        merged.map_err(|(which, refusal)| refused_of(py, which, refusal))
    }
}

/// k claims with their proofs, as many of the ones as of the others.
pub(crate) struct Each<'a> {
    pub(crate) head: &'a TreeHead,
    /// `u64::MAX` in the place of a claim that no proof can show. `None` where claims state no place.
    pub(crate) indices: Option<Indices>,
    pub(crate) leaves: &'a dyn Leaves,
    pub(crate) proofs: &'a ProofBatch,
}

impl Each<'_> {
    /// The verdict on each.
    pub(crate) fn verdicts(&self, py: Python<'_>) -> PyResult<Vec<bool>> {
        let indices = self.indices.as_ref().map(|indices| indices.values.as_slice());
        run(py, |run| check_each(self.head, indices, self.leaves, self.proofs, run))
    }

    /// Refuses if there are none or any is not proven. `why` knows of claims that no proof can show.
    pub(crate) fn verify(&self, py: Python<'_>, why: impl Fn(usize) -> Option<String>) -> PyResult<()> {
        if self.proofs.is_empty() {
            return Err(invalid(py, "EMPTY_CLAIM", "nothing is claimed: no indices, leaves and proofs".to_owned()));
        }
        let verdicts = self.verdicts(py)?;
        let failed: Vec<_> = (0..verdicts.len()).filter(|place| !verdicts[*place]).collect();
        let Some(&first) = failed.first() else { return Ok(()) };
        let outside = self.indices.as_ref().and_then(|indices| indices.outside.as_ref());
        let why = match outside.filter(|(place, _)| *place == first) {
            Some((_, text)) => format!("index {text} is not below the size, {}", self.head.size()),
            None => why(first).unwrap_or_else(|| self.refusal(first)),
        };
        let message = format!("{} of {} proofs refused, first at place {first}: {why}", failed.len(), verdicts.len());
        Err(invalid_at(py, "SOME_FAILED", message, &failed))
    }

    fn refusal(&self, place: usize) -> String {
        let block = self.leaves.block(place..place + 1);
        let refusal = match (self.proofs.path(place), block.rows().as_slice()) {
            (Some(path), [leaf]) => match &self.indices {
                Some(indices) => verify_inclusion(self.head, indices.values[place], leaf, path).err(),
                None => verify_member(self.head, leaf, path).err(),
            },
            _ => None,
        };
        refusal.map(|refusal| refusal.to_string()).unwrap_or_default()
    }
}
