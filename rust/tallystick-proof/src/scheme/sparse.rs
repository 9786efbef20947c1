//! What schemes of sparse trees hash: values, leaves behind their keys, empty subtrees.

use super::Scheme;
use super::rules::{Kind, Lone, Shape};
use crate::frame::Places;
use crate::hash::HashError;

impl Scheme {
    /// Bytes of a key; 0 where leaves have none.
    pub fn key_size(&self) -> usize {
        self.rules().keys().map_or(0, |keys| usize::from(keys.size))
    }

    /// Levels below the root that a key tells the way through; 0 where leaves have no keys.
    pub fn key_bits(&self) -> u32 {
        // At most 32 bytes.
        self.rules().keys().map_or(0, |keys| u32::from(keys.size).saturating_mul(8))
    }

    /// Whether all leaves are at the bottom.
    pub fn is_full(&self) -> bool {
        self.rules().keys().is_some_and(|keys| keys.lone == Lone::Full)
    }

    /// Hashes values of one width. `out` takes a digest each.
    pub fn value_rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        self.0.value.as_ref().ok_or(HashError::NoEdge)?.rows(0, Places::From(0), data, width, out)
    }

    /// Hashes values of any length. `out` takes a digest each.
    pub fn values(&self, values: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        self.0.value.as_ref().ok_or(HashError::NoEdge)?.ragged(0, Places::From(0), values, out)
    }

    /// Whether a value's digest is that of no value: where a leaf is its value's digest, and that the one of an empty subtree.
    pub fn is_empty_leaf(&self, value_digest: &[u8]) -> bool {
        self.bare_leaves() && value_digest == self.empty_subtree(self.key_bits())
    }

    /// Hashes leaves, each its key with the digest of its value behind it. `out` takes a digest each.
    /// Where leaves are bare, a leaf is its value's digest.
    pub fn keyed_leaves(&self, leaves: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        let width = self.key_size().saturating_add(self.digest_size());
        if !self.bare_leaves() {
            return self.leaf_rows(Places::From(0), leaves, width, out);
        }
        let digests = leaves.chunks_exact(width.max(1)).map(|leaf| leaf.get(self.key_size()..).unwrap_or_default());
        self.bare(digests, out)
    }

    /// Hashes nodes of a sparse tree, each its two children. `out` takes a digest each.
    pub fn keyed_nodes(&self, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        self.nodes(0, Places::From(0), children, out)
    }

    /// The digest of an empty subtree whose top is `depth` below the root.
    pub fn empty_subtree(&self, depth: u32) -> &[u8] {
        let level = if self.is_full() { self.key_bits().saturating_sub(depth) } else { 0 };
        self.zero(level).unwrap_or_default()
    }

    /// Whether this is a scheme of sparse trees.
    pub fn is_sparse(&self) -> bool {
        matches!(self.rules().shape, Shape::Keys(_)) && self.kind() == Kind::Sparse
    }
}
