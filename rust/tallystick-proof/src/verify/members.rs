//! Claims without a place: that some leaf has this data, where pairs are sorted.

use alloc::vec;
use alloc::vec::Vec;

use crate::frame::Places;
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::proof::{Digests, ProofBatch};

use super::each::{Rows, Tops, each};
use super::{Refusal, check_record, check_root, leaf_record, own_record};

/// Checks that some leaf has this data, where proofs show no place.
///
/// Proves membership alone. Where the scheme does not separate leaves from nodes, a node on a level where leaves are passes
/// for one. Costs as [`verify_inclusion`].
pub fn verify_member(head: &TreeHead, leaf: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_member(head, proof)?;
    climb(head, leaf_record(head, 0, leaf)?, proof)
}

/// Checks that some leaf has this *digest*. Hazardous as [`verify_leaf_digest`].
pub fn verify_member_digest(head: &TreeHead, digest: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_member(head, proof)?;
    climb(head, own_record(head, digest)?, proof)
}

/// From a leaf to the top over pairs whose order does not matter.
fn climb(head: &TreeHead, mut record: Vec<u8>, proof: Digests<'_>) -> Result<(), Refusal> {
    for (sibling, level) in proof.bytes().chunks_exact(head.scheme().width()).zip(1..) {
        let pair = [record.as_slice(), sibling].concat();
        head.scheme().nodes(level, Places::From(0), &pair, &mut record)?;
    }
    check_root("the head", head, &record)
}

/// What a claim without a place shows before anything is hashed.
fn check_member(head: &TreeHead, proof: Digests<'_>) -> Result<(), Refusal> {
    if head.scheme().binds_index() {
        return Err(Refusal::IndexMissing(head.scheme().name()));
    }
    check_record(head, proof)?;
    let found = proof.count();
    if head.scheme().has_path_of(head.size(), found as u64) {
        return Ok(());
    }
    let expected = head.scheme().grid().map_or(0, |grid| grid.height(head.size())).into();
    Err(Refusal::DigestCount { found, expected, size: head.size() })
}

/// Whether proof `first + j` of `proofs` shows that some leaf has the data of leaf j, for every j: what [`verify_member`] says
/// of each. `verdicts`, as many as there are leaves, are all written, or none.
///
/// Meant for hundreds of claims at a time, as [`check_each`](super::check_each).
pub fn check_members(
    head: &TreeHead,
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    first: usize,
    verdicts: &mut [bool],
) -> Result<(), HashError> {
    match check_together(head, leaves, proofs, first, verdicts) {
        // One of them is no leaf, or has a pair that cannot be: nothing is known of the others, so each goes alone.
        Err(
            HashError::LeafSize { .. } | HashError::Number { .. } | HashError::EqualSiblings | HashError::Refused(_),
        ) => each(leaves, proofs, first, verdicts, |_, leaf, path| verify_member(head, leaf, path)),
        verdict => verdict,
    }
}

/// The same, where all that is claimed can be hashed.
fn check_together(
    head: &TreeHead,
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    first: usize,
    verdicts: &mut [bool],
) -> Result<(), HashError> {
    let (scheme, width) = (head.scheme(), head.scheme().width());
    // No leaf and no node of these schemes states its place.
    let mut places = vec![0; verdicts.len()];
    let mut leaf_records = vec![0; verdicts.len().saturating_mul(width)];
    leaves.hash(scheme, &places, &mut leaf_records)?;
    let mut found = vec![false; verdicts.len()];
    let mut climbers = Vec::with_capacity(verdicts.len());
    for (claim, record) in leaf_records.chunks_exact(width).enumerate() {
        let Some(path) = proofs.path(first.saturating_add(claim)) else { continue };
        if check_member(head, path).is_ok() {
            climbers.push((claim, path.bytes().chunks_exact(width), record.to_vec()));
        }
    }
    let mut tops = Tops::new(head);
    let (mut children, mut parents) = (Vec::new(), Vec::new());
    for level in 1.. {
        children.clear();
        let mut reached = Ok(());
        // Who has no sibling left is at the top.
        climbers.retain_mut(|(claim, siblings, record)| {
            if let Some(sibling) = siblings.next() {
                children.extend_from_slice(record);
                children.extend_from_slice(sibling);
                return true;
            }
            match (tops.accept(record), found.get_mut(*claim)) {
                (Ok(accepted), Some(verdict)) => *verdict = accepted,
                (Err(error), _) => reached = Err(error),
                (Ok(_), None) => {}
            }
            false
        });
        reached?;
        if climbers.is_empty() {
            break;
        }
        places.truncate(climbers.len());
        parents.resize(climbers.len().saturating_mul(width), 0);
        scheme.nodes(level, Places::These(&places), &children, &mut parents)?;
        for ((_, _, record), parent) in climbers.iter_mut().zip(parents.chunks_exact(width)) {
            record.copy_from_slice(parent);
        }
    }
    verdicts.copy_from_slice(&found);
    Ok(())
}
