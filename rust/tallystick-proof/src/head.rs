//! Heads: the only thing that a verifier trusts.

use alloc::vec::Vec;

use crate::hash::HashError;
use crate::scheme::Scheme;

/// A commitment to all leaves of a tree: scheme, number of leaves, root.
#[derive(Clone, Debug)]
pub struct TreeHead {
    scheme: Scheme,
    size: u64,
    root: Vec<u8>,
    params: Vec<u8>,
}

impl PartialEq for TreeHead {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.root == other.root && self.scheme == other.scheme
    }
}

impl Eq for TreeHead {}

/// A head that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The root is not as long as the scheme's digests.
    #[error("a root of {found} bytes; {scheme} has digests of {expected}")]
    RootSize {
        /// Bytes of the root.
        found: usize,
        /// Name of the scheme.
        scheme: alloc::string::String,
        /// Bytes of its digests.
        expected: usize,
    },
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl TreeHead {
    /// A head as somebody states it. Costs one hash, of what the root binds.
    pub fn new(scheme: Scheme, size: u64, root: Vec<u8>) -> Result<Self, HeadError> {
        let expected = scheme.digest_size();
        if root.len() != expected {
            return Err(HeadError::RootSize { found: root.len(), scheme: scheme.name(), expected });
        }
        let params = scheme.params(size)?;
        Ok(Self { scheme, size, root, params })
    }

    /// The head of a tree with this topmost node; `None` for the empty tree.
    pub fn of_top(scheme: Scheme, size: u64, top: Option<&[u8]>) -> Result<Self, HashError> {
        let params = scheme.params(size)?;
        let root = match top {
            Some(top) => scheme.root(&params, top)?,
            None => scheme.root(&params, &scheme.empty_top()?)?,
        };
        Ok(Self { scheme, size, root, params })
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

    /// The root that this head would have over another topmost node.
    pub(crate) fn root_over(&self, top: &[u8]) -> Result<Vec<u8>, HashError> {
        self.scheme.root(&self.params, top)
    }
}
