//! Heads: the only thing that a verifier trusts.

use alloc::vec::Vec;

use crate::hash::HashError;
use crate::scheme::{Scheme, SchemeError, Sizes};

/// A commitment to all leaves of a tree: scheme, number of leaves, root; in sum trees, the total of all amounts.
#[derive(Clone, Debug)]
pub struct TreeHead {
    scheme: Scheme,
    size: u64,
    root: Vec<u8>,
    total: u128,
    params: Vec<u8>,
}

impl PartialEq for TreeHead {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.total == other.total && self.root == other.root && self.scheme == other.scheme
    }
}

impl Eq for TreeHead {}

/// A head that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The root is not as long as the scheme's roots.
    #[error("a root of {found} bytes; {scheme} has roots of {expected}")]
    RootSize {
        /// Bytes of the root.
        found: usize,
        /// Name of the scheme.
        scheme: alloc::string::String,
        /// Bytes of its roots.
        expected: usize,
    },
    /// The root's range of namespaces is none.
    #[error("the root's range of namespaces ends before it begins")]
    Range,
    /// A tree of the scheme cannot have so many leaves.
    #[error("a tree of {scheme} has {sizes}, not {size}")]
    Size {
        /// Name of the scheme.
        scheme: alloc::string::String,
        /// How many there may be.
        sizes: Sizes,
        /// How many are stated.
        size: u64,
    },
    /// A tree without sums has no total.
    #[error("{0} is no scheme of sum trees, and a head of it has no total")]
    NoSums(alloc::string::String),
    /// There is no such scheme.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl TreeHead {
    /// A head as somebody states it. Costs one hash, of what the root binds.
    pub fn new(scheme: Scheme, size: u64, root: Vec<u8>) -> Result<Self, HeadError> {
        Self::with_total(scheme, size, root, 0)
    }

    /// The same with the total of a sum tree's amounts.
    pub fn with_total(scheme: Scheme, size: u64, root: Vec<u8>, total: u128) -> Result<Self, HeadError> {
        if total != 0 && !scheme.record().is_summed() {
            return Err(HeadError::NoSums(scheme.name()));
        }
        let expected = scheme.record().top_size();
        if root.len() != expected {
            return Err(HeadError::RootSize { found: root.len(), scheme: scheme.name(), expected });
        }
        let (min, max) = scheme.record().range(&root);
        if min > max {
            return Err(HeadError::Range);
        }
        if !scheme.sizes().take(size) {
            return Err(HeadError::Size { scheme: scheme.name(), sizes: scheme.sizes(), size });
        }
        let params = scheme.params(size, total)?;
        Ok(Self { scheme, size, root, total, params })
    }

    /// The head of a tree with this record of the topmost node; `None` for the empty tree.
    pub fn of_top(scheme: Scheme, size: u64, top: Option<&[u8]>) -> Result<Self, HashError> {
        let empty;
        let top = if let Some(top) = top {
            top
        } else {
            empty = scheme.empty_top()?;
            &empty
        };
        let (digest, total) = scheme.record().split(top);
        let params = scheme.params(size, total)?;
        let root = scheme.root(size, &params, digest)?;
        Ok(Self { scheme, size, root, total, params })
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// The sum of all amounts; 0 where leaves have none.
    pub fn total(&self) -> u128 {
        self.total
    }

    /// The lowest and the highest namespace that the root states; nothing where leaves have none.
    pub fn range(&self) -> (&[u8], &[u8]) {
        self.scheme.record().range(&self.root)
    }

    /// The root that this head would have over another digest of the topmost node.
    pub(crate) fn root_over(&self, digest: &[u8]) -> Result<Vec<u8>, HashError> {
        self.scheme.root(self.size, &self.params, digest)
    }
}
