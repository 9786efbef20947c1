//! The one door for hashing: many rows behind one prefix or key.
//!
//! A node is a row of its children, so trees, leaves and verifiers all come through [`Seeded::rows`] and
//! [`Seeded::ragged`]; a single hash is one row. SIMD kernels, threads, plug-ins and Python callables implement these
//! two calls and nothing else. What is hashed (frames, tags, roots) is not decided here.

mod blake3;
mod builtin;
mod streaming;
mod xxh3;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

pub use builtin::{builtin, builtin_names};

/// Smallest digest that a scheme takes, in bytes.
pub const MIN_DIGEST: usize = 32;
/// Largest digest that a scheme takes, in bytes.
pub const MAX_DIGEST: usize = 64;

/// How a hash makes tagged digests; see `docs/spec/schemes.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// The tag is the key of the hash's keyed mode.
    Keyed,
    /// The tag fills whole blocks before the message.
    Block,
}

/// What is known about a hash function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashInfo {
    /// Lower-case name, unique among registered hashes.
    pub name: Cow<'static, str>,
    /// Bytes of a digest.
    pub digest_size: usize,
    /// Bytes of a block; for a sponge, its rate.
    pub block_size: usize,
    /// Whether finding collisions is infeasible. Only such hashes may be used in a scheme.
    pub cryptographic: bool,
    /// How tags are made.
    pub tagging: Tagging,
    /// Whether it is best called by one thread, the caller's: it takes turns with itself, or belongs to that thread.
    pub serial: bool,
}

/// What stands before every row of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// These bytes are hashed first; none if empty.
    Bytes(Vec<u8>),
    /// The hash is keyed with these 32 bytes.
    Key([u8; 32]),
}

/// A hash call that did not produce digests. The built-in hashes never fail on what this crate asks of them.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// A key was given to a hash without a keyed mode.
    #[error("{0} has no keyed mode")]
    NotKeyed(Cow<'static, str>),
    /// Rows, width and output do not fit each other.
    #[error("{rows} bytes of rows of width {width} do not fit {out} bytes of output")]
    Shape {
        /// Bytes of all rows.
        rows: usize,
        /// Bytes of one row.
        width: usize,
        /// Bytes of output.
        out: usize,
    },
    /// Whoever hashes was told to stop.
    #[error("hashing was interrupted")]
    Interrupted,
    /// A leaf of a sum tree is shorter than an amount.
    #[error("a leaf of a sum tree begins with its amount, 16 bytes")]
    NoAmount,
    /// The sums of two nodes add to 2^128 or more.
    #[error("sums add to 2^128 or more")]
    SumOverflow,
    /// A leaf of a namespaced tree is shorter than a namespace.
    #[error("a leaf of a namespaced tree begins with its namespace, {0} bytes")]
    NoNamespace(usize),
    /// Two siblings whose namespaces do not ascend.
    #[error("the namespaces of two siblings do not ascend")]
    NamespaceOrder,
    /// A leaf that should be a digest is of another size.
    #[error("a leaf of {found} bytes; leaves of this scheme are digests, of {expected}")]
    LeafSize {
        /// Bytes of the leaf.
        found: usize,
        /// Bytes of a digest.
        expected: usize,
    },
    /// Siblings that are equal, where an only child is hashed with itself.
    #[error("two siblings are equal: a shorter row of leaves would have the same root")]
    EqualSiblings,
    /// A number that a frame states does not fit.
    #[error("{value} does not fit {bytes} bytes of a preimage")]
    Number {
        /// The number.
        value: u64,
        /// Bytes that the frame has for it.
        bytes: usize,
    },
    /// A node that the scheme's trees do not have.
    #[error("trees of this scheme have no node that lacks leaves")]
    NoEdge,
    /// A message that the hash does not take, because it stands for none of its inputs, or for one of another message.
    #[error("{0} does not take a message")]
    Refused(Cow<'static, str>),
    /// A hash that is not built in failed, or does not do what it says.
    #[error("{0}")]
    Failed(Box<dyn core::error::Error + Send + Sync>),
    /// Rows and output do not fit each other.
    #[error("{rows} rows do not fit {out} bytes of output")]
    Count {
        /// Number of rows.
        rows: usize,
        /// Bytes of output.
        out: usize,
    },
}

/// A hash function over many rows.
pub trait BatchHash: Send + Sync + fmt::Debug {
    /// Name and sizes.
    fn info(&self) -> &HashInfo;

    /// The function with `prefix` already absorbed. Costs what hashing the prefix costs.
    fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError>;
}

/// A hash function behind a constant prefix or key.
pub trait Seeded: Send + Sync {
    /// Hashes the rows of `data`, each `width` bytes, into consecutive digests of `out`.
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError>;

    /// Hashes rows of any length into consecutive digests of `out`.
    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError>;
}

/// A hash function as a value: cheap to clone; built-ins are equal by name, others by identity.
#[derive(Clone, Debug)]
pub struct Hash(Source);

#[derive(Clone, Debug)]
enum Source {
    Builtin(&'static builtin::Builtin, Option<Kernels>),
    Foreign(Arc<dyn BatchHash>),
}

impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Source::Builtin(left, _), Source::Builtin(right, _)) => left.info().name == right.info().name,
            (Source::Foreign(left), Source::Foreign(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }
}

impl Eq for Hash {}

/// Finds a faster way to compute a built-in hash behind a prefix.
pub type Kernels = fn(&str, &Prefix) -> Option<Arc<dyn Seeded>>;

impl Hash {
    /// The same hash, computed by `kernels` where they have it. They must give the same digests.
    #[must_use]
    pub fn with_kernels(self, kernels: Kernels) -> Self {
        match self.0 {
            Source::Builtin(hash, _) => Self(Source::Builtin(hash, Some(kernels))),
            foreign @ Source::Foreign(_) => Self(foreign),
        }
    }

    /// Name and sizes.
    pub fn info(&self) -> &HashInfo {
        match &self.0 {
            Source::Builtin(hash, _) => hash.info(),
            Source::Foreign(hash) => hash.info(),
        }
    }

    /// The function with `prefix` already absorbed. Costs what hashing the prefix costs.
    pub fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError> {
        match &self.0 {
            Source::Builtin(hash, kernels) => {
                let kernel = kernels.and_then(|kernels| kernels(&hash.info().name, prefix));
                kernel.map_or_else(|| hash.seed(prefix), Ok)
            }
            Source::Foreign(hash) => hash.seed(prefix),
        }
    }

    /// A hash that is not built in.
    pub fn foreign(hash: Arc<dyn BatchHash>) -> Self {
        Self(Source::Foreign(hash))
    }

    /// Whether it is not built in. Only then can it refuse messages or fail.
    pub fn is_foreign(&self) -> bool {
        matches!(self.0, Source::Foreign(_))
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.info().digest_size
    }

    /// The function without a prefix.
    pub fn unseeded(&self) -> Result<Arc<dyn Seeded>, HashError> {
        self.seed(&Prefix::Bytes(Vec::new()))
    }

    /// The digest of one byte string.
    pub fn digest(&self, data: &[u8]) -> Result<Vec<u8>, HashError> {
        let mut out = vec![0; self.digest_size()];
        self.unseeded()?.ragged(&[data], &mut out)?;
        Ok(out)
    }

    /// The prefix or key that separates the preimages of `label` from all others.
    pub fn tag(&self, label: &str) -> Result<Prefix, HashError> {
        let tag = self.digest(label.as_bytes())?;
        match self.info().tagging {
            Tagging::Keyed => {
                let key = tag.as_slice().try_into().map_err(|_| HashError::NotKeyed(self.info().name.clone()))?;
                Ok(Prefix::Key(key))
            }
            Tagging::Block => Ok(Prefix::Bytes(tag.iter().copied().cycle().take(self.tag_length()).collect())),
        }
    }

    /// Bytes that a tag puts before a message: whole blocks, at least a digest; 0 in keyed mode.
    pub fn tag_length(&self) -> usize {
        let info = self.info();
        match info.tagging {
            Tagging::Keyed => 0,
            Tagging::Block => info.digest_size.next_multiple_of(info.block_size.max(1)),
        }
    }
}

/// Refuses rows of one width, and an output, that do not fit each other. For implementers of [`Seeded::rows`].
pub fn check_rows(data: &[u8], width: usize, out: &[u8], digest_size: usize) -> Result<(), HashError> {
    let fits = width != 0 && data.len().is_multiple_of(width);
    if fits && (data.len() / width).checked_mul(digest_size) == Some(out.len()) {
        return Ok(());
    }
    Err(HashError::Shape { rows: data.len(), width, out: out.len() })
}

/// Refuses an output that does not take a digest for each row. For implementers of [`Seeded::ragged`].
pub fn check_ragged(rows: &[&[u8]], out: &[u8], digest_size: usize) -> Result<(), HashError> {
    if rows.len().checked_mul(digest_size) == Some(out.len()) {
        return Ok(());
    }
    Err(HashError::Count { rows: rows.len(), out: out.len() })
}

/// A hash whose rows are made one by one; [`Seeded`] follows from it.
trait OneByOne: Send + Sync {
    const DIGEST: usize;
    fn one(&self, row: &[u8], out: &mut [u8]);
}

impl<T: OneByOne> Seeded for T {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        check_rows(data, width, out, T::DIGEST)?;
        data.chunks_exact(width).zip(out.chunks_exact_mut(T::DIGEST)).for_each(|(row, digest)| self.one(row, digest));
        Ok(())
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        check_ragged(rows, out, T::DIGEST)?;
        rows.iter().zip(out.chunks_exact_mut(T::DIGEST)).for_each(|(row, digest)| self.one(row, digest));
        Ok(())
    }
}

type Seed = fn(&Prefix) -> Option<Box<dyn Seeded>>;
