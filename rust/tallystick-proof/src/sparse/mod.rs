//! Proofs of sparse trees as values, and their encodings. `docs/spec/sparse.md`.
//!
//! What is here fits together; whether it proves anything, [`crate::verify`] tells.

mod wire;

use alloc::vec;
use alloc::vec::Vec;

use crate::hash::{HashError, MAX_DIGEST, MIN_DIGEST, builtin};
use crate::proof::{Digests, ProofError};
use crate::record::Record;

pub use wire::Sparse;

/// Bytes of a key.
pub const KEY_SIZE: usize = 32;
/// Bits of a key: levels below the topmost node.
pub const KEY_BITS: u16 = 256;

/// Bit `place` of some bytes, the highest of a byte first; `false` behind them.
#[inline]
pub fn bit(bytes: &[u8], place: u32) -> bool {
    bytes.get((place / 8) as usize).is_some_and(|byte| byte << (place % 8) & 128 != 0)
}

/// The key for data of any length: BLAKE3 in a domain of its own, so that nobody chooses where a name stands.
pub fn hashed_key(data: &[u8]) -> Result<Vec<u8>, HashError> {
    let hash = builtin("blake3").ok_or_else(|| HashError::NotKeyed("blake3".into()))?;
    let mut key = vec![0; hash.digest_size()];
    hash.seed(&hash.tag("tallystick/v1/key")?)?.ragged(&[data], &mut key)?;
    Ok(key)
}

/// Where the path of a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// At the key's own leaf.
    Present,
    /// At an empty subtree.
    Empty,
    /// At the leaf of another key.
    Other,
    /// In a run of nodes with one child, which leads to other keys than this one.
    Run,
}

impl End {
    /// The number that stands for it.
    pub fn code(self) -> u8 {
        match self {
            Self::Present => 0,
            Self::Empty => 1,
            Self::Other => 2,
            Self::Run => 3,
        }
    }

    /// What a number stands for.
    pub fn of_code(code: u8) -> Option<Self> {
        [Self::Present, Self::Empty, Self::Other, Self::Run].into_iter().find(|end| end.code() == code)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Empty => "empty",
            Self::Other => "other",
            Self::Run => "run",
        }
    }

    /// Whether a proof that ends so has a witness.
    pub fn has_witness(self) -> bool {
        matches!(self, Self::Other | Self::Run)
    }
}

/// The siblings of one key's path, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SparseProof {
    digest_size: usize,
    end: End,
    depth: u16,
    bitmap: Vec<u8>,
    digests: Vec<u8>,
    witness: Vec<u8>,
}

impl SparseProof {
    /// A proof whose path ends at `depth`. Bit `i` of the bitmap says whether the sibling at depth `i + 1` is not empty; the
    /// digests of those that are not stand one behind the other, deepest first. The witness is the other key with its value's
    /// digest behind it, or the marked path of a run's foot with the foot's digest; it is empty for another end.
    pub fn new(
        digest_size: usize,
        end: u8,
        depth: u16,
        bitmap: Vec<u8>,
        digests: Vec<u8>,
        witness: Vec<u8>,
    ) -> Result<Self, ProofError> {
        check_digests(digest_size, digests.len())?;
        let end = End::of_code(end).ok_or(ProofError::End(end))?;
        check_depth(end, depth)?;
        let expected = bitmap_size(depth);
        if bitmap.len() != expected {
            return Err(ProofError::BitmapSize { found: bitmap.len(), expected });
        }
        let spare = expected.saturating_mul(8).saturating_sub(depth.into());
        if bitmap.last().is_some_and(|last| (last.trailing_zeros() as usize) < spare) {
            return Err(ProofError::SpareBits);
        }
        let (found, expected) = (digests.len() / digest_size, ones(&bitmap));
        if found != expected {
            return Err(ProofError::Siblings { found, expected });
        }
        let expected = if end.has_witness() { witness_size(digest_size) } else { 0 };
        if witness.len() != expected {
            return Err(ProofError::WitnessSize { found: witness.len(), expected });
        }
        Ok(Self { digest_size, end, depth, bitmap, digests, witness })
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.digest_size
    }

    /// Where the path ends.
    pub fn end(&self) -> End {
        self.end
    }

    /// How many levels below the topmost node the path ends.
    pub fn depth(&self) -> u16 {
        self.depth
    }

    /// Which siblings are not empty, from the top down.
    pub fn bitmap(&self) -> &[u8] {
        &self.bitmap
    }

    /// The siblings that are not empty, deepest first.
    pub fn digests(&self) -> Digests<'_> {
        Digests::of(Record::digest(self.digest_size), &self.digests)
    }

    /// The leaf at which the path ends, if it is another key's: that key, and the digest of its value. Or the foot of the run
    /// in which the path ends: its marked path, and its digest.
    pub fn witness(&self) -> Option<(&[u8], &[u8])> {
        self.witness.split_at_checked(KEY_SIZE)
    }
}

/// What completes some keys, present and absent, to the whole tree; each node once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SparseMultiProof {
    digest_size: usize,
    shape: Vec<u8>,
    witnesses: Vec<u8>,
    digests: Vec<u8>,
}

impl SparseMultiProof {
    /// A proof of these parts, each in the order of the walk: the bits that tell what nodes are, the witnesses, and the digests of
    /// siblings. A witness is the leaf of another key, its key with its value's digest behind it, or the foot of a run, its
    /// marked path with its digest behind it.
    pub fn new(digest_size: usize, shape: Vec<u8>, witnesses: Vec<u8>, digests: Vec<u8>) -> Result<Self, ProofError> {
        check_digests(digest_size, digests.len())?;
        let expected = witness_size(digest_size);
        // Their number takes four bytes, and so does that of the shape's bytes.
        if !witnesses.len().is_multiple_of(expected) || u32::try_from(witnesses.len() / expected).is_err() {
            return Err(ProofError::WitnessSize { found: witnesses.len(), expected });
        }
        if u32::try_from(shape.len()).is_err() {
            return Err(ProofError::ShapeSize(shape.len()));
        }
        Ok(Self { digest_size, shape, witnesses, digests })
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.digest_size
    }

    /// The bits that tell what nodes are.
    pub fn shape(&self) -> &[u8] {
        &self.shape
    }

    /// The leaves of other keys and the feet of runs, one behind the other: each a key with its value's digest behind it, or a
    /// marked path with a digest behind it.
    pub fn witnesses(&self) -> &[u8] {
        &self.witnesses
    }

    /// Bytes of a witness.
    pub fn witness_size(&self) -> usize {
        witness_size(self.digest_size)
    }

    /// The siblings.
    pub fn digests(&self) -> Digests<'_> {
        Digests::of(Record::digest(self.digest_size), &self.digests)
    }
}

fn check_digests(digest_size: usize, length: usize) -> Result<(), ProofError> {
    if !(MIN_DIGEST..=MAX_DIGEST).contains(&digest_size) {
        return Err(ProofError::DigestSize(digest_size));
    }
    if !length.is_multiple_of(digest_size) {
        return Err(ProofError::Ragged { length, width: digest_size });
    }
    Ok(())
}

/// Refuses depths that no path with this end has. The leaf of another key begins with the same bits, but has not all of them;
/// a run has at least one node, and its foot two leaves below.
fn check_depth(end: End, depth: u16) -> Result<(), ProofError> {
    let most = match end {
        End::Present | End::Empty => KEY_BITS,
        End::Other => KEY_BITS.saturating_sub(1),
        End::Run => KEY_BITS.saturating_sub(2),
    };
    if depth > most { Err(ProofError::Depth { depth, most }) } else { Ok(()) }
}

fn bitmap_size(depth: u16) -> usize {
    usize::from(depth).div_ceil(8)
}

fn ones(bitmap: &[u8]) -> usize {
    bitmap.iter().map(|byte| byte.count_ones() as usize).sum()
}

/// Bytes of a key and of a value's digest, or of a marked path and of a foot's.
fn witness_size(digest_size: usize) -> usize {
    digest_size.saturating_add(KEY_SIZE)
}
