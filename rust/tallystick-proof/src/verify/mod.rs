//! Verifiers. They see a head, a claim and digests; never a tree.
//!
//! The shape follows from the head's size and the claimed indices. Lengths are checked before anything is hashed, every
//! leaf and every digest enters a hash exactly once, and one comparison in constant time decides.

mod consistency;
mod each;
mod fold;
mod many;
mod members;
mod namespaced;
mod refusal;
mod sparse;

use alloc::vec;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use crate::frame::Places;
use crate::geometry::Grid;
use crate::head::TreeHead;
use crate::proof::Digests;

use fold::{Observer, fold};

pub use consistency::verify_extends;
pub use each::{Rows, check_each};
pub use fold::{Bulk, OnTheSpot};
pub use many::{Claim, Verified, check_claim, extract, merge, verify_many, verify_many_by};
pub use members::{check_members, verify_member, verify_member_digest};
pub use namespaced::{verify_absent, verify_namespace, verify_namespace_by, verify_namespaced};
pub use refusal::Refusal;
pub use sparse::{KeyClaims, verify_key, verify_key_absent, verify_key_digest, verify_keys, verify_keys_by};

/// Checks that the leaf at `index` has this data.
///
/// Proves membership and place against the head, and nothing about who made the head. One leaf hash and at most 64 node
/// hashes, or as many levels as a fixed height has; memory of a few digests.
pub fn verify_inclusion(head: &TreeHead, index: u64, leaf: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_path(head, index, proof)?;
    check_fold(&OnTheSpot, head, vec![index], leaf_record(head, index, leaf)?, proof, &mut ())
}

/// Checks that the leaf at `index` has this *digest*. Hazardous: a holder of the tree can pass off an inner node of a
/// smaller tree as a leaf, because the leaf's own domain is not entered.
pub fn verify_leaf_digest(head: &TreeHead, index: u64, digest: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_path(head, index, proof)?;
    check_fold(&OnTheSpot, head, vec![index], own_record(head, digest)?, proof, &mut ())
}

fn leaf_record(head: &TreeHead, index: u64, leaf: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut record = vec![0; head.scheme().width()];
    head.scheme().leaves(Places::From(index), &[leaf], &mut record)?;
    Ok(record)
}

fn own_record(head: &TreeHead, digest: &[u8]) -> Result<Vec<u8>, Refusal> {
    let expected = head.scheme().width();
    if digest.len() == expected {
        Ok(digest.to_vec())
    } else {
        Err(Refusal::DigestSize { found: digest.len(), expected })
    }
}

/// What a claim about one place shows before anything is hashed.
fn check_path(head: &TreeHead, index: u64, proof: Digests<'_>) -> Result<(), Refusal> {
    check_index(head, index)?;
    let grid = check_grid(head)?;
    check_digests(head, proof, grid.path_length(index, head.size()).into())
}

/// How nodes lie, where proofs show it.
fn check_grid(head: &TreeHead) -> Result<Grid, Refusal> {
    let grid = head.scheme().grid().filter(|_| head.scheme().binds_index());
    grid.ok_or_else(|| Refusal::IndexNotBound(head.scheme().name()))
}

fn check_index(head: &TreeHead, index: u64) -> Result<(), Refusal> {
    let size = head.size();
    if index < size { Ok(()) } else { Err(Refusal::IndexOutOfRange { index, size }) }
}

/// Checks size and number of a proof's digests, before anything is hashed.
fn check_digests(head: &TreeHead, proof: Digests<'_>, expected: u64) -> Result<(), Refusal> {
    check_record(head, proof)?;
    if proof.count() as u64 != expected {
        return Err(Refusal::DigestCount { found: proof.count(), expected, size: head.size() });
    }
    Ok(())
}

fn check_record(head: &TreeHead, proof: Digests<'_>) -> Result<(), Refusal> {
    let (found, expected) = (proof.record(), head.scheme().record());
    if found == expected {
        return Ok(());
    }
    match (found.namespace_size(), expected.namespace_size()) {
        (Some(size), Some(expected_size)) if found.digest_size() == expected.digest_size() => {
            Err(Refusal::NamespaceSize { found: size, expected: expected_size })
        }
        _ => Err(Refusal::DigestSize { found: found.digest_size(), expected: expected.digest_size() }),
    }
}

/// Folds known leaves and a proof to the top, and compares roots.
fn check_fold(
    bulk: &impl Bulk,
    head: &TreeHead,
    indices: Vec<u64>,
    digests: Vec<u8>,
    proof: Digests<'_>,
    observer: &mut impl Observer,
) -> Result<(), Refusal> {
    match fold(bulk, head, indices, digests, proof.bytes(), observer)? {
        Some(top) => check_root("the head", head, &top),
        None => Err(Refusal::Defect("a claim that was checked folds")),
    }
}

/// The comparison that decides, in constant time; that of totals before it gives its own reason.
fn check_root(of: &'static str, head: &TreeHead, top: &[u8]) -> Result<(), Refusal> {
    let (digest, total) = head.scheme().record().split(top);
    if total != head.total() {
        return Err(Refusal::TotalMismatch { expected: head.total(), computed: total });
    }
    let computed = head.root_over(digest)?;
    if bool::from(computed.ct_eq(head.root())) {
        return Ok(());
    }
    Err(Refusal::RootMismatch { of, expected: head.root().to_vec(), computed })
}
