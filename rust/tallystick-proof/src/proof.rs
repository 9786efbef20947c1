//! Proofs as values: records of nodes in the order of `docs/spec/proofs.md`, and nothing that a verifier would have to believe.

use alloc::vec::Vec;

use crate::hash::{MAX_DIGEST, MIN_DIGEST};
use crate::record::Record;

/// Most digests in one inclusion or consistency proof; a tree of 2^64 leaves needs 64.
pub const MAX_PATH: usize = 255;

/// A proof that cannot be, whatever the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Digests of a size that no scheme has.
    #[error("a digest size of {0}; proofs have digests of {MIN_DIGEST} to {MAX_DIGEST} bytes")]
    DigestSize(usize),
    /// Not a whole number of digests, or of digests with their sums.
    #[error("{length} bytes are not a whole number of digests of {width}")]
    Ragged {
        /// Bytes of all digests.
        length: usize,
        /// Bytes of one, with its sum if it has one.
        width: usize,
    },
    /// Sums that are not as many as the digests.
    #[error("{sums} sums of {digests} digests")]
    Sums {
        /// Number of sums.
        sums: usize,
        /// Number of digests.
        digests: usize,
    },
    /// Namespaces of no bytes.
    #[error("namespaces of no bytes; they have 1 to 255")]
    NamespaceSize,
    /// A proof of absence without nodes that states a place.
    #[error("a proof of absence without nodes states no place, not {0}")]
    StartWithoutNodes(u64),
    /// Too many digests in one proof.
    #[error("{0} digests; a proof of this kind has at most {MAX_PATH}")]
    TooLong(u64),
    /// A way to end that no path has.
    #[error("an end of {0}; a path has one of 0 to 2")]
    End(u8),
    /// A path that is longer than keys.
    #[error("a depth of {depth}; a path that ends so has at most {most}")]
    Depth {
        /// Where the path ends.
        depth: u16,
        /// The deepest that it can.
        most: u16,
    },
    /// A bitmap that has not a bit for each level.
    #[error("a bitmap of {found} bytes; a path of this depth has {expected}")]
    BitmapSize {
        /// Bytes of the bitmap.
        found: usize,
        /// Bytes for as many bits as the path has levels.
        expected: usize,
    },
    /// A bitmap with bits for levels that there are not.
    #[error("the bitmap has bits behind its last level")]
    SpareBits,
    /// Not a digest for each sibling that is not empty.
    #[error("{found} digests; the bitmap tells of {expected} siblings")]
    Siblings {
        /// Number of digests.
        found: usize,
        /// Bits of the bitmap that are set.
        expected: usize,
    },
    /// A witness where there is none, or none where there is one, or no whole number of them.
    #[error("{found} bytes of witnesses; one is a key or a path with a digest, {expected} bytes here")]
    WitnessSize {
        /// Bytes of what is there.
        found: usize,
        /// Bytes of one; 0 where the path ends at the key's own leaf or at what is empty.
        expected: usize,
    },
    /// More bits than an encoding takes.
    #[error("a shape of {0} bytes; shapes have less than 2^32")]
    ShapeSize(usize),
    /// A node that no encoding takes.
    #[error("a node of {0} bytes; nodes have less than 2^32")]
    NodeTooLong(usize),
    /// Offsets that do not cut the digests into proofs.
    #[error("offsets begin at 0, do not decrease and end at the number of digests, {0}")]
    Offsets(usize),
}

fn check_records(record: Record, length: usize) -> Result<usize, ProofError> {
    let (digest_size, width) = (record.digest_size(), record.width());
    if !(MIN_DIGEST..=MAX_DIGEST).contains(&digest_size) {
        return Err(ProofError::DigestSize(digest_size));
    }
    if record.namespace_size() == Some(0) {
        return Err(ProofError::NamespaceSize);
    }
    if !length.is_multiple_of(width) {
        return Err(ProofError::Ragged { length, width });
    }
    Ok(length / width)
}

/// Digests of one size, each with its sum in proofs of sum trees; borrowed from a proof or a batch, in proof order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests<'a> {
    record: Record,
    bytes: &'a [u8],
}

impl<'a> Digests<'a> {
    /// A whole number of records, one behind the other.
    pub(crate) fn of(record: Record, bytes: &'a [u8]) -> Self {
        Self { record, bytes }
    }

    /// How digests and sums lie.
    pub fn record(&self) -> Record {
        self.record
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.record.digest_size()
    }

    /// All records, one behind the other.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Number of digests.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.record.width().max(1)
    }
}

/// A proof that is a list of digests and nothing else.
macro_rules! list_of_digests {
    ($(#[$doc:meta])* $name:ident, at most $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            record: Record,
            bytes: Vec<u8>,
        }

        impl $name {
            /// A proof of these records, one behind the other.
            pub fn new(record: impl Into<Record>, bytes: Vec<u8>) -> Result<Self, ProofError> {
                let record = record.into();
                let count = check_records(record, bytes.len())?;
                if count > $most {
                    return Err(ProofError::TooLong(count as u64));
                }
                Ok(Self { record, bytes })
            }

            /// The digests.
            pub fn digests(&self) -> Digests<'_> {
                Digests { record: self.record, bytes: &self.bytes }
            }
        }
    };
}

list_of_digests! {
    /// The siblings of one leaf, from the leaf up.
    InclusionProof, at most MAX_PATH
}

list_of_digests! {
    /// The nodes that complete some leaves to the whole tree; each node once.
    MultiProof, at most usize::MAX
}

list_of_digests! {
    /// The nodes that lead to an older and to a newer root.
    ConsistencyProof, at most MAX_PATH
}

/// A proof about neighbouring leaves: where they begin, and the nodes around them.
macro_rules! place_and_nodes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            record: Record,
            start: u64,
            nodes: Vec<u8>,
        }

        impl $name {
            fn of(record: Record, start: u64, nodes: Vec<u8>) -> Result<Self, ProofError> {
                let count = check_records(record, nodes.len())?;
                if count > MAX_PATH {
                    return Err(ProofError::TooLong(count as u64));
                }
                Ok(Self { record, start, nodes })
            }

            /// The stated place.
            pub fn start(&self) -> u64 {
                self.start
            }

            /// The nodes.
            pub fn nodes(&self) -> Digests<'_> {
                Digests { record: self.record, bytes: &self.nodes }
            }
        }
    };
}

place_and_nodes! {
    /// That some leaves are all of a namespace: the index of the first, and the nodes that complete them to the tree.
    NamespaceProof
}

impl NamespaceProof {
    /// A proof of these records, one behind the other.
    pub fn new(record: Record, start: u64, nodes: Vec<u8>) -> Result<Self, ProofError> {
        Self::of(record, start, nodes)
    }
}

place_and_nodes! {
    /// That no leaf has a namespace: the index of the leaf behind the gap, its record, and its siblings; nothing where the
    /// root's range shows it.
    AbsenceProof
}

impl AbsenceProof {
    /// A proof of these records, one behind the other. Without any, `start` is 0.
    pub fn new(record: Record, start: u64, nodes: Vec<u8>) -> Result<Self, ProofError> {
        if nodes.is_empty() && start != 0 {
            return Err(ProofError::StartWithoutNodes(start));
        }
        Self::of(record, start, nodes)
    }
}

/// Single proofs one behind the other, as two arrays.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProofBatch {
    record: Record,
    digests: Vec<u8>,
    offsets: Vec<u64>,
}

impl ProofBatch {
    /// Proof j owns records `offsets[j]` to `offsets[j + 1]`.
    pub fn new(record: impl Into<Record>, digests: Vec<u8>, offsets: Vec<u64>) -> Result<Self, ProofError> {
        let record = record.into();
        let count = check_records(record, digests.len())?;
        if offsets.first() != Some(&0) || offsets.last() != Some(&(count as u64)) || !offsets.is_sorted() {
            return Err(ProofError::Offsets(count));
        }
        let longest = offsets.iter().zip(offsets.iter().skip(1)).map(|(begin, end)| end.saturating_sub(*begin)).max();
        match longest {
            Some(longest) if longest > MAX_PATH as u64 => Err(ProofError::TooLong(longest)),
            _ => Ok(Self { record, digests, offsets }),
        }
    }

    /// The memory of digests and offsets, to be used again.
    pub fn into_parts(self) -> (Vec<u8>, Vec<u64>) {
        (self.digests, self.offsets)
    }

    /// Number of proofs.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no proofs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How digests and sums lie.
    pub fn record(&self) -> Record {
        self.record
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.record.digest_size()
    }

    /// All records, one behind the other.
    pub fn digests(&self) -> &[u8] {
        &self.digests
    }

    /// Where proofs begin, counted in digests, and at last where they end.
    pub fn offsets(&self) -> &[u64] {
        &self.offsets
    }

    /// The digests of proof number `place`; `None` from [`len`](Self::len) on.
    pub fn path(&self, place: usize) -> Option<Digests<'_>> {
        let byte = |place| usize::try_from(*self.offsets.get(place)?).ok()?.checked_mul(self.record.width());
        let bytes = self.digests.get(byte(place)?..byte(place.checked_add(1)?)?)?;
        Some(Digests { record: self.record, bytes })
    }

    /// Proof number `place` as an object of its own.
    pub fn proof(&self, place: usize) -> Option<InclusionProof> {
        let digests = self.path(place)?;
        Some(InclusionProof { record: self.record, bytes: digests.bytes.to_vec() })
    }
}
