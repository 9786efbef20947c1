//! Verifiers. They see a head, a claim and digests; never a tree.
//!
//! The shape follows from the head's size and the claimed indices. Lengths are checked before anything is hashed, every
//! leaf and every digest enters a hash exactly once, and one comparison in constant time decides.

use alloc::vec;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use crate::geometry::{Climb, Step, path_length};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::proof::Path;
use crate::scheme::Scheme;

/// Why a proof is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The claimed index is not below the size.
    #[error("index {index} is not below the size, {size}")]
    IndexOutOfRange {
        /// The claimed index.
        index: u64,
        /// The head's size.
        size: u64,
    },
    /// The proof's digests are not the scheme's.
    #[error("the proof has digests of {found} bytes, the scheme of {expected}")]
    DigestSize {
        /// Bytes of a digest of the proof.
        found: usize,
        /// Bytes of a digest of the scheme.
        expected: usize,
    },
    /// The number of digests does not follow from the claim.
    #[error("the proof has {found} digests; index {index} in a tree of {size} leaves takes {expected}")]
    DigestCount {
        /// Digests of the proof.
        found: usize,
        /// Digests that the claim needs.
        expected: u32,
        /// The claimed index.
        index: u64,
        /// The head's size.
        size: u64,
    },
    /// Everything fits, but the root is another.
    #[error("the computed root is not the head's")]
    RootMismatch {
        /// The head's root.
        expected: Vec<u8>,
        /// The root that leaf and proof lead to.
        computed: Vec<u8>,
    },
    /// The hash failed, so nothing is known.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Checks that the leaf at `index` has this data.
///
/// Proves membership and place against the head, and nothing about who made the head. One leaf hash and at most 64 node
/// hashes; memory of a few digests.
pub fn verify_inclusion(head: &TreeHead, index: u64, leaf: &[u8], path: Path<'_>) -> Result<(), Refusal> {
    check_shape(head, index, path)?;
    let mut digest = vec![0; head.scheme().digest_size()];
    head.scheme().leaves(&[leaf], &mut digest)?;
    check_root(head, index, digest, path)
}

/// Checks that the leaf at `index` has this *digest*. Hazardous: a holder of the tree can pass off an inner node of a
/// smaller tree as a leaf, because the leaf's own domain is not entered.
pub fn verify_leaf_digest(head: &TreeHead, index: u64, digest: &[u8], path: Path<'_>) -> Result<(), Refusal> {
    check_shape(head, index, path)?;
    let expected = head.scheme().digest_size();
    if digest.len() != expected {
        return Err(Refusal::DigestSize { found: digest.len(), expected });
    }
    check_root(head, index, digest.to_vec(), path)
}

fn check_shape(head: &TreeHead, index: u64, path: Path<'_>) -> Result<(), Refusal> {
    let size = head.size();
    if index >= size {
        return Err(Refusal::IndexOutOfRange { index, size });
    }
    let digest_size = head.scheme().digest_size();
    if path.digest_size() != digest_size {
        return Err(Refusal::DigestSize { found: path.digest_size(), expected: digest_size });
    }
    let expected = path_length(index, size);
    if path.count() as u64 != u64::from(expected) {
        return Err(Refusal::DigestCount { found: path.count(), expected, index, size });
    }
    Ok(())
}

fn check_root(head: &TreeHead, index: u64, digest: Vec<u8>, path: Path<'_>) -> Result<(), Refusal> {
    let folded = fold(head.scheme(), head.size(), vec![index], digest, path.digests())?;
    let Some(top) = folded else {
        // Unreachable behind `check_shape`; kept as a refusal so that no path through here accepts by accident.
        return Err(Refusal::DigestCount {
            found: path.count(),
            expected: path_length(index, head.size()),
            index,
            size: head.size(),
        });
    };
    let computed = head.root_over(&top)?;
    if bool::from(computed.ct_eq(head.root())) {
        return Ok(());
    }
    Err(Refusal::RootMismatch { expected: head.root().to_vec(), computed })
}

/// Rehashes known leaves and a proof's digests up to the topmost node, level by level.
///
/// `digests` are those of leaves `indices` (strictly increasing, below `size`), one behind the other. `None` when the
/// claim is not of that form or the proof is not used up exactly.
pub fn fold(
    scheme: &Scheme,
    size: u64,
    indices: Vec<u64>,
    digests: Vec<u8>,
    proof: &[u8],
) -> Result<Option<Vec<u8>>, HashError> {
    let width = scheme.digest_size();
    if indices.len().checked_mul(width) != Some(digests.len()) {
        return Ok(None);
    }
    let Some(mut climb) = Climb::new(size, indices) else { return Ok(None) };
    let (mut known, mut parents, mut children, mut steps) = (digests, Vec::new(), Vec::new(), Vec::new());
    let mut siblings = proof.chunks_exact(width);
    while climb.up(&mut steps) {
        children.clear();
        let mut own = known.chunks_exact(width);
        let mut moved_up = None;
        for step in &steps {
            let pair = match step {
                Step::Both => (own.next(), own.next()),
                Step::Left => (own.next(), siblings.next()),
                Step::Right => {
                    let right = own.next();
                    (siblings.next(), right)
                }
                Step::Alone => {
                    moved_up = own.next();
                    continue;
                }
            };
            let (Some(left), Some(right)) = pair else { return Ok(None) };
            children.extend_from_slice(left);
            children.extend_from_slice(right);
        }
        parents.clear();
        parents.resize(children.len() / 2, 0);
        scheme.nodes(&children, &mut parents)?;
        parents.extend_from_slice(moved_up.unwrap_or_default());
        core::mem::swap(&mut known, &mut parents);
    }
    let used_up = siblings.next().is_none() && siblings.remainder().is_empty();
    Ok((used_up && known.len() == width).then_some(known))
}
