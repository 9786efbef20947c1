//! Leaves with namespaces: one of them, all of a namespace, or none.
//!
//! What is left of the claimed leaves must end before the namespace, and what is right of them begin behind it. A node's
//! range is part of what is hashed, so whoever shows a leaf below a neighbour shows the same range.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::{Bulk, OnTheSpot, Refusal, check_digests, check_fold, check_path, check_root, leaf_record, own_record};
use crate::geometry::{Beside, beside};
use crate::head::TreeHead;
use crate::proof::{AbsenceProof, Digests, NamespaceProof};
use crate::scheme::is_highest;

/// Checks that the leaf at `index` has this namespace and data.
pub fn verify_namespaced(
    head: &TreeHead,
    index: u64,
    namespace: &[u8],
    leaf: &[u8],
    proof: Digests<'_>,
) -> Result<(), Refusal> {
    super::check_index(head, index)?;
    check_namespace(head, namespace)?;
    check_path(head, index, proof)?;
    let record = leaf_record(head, index, &[namespace, leaf].concat())?;
    check_fold(&OnTheSpot, head, vec![index], record, proof, &mut ())
}

/// Checks that the leaves of a namespace are exactly these, in this order; at least one.
///
/// Each leaf and each node above is hashed once; memory of the leaves.
pub fn verify_namespace(
    head: &TreeHead,
    namespace: &[u8],
    leaves: &[&[u8]],
    proof: &NamespaceProof,
) -> Result<(), Refusal> {
    verify_namespace_by(&OnTheSpot, head, namespace, leaves, proof)
}

/// The same, hashed by `bulk`.
pub fn verify_namespace_by(
    bulk: &impl Bulk,
    head: &TreeHead,
    namespace: &[u8],
    leaves: &[&[u8]],
    proof: &NamespaceProof,
) -> Result<(), Refusal> {
    if leaves.is_empty() {
        return Err(Refusal::EmptyClaim);
    }
    check_named(head, namespace)?;
    let (start, size, length) = (proof.start(), head.size(), leaves.len() as u64);
    let Some(end) = start.checked_add(length).filter(|end| *end <= size) else {
        return Err(Refusal::IndexOutOfRange { index: start.saturating_add(length.saturating_sub(1)), size });
    };
    let run = start..end;
    check_digests(head, proof.nodes(), count(size, &run))?;
    check_neighbours(head, &run, proof.nodes().bytes(), namespace)?;
    let rows: Vec<Vec<u8>> = leaves.iter().map(|leaf| [namespace, leaf].concat()).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let indices: Vec<u64> = run.collect();
    let mut records = vec![0; rows.len().saturating_mul(head.scheme().width())];
    bulk.leaves(head.scheme(), &indices, &rows, &mut records)?;
    check_fold(bulk, head, indices, records, proof.nodes(), &mut ())
}

/// Checks that no leaf has this namespace. At most 64 hashes.
pub fn verify_absent(head: &TreeHead, namespace: &[u8], proof: &AbsenceProof) -> Result<(), Refusal> {
    check_named(head, namespace)?;
    let ((min, max), size) = (head.range(), head.size());
    if size == 0 || namespace < min || max < namespace {
        check_digests(head, proof.nodes(), 0)?;
        return if size == 0 { check_root("the head", head, &head.scheme().empty_top()?) } else { Ok(()) };
    }
    let index = proof.start();
    super::check_index(head, index)?;
    let run = index..index.saturating_add(1);
    check_digests(head, proof.nodes(), count(size, &run).saturating_add(1))?;
    let record = head.scheme().record();
    let Some((behind, siblings)) = proof.nodes().bytes().split_at_checked(record.width()) else {
        return Err(Refusal::Defect("the nodes of a proof of absence were counted"));
    };
    let (first, last) = record.range(behind);
    if first <= namespace {
        return Err(Refusal::NeighbourNamespace);
    }
    if first != last {
        return Err(Refusal::NamespaceOrder);
    }
    check_neighbours(head, &run, siblings, namespace)?;
    let siblings = Digests::of(record, siblings);
    check_fold(&OnTheSpot, head, vec![index], own_record(head, behind)?, siblings, &mut ())
}

fn check_namespace(head: &TreeHead, namespace: &[u8]) -> Result<(), Refusal> {
    let (found, expected) = (namespace.len(), head.scheme().record().namespace_size().unwrap_or(0));
    if found == expected { Ok(()) } else { Err(Refusal::NamespaceSize { found, expected }) }
}

/// The same for a claim about all leaves of a namespace.
fn check_named(head: &TreeHead, namespace: &[u8]) -> Result<(), Refusal> {
    check_namespace(head, namespace)?;
    if is_highest(namespace) { Err(Refusal::IgnoredNamespace) } else { Ok(()) }
}

/// Number of nodes beside a run of leaves.
fn count(size: u64, run: &Range<u64>) -> u64 {
    beside(size, run.clone()).map(|level| level.each().count() as u64).sum()
}

/// Checks that the nodes beside a run, one behind the other, have no leaf of the namespace.
fn check_neighbours(head: &TreeHead, run: &Range<u64>, nodes: &[u8], namespace: &[u8]) -> Result<(), Refusal> {
    let record = head.scheme().record();
    let mut nodes = nodes.chunks_exact(record.width().max(1)).map(|node| record.range(node));
    let mut next = || nodes.next().ok_or(Refusal::Defect("the nodes of a proof were counted"));
    for Beside { left, right } in beside(head.size(), run.clone()) {
        if left.is_some() && next()?.1 >= namespace {
            return Err(Refusal::NeighbourNamespace);
        }
        if right.is_some() && next()?.0 <= namespace {
            return Err(Refusal::NeighbourNamespace);
        }
    }
    Ok(())
}
