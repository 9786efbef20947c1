//! Many keys of a sparse tree with one proof.

use alloc::vec;
use alloc::vec::Vec;

use super::runs::{Given, is_beside};
use super::shape::{Claimed, Key, Leaf, Shape, digest, walk};
use super::{check_digest_size, check_key, check_sibling, check_value_digest};
use crate::head::TreeHead;
use crate::scheme::Scheme;
use crate::sparse::{KEY_SIZE, SparseMultiProof};
use crate::verify::{Bulk, OnTheSpot, Refusal, check_root};

/// That key `present[j]` has the value `values[j]`, for every j, and that none of `absent` has one; in any order.
#[derive(Clone, Copy, Debug)]
pub struct KeyClaims<'a> {
    /// Keys that have a value.
    pub present: &'a [&'a [u8]],
    /// Their values.
    pub values: &'a [&'a [u8]],
    /// Whether these are the digests of values: what the values are, nobody has shown.
    pub prehashed: bool,
    /// Keys that have none.
    pub absent: &'a [&'a [u8]],
}

/// Checks a claim about many keys with one proof.
///
/// Proves for each key what [`super::verify_key`] or [`super::verify_key_absent`] proves. Each leaf and each node above is hashed
/// once; memory of a few digests a key, and a byte a node.
pub fn verify_keys(head: &TreeHead, claims: KeyClaims<'_>, proof: &SparseMultiProof) -> Result<(), Refusal> {
    verify_keys_by(&OnTheSpot, head, claims, proof)
}

/// The same, hashed by `bulk`.
pub fn verify_keys_by(
    bulk: &impl Bulk,
    head: &TreeHead,
    claims: KeyClaims<'_>,
    proof: &SparseMultiProof,
) -> Result<(), Refusal> {
    let claimed = sorted(head, claims)?;
    check_digest_size(head.scheme(), proof.digest_size())?;
    let shape = walk(bulk, head, &claimed, proof.shape())?;
    check_counts(head, &shape, proof)?;
    check_witnesses(&claimed, &shape, proof)?;
    check_siblings(head, &shape, proof)?;
    let values = value_digests(bulk, head.scheme(), claims)?;
    let leaves = leaves(bulk, head, &values, &claimed, &shape, proof)?;
    if head.scheme().has_runs() {
        let (witnesses, digests) = (proof.witnesses(), proof.digests().bytes());
        let given =
            Given { scheme: head.scheme(), shape: &shape, claimed: &claimed, leaves: &leaves, witnesses, digests };
        let top = given.fold(bulk)?.ok_or(Refusal::Defect("a shape that was walked folds"))?;
        return check_root("the head", head, &top);
    }
    match shape.fold(bulk, head, &leaves, proof.digests().bytes())? {
        Some(top) => check_root("the head", head, &top),
        None => Err(Refusal::Defect("a shape that was walked folds")),
    }
}

/// The claimed keys in ascending order, if there are any, and each once.
fn sorted(head: &TreeHead, claims: KeyClaims<'_>) -> Result<Vec<Claimed>, Refusal> {
    let KeyClaims { present, values, absent, .. } = claims;
    if present.len() != values.len() {
        return Err(Refusal::LengthMismatch { indices: present.len(), leaves: values.len() });
    }
    if present.is_empty() && absent.is_empty() {
        return Err(Refusal::EmptyClaim);
    }
    let mut claimed = Vec::with_capacity(present.len().saturating_add(absent.len()));
    let places = (0..present.len()).map(Some).chain(core::iter::repeat(None));
    for (key, value) in present.iter().chain(absent).zip(places) {
        check_key(head.scheme(), key)?;
        let key = Key::new(key).ok_or(Refusal::Defect("keys have 32 bytes"))?;
        claimed.push(Claimed { key, value });
    }
    if !claimed.is_sorted_by_key(|claim| claim.key) {
        claimed.sort_unstable_by_key(|claim| claim.key);
    }
    let next = claimed.iter().skip(1);
    if claimed.iter().zip(next).any(|(one, other)| one.key == other.key) {
        return Err(Refusal::DuplicateKey);
    }
    Ok(claimed)
}

fn check_counts(head: &TreeHead, shape: &Shape, proof: &SparseMultiProof) -> Result<(), Refusal> {
    let (found, expected) = (proof.witnesses().len() / proof.witness_size().max(1), shape.witnesses.len());
    if found != expected {
        return Err(Refusal::WitnessCount { found, expected });
    }
    let (found, expected) = (proof.digests().count(), shape.digests as u64);
    if found as u64 != expected {
        return Err(Refusal::DigestCount { found, expected, size: head.size() });
    }
    Ok(())
}

/// A witness stands where its key leads, which is not claimed.
fn check_witnesses(claimed: &[Claimed], shape: &Shape, proof: &SparseMultiProof) -> Result<(), Refusal> {
    for (place, witness) in shape.witnesses.iter().zip(proof.witnesses().chunks_exact(proof.witness_size())) {
        let key = witness.get(..KEY_SIZE).and_then(Key::new).ok_or(Refusal::Defect("witnesses begin with keys"))?;
        let below = claimed.get(place.keys.clone()).unwrap_or_default();
        if place.is_foot {
            let first = below.first().ok_or(Refusal::Defect("a foot is beside claimed keys"))?;
            if !is_beside(key.bytes().as_flattened(), first.key.bytes().as_flattened(), place.depth) {
                return Err(Refusal::Witness);
            }
            continue;
        }
        let leads = below.first().is_some_and(|claim| claim.key.agrees(&key, place.depth));
        if !leads || below.binary_search_by_key(&key, |claim| claim.key).is_ok() {
            return Err(Refusal::Witness);
        }
    }
    Ok(())
}

fn check_siblings(head: &TreeHead, shape: &Shape, proof: &SparseMultiProof) -> Result<(), Refusal> {
    for (depth, row) in (1_u32..).zip(&shape.rows) {
        for place in &row.sent {
            let sent = digest(proof.digests().bytes(), *place, proof.digest_size());
            check_sibling(head.scheme(), depth, sent.ok_or(Refusal::Defect("digests were counted"))?)?;
        }
    }
    Ok(())
}

fn value_digests(bulk: &impl Bulk, scheme: &Scheme, claims: KeyClaims<'_>) -> Result<Vec<u8>, Refusal> {
    if claims.prehashed {
        claims.values.iter().try_for_each(|digest| check_value_digest(scheme, digest))?;
        return Ok(claims.values.concat());
    }
    let mut digests = vec![0; claims.values.len().saturating_mul(scheme.digest_size())];
    bulk.values(scheme, claims.values, &mut digests)?;
    Ok(digests)
}

/// The digests of all leaves, in the order of their keys.
fn leaves(
    bulk: &impl Bulk,
    head: &TreeHead,
    values: &[u8],
    claimed: &[Claimed],
    shape: &Shape,
    proof: &SparseMultiProof,
) -> Result<Vec<u8>, Refusal> {
    let (scheme, width) = (head.scheme(), head.scheme().digest_size());
    let mut rows = Vec::with_capacity(shape.leaves.len().saturating_mul(proof.witness_size()));
    for leaf in &shape.leaves {
        match leaf {
            Leaf::Claimed(place) => {
                let claim = claimed.get(*place).ok_or(Refusal::Defect("a leaf's key is claimed"))?;
                let value = claim.value.and_then(|place| digest(values, place, width));
                rows.extend_from_slice(claim.key.bytes().as_flattened());
                rows.extend_from_slice(value.ok_or(Refusal::Defect("a leaf has a value"))?);
            }
            Leaf::Witness(place) => {
                let witness = digest(proof.witnesses(), *place, proof.witness_size());
                rows.extend_from_slice(witness.ok_or(Refusal::Defect("witnesses were counted"))?);
            }
        }
    }
    let mut leaves = vec![0; shape.leaves.len().saturating_mul(width)];
    bulk.keyed_leaves(scheme, &rows, &mut leaves)?;
    Ok(leaves)
}
