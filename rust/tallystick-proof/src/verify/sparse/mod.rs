//! Sparse trees: one key by its path, and many by one walk. `docs/spec/sparse.md`.

mod fold;
mod many;
mod runs;
mod shape;

use alloc::vec;
use alloc::vec::Vec;

use super::{Refusal, check_root};
use crate::head::TreeHead;
use crate::scheme::{Foot, Scheme};
use crate::sparse::{End, SparseProof, bit};

pub use many::{KeyClaims, verify_keys, verify_keys_by};

/// Checks that a key has this value.
///
/// Proves it against the head, and nothing about who made the head. At most a hash a level, 256 of them; memory of a few digests.
pub fn verify_key(head: &TreeHead, key: &[u8], value: &[u8], proof: &SparseProof) -> Result<(), Refusal> {
    check(head, key, proof, true)?;
    let mut digest = vec![0; head.scheme().digest_size()];
    head.scheme().values(&[value], &mut digest)?;
    check_path(head, key, leaf(head.scheme(), key, &digest)?, proof)
}

/// Checks that a key has a value of this digest. What the value is, nobody has shown.
pub fn verify_key_digest(head: &TreeHead, key: &[u8], digest: &[u8], proof: &SparseProof) -> Result<(), Refusal> {
    check(head, key, proof, true)?;
    check_value_digest(head.scheme(), digest)?;
    check_path(head, key, leaf(head.scheme(), key, digest)?, proof)
}

/// Checks that a key has no value.
///
/// Proves it against the head, and nothing about who made the head. At most a hash a level, 256 of them; memory of a few digests.
pub fn verify_key_absent(head: &TreeHead, key: &[u8], proof: &SparseProof) -> Result<(), Refusal> {
    check(head, key, proof, false)?;
    let known = match (proof.end(), proof.witness()) {
        (End::Other, Some((other, digest))) => {
            if other == key || !agree(other, key, proof.depth().into()) {
                return Err(Refusal::Witness);
            }
            if head.scheme().has_runs() {
                return runs::check_path(head, key, Foot::new(head.scheme().key_bits(), other), digest, proof);
            }
            leaf(head.scheme(), other, digest)?
        }
        (End::Run, Some((path, digest))) => {
            let foot = runs::foot_beside(path, key, proof.depth()).ok_or(Refusal::Witness)?;
            return runs::check_path(head, key, foot, digest, proof);
        }
        _ => head.scheme().empty_subtree(proof.depth().into()).to_vec(),
    };
    check_path(head, key, known, proof)
}

/// What claim and proof show before anything is hashed.
fn check(head: &TreeHead, key: &[u8], proof: &SparseProof, present: bool) -> Result<(), Refusal> {
    check_key(head.scheme(), key)?;
    check_digest_size(head.scheme(), proof.digest_size())?;
    if present != (proof.end() == End::Present) {
        let claim = if present { "present" } else { "absent" };
        return Err(Refusal::OtherEnd { end: proof.end(), claim });
    }
    check_shape(head, proof).map_err(|why| Refusal::Shape { size: head.size(), why })
}

/// Whether a tree of that size can have a path that ends so.
fn check_shape(head: &TreeHead, proof: &SparseProof) -> Result<(), &'static str> {
    let (end, depth) = (proof.end(), u32::from(proof.depth()));
    let (bits, runs) = (head.scheme().key_bits(), head.scheme().has_runs());
    match (head.size(), head.scheme().is_full()) {
        (0, _) if end == End::Empty && depth == 0 => Ok(()),
        (0, _) => Err("without keys, the topmost node is empty"),
        (_, true) if end.has_witness() => Err("where leaves are at the bottom, no path ends at another key's leaf"),
        (_, true) if depth == bits => Ok(()),
        (_, true) => Err("leaves are at the bottom"),
        (1, false) if matches!(end, End::Present | End::Other) && depth == 0 => Ok(()),
        (1, false) => Err("the only key's leaf is the topmost node"),
        (_, false) if end == End::Run && !runs => Err("nodes with one child are hashed as others"),
        (_, false) if end == End::Empty && runs => Err("beside what is empty there is a run"),
        (_, false) if end == End::Run && depth == 0 => Ok(()),
        (_, false) if depth == 0 => Err("the topmost node has two children"),
        (_, false) if end != End::Present && depth >= bits => Err("only the key's own leaf is below all of its bits"),
        (_, false) if !bit(proof.bitmap(), depth.saturating_sub(1)) => {
            Err("what a path ends at has a sibling that is not empty")
        }
        _ => Ok(()),
    }
}

/// Hashes upwards from the end of a key's path.
fn check_path(head: &TreeHead, key: &[u8], end: Vec<u8>, proof: &SparseProof) -> Result<(), Refusal> {
    let (scheme, size) = (head.scheme(), head.scheme().digest_size());
    if scheme.has_runs() && head.size() > 0 {
        return runs::check_path(head, key, Foot::new(scheme.key_bits(), key), &end, proof);
    }
    check_siblings(scheme, proof)?;
    let depths = (1..=u32::from(proof.depth())).rev();
    let sent = |depth: &u32| bit(proof.bitmap(), depth.saturating_sub(1));
    let mut digests = proof.digests().bytes().chunks_exact(size);
    let (mut known, mut pair) = (end, Vec::with_capacity(size.saturating_mul(2)));
    for depth in depths {
        let sibling = if sent(&depth) { digests.next() } else { Some(scheme.empty_subtree(depth)) };
        let sibling = sibling.ok_or(Refusal::Defect("a proof has a digest for each sibling"))?;
        let right = bit(key, depth.saturating_sub(1));
        let (first, second) = if right { (sibling, known.as_slice()) } else { (known.as_slice(), sibling) };
        pair.clear();
        pair.extend_from_slice(first);
        pair.extend_from_slice(second);
        scheme.keyed_nodes(&pair, &mut known)?;
    }
    check_root("the head", head, &known)
}

fn leaf(scheme: &Scheme, key: &[u8], digest: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut leaf = vec![0; scheme.digest_size()];
    scheme.keyed_leaves(&[key, digest].concat(), &mut leaf)?;
    Ok(leaf)
}

fn check_key(scheme: &Scheme, key: &[u8]) -> Result<(), Refusal> {
    let (found, expected) = (key.len(), scheme.key_size());
    // Without bytes there are no keys: the scheme is of another kind of tree.
    if found == expected && scheme.is_sparse() { Ok(()) } else { Err(Refusal::KeySize { found, expected }) }
}

fn check_digest_size(scheme: &Scheme, found: usize) -> Result<(), Refusal> {
    let expected = scheme.digest_size();
    if found == expected { Ok(()) } else { Err(Refusal::DigestSize { found, expected }) }
}

/// Refuses what is no digest of a value: where leaves are bare, that of no key would pass for one.
fn check_value_digest(scheme: &Scheme, digest: &[u8]) -> Result<(), Refusal> {
    check_digest_size(scheme, digest.len())?;
    if scheme.is_empty_leaf(digest) { Err(Refusal::EmptySibling(scheme.key_bits())) } else { Ok(()) }
}

/// Refuses siblings that a verifier knows.
fn check_siblings(scheme: &Scheme, proof: &SparseProof) -> Result<(), Refusal> {
    let depths = (1..=u32::from(proof.depth())).rev().filter(|depth| bit(proof.bitmap(), depth.saturating_sub(1)));
    let mut digests = proof.digests().bytes().chunks_exact(scheme.digest_size());
    depths.zip(&mut digests).try_for_each(|(depth, digest)| check_sibling(scheme, depth, digest))
}

/// Refuses a sibling that a verifier knows: there is one proof for a claim.
fn check_sibling(scheme: &Scheme, depth: u32, digest: &[u8]) -> Result<(), Refusal> {
    if digest == scheme.empty_subtree(depth) { Err(Refusal::EmptySibling(depth)) } else { Ok(()) }
}

/// Whether two keys begin with the same bits.
fn agree(one: &[u8], other: &[u8], bits: u32) -> bool {
    (0..bits).all(|place| bit(one, place) == bit(other, place))
}
