//! What a scheme hashes: leaves, nodes, the edge, the root.

use alloc::vec;
use alloc::vec::Vec;

use super::rules::{Edge, Empty, Kind, Shape};
use super::{CompiledRoot, Scheme, namespaced, summed};
use crate::frame::{Places, Values};
use crate::geometry::NodeId;
use crate::hash::HashError;

impl Scheme {
    /// Hashes leaves of one width. `out` takes a record each. In a sum tree a leaf begins with its amount, in a namespaced tree
    /// with its namespace.
    pub fn leaf_rows(&self, places: Places<'_>, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        let Some(leaf) = &self.0.leaf else { return self.bare(data.chunks(width.max(1)), out) };
        match self.kind() {
            Kind::Dense | Kind::Sparse => leaf.rows(0, places, data, width, out),
            Kind::Sum => summed::leaf_rows(&*leaf.seeded, self.record(), data, width, out),
            Kind::Namespaced => namespaced::leaf_rows(leaf, self.record(), data, width, out),
        }
    }

    /// Hashes leaves of any length. `out` takes a record each. They begin as those of [`leaf_rows`](Self::leaf_rows).
    pub fn leaves(&self, places: Places<'_>, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let Some(leaf) = &self.0.leaf else { return self.bare(rows.iter().copied(), out) };
        match self.kind() {
            Kind::Dense | Kind::Sparse => leaf.ragged(0, places, rows, out),
            Kind::Sum => summed::leaves(&*leaf.seeded, self.record(), rows, out),
            Kind::Namespaced => namespaced::leaves(leaf, self.record(), rows, out),
        }
    }

    /// Copies leaves that are their digests.
    pub(super) fn bare<'a>(
        &self,
        rows: impl ExactSizeIterator<Item = &'a [u8]>,
        out: &mut [u8],
    ) -> Result<(), HashError> {
        let expected = self.digest_size();
        if rows.len().checked_mul(expected) != Some(out.len()) {
            return Err(HashError::Count { rows: rows.len(), out: out.len() });
        }
        for (row, digest) in rows.zip(out.chunks_exact_mut(expected)) {
            if row.len() != expected {
                return Err(HashError::LeafSize { found: row.len(), expected });
            }
            digest.copy_from_slice(row);
        }
        Ok(())
    }

    /// Hashes nodes that have all their children, which lie one behind the other. `out` takes a record a node. `level` is
    /// that of the nodes.
    #[inline]
    pub fn nodes(&self, level: u32, places: Places<'_>, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        match self.kind() {
            Kind::Dense => {
                if self.0.refuses_twins {
                    self.check_twins(children)?;
                }
                let arity = self.0.grid.map_or(2, |grid| grid.arity() as usize);
                self.0.node.rows(level, places, children, self.digest_size().saturating_mul(arity), out)
            }
            Kind::Sparse => self.0.node.rows(level, places, children, self.digest_size().saturating_mul(2), out),
            Kind::Sum => summed::nodes(&*self.0.node.seeded, self.record(), children, out),
            Kind::Namespaced => namespaced::nodes(&self.0.node, self.record(), children, out),
        }
    }

    /// Refuses siblings that are equal where an only child would be hashed with itself: another, shorter row of leaves has
    /// the same root (CVE-2012-2459).
    fn check_twins(&self, children: &[u8]) -> Result<(), HashError> {
        let width = self.width();
        let twins = if width == 32 {
            // One comparison a pair, and none of them is foreseen.
            let pairs = children.as_chunks::<32>().0.as_chunks::<2>().0;
            pairs.iter().filter(|[left, right]| left == right).count() > 0
        } else {
            let mut pairs = children.chunks_exact(width.saturating_mul(2));
            pairs.any(|pair| pair.split_at_checked(width).is_some_and(|(left, right)| left == right))
        };
        if twins { Err(HashError::EqualSiblings) } else { Ok(()) }
    }

    /// Whether two siblings can be siblings: their sums add, their ranges ascend, and they are not twins where those are
    /// refused.
    #[inline]
    pub fn takes_pair(&self, left: &[u8], right: &[u8]) -> bool {
        match self.kind() {
            Kind::Sparse => true,
            Kind::Dense => !(self.0.refuses_twins && left == right),
            Kind::Sum => self.record().add(left, right).is_some(),
            Kind::Namespaced => self.record().ascends(left, right),
        }
    }

    /// Whether a node is made of its children by the rule for nodes, with others of its level: it has all of them, and is
    /// no bag of peaks.
    pub fn is_plain(&self, parent: NodeId, size: u64, children: usize) -> bool {
        self.0.grid.is_some_and(|grid| {
            children as u64 == grid.arity() && (self.0.bag.is_none() || parent.index < grid.full(size, parent.level))
        })
    }

    /// The node on the edge of a tree of `size` leaves, from those of its children that there are, one behind the other.
    pub fn edge_node(&self, parent: NodeId, size: u64, children: &[u8]) -> Result<Vec<u8>, HashError> {
        let width = self.width();
        let count = children.len() / width.max(1);
        let Shape::Rows { edge, .. } = &self.0.rules.shape else { return Err(HashError::NoEdge) };
        let mut node = vec![0; width];
        let place = Places::From(parent.index);
        if self.is_plain(parent, size, count) {
            self.nodes(parent.level, place, children, &mut node)?;
            return Ok(node);
        }
        match (edge, &self.0.bag) {
            (Edge::MovesUp | Edge::Bag { .. }, _) if count == 1 => node.copy_from_slice(children),
            (Edge::Bag { swap, .. }, Some(bag)) => {
                let mut body = children.to_vec();
                if *swap {
                    body.rotate_left(width);
                }
                let level = parent.level;
                bag.digest(&Values { body: &body, level, index: parent.index, size, ..Values::default() }, &mut node)?;
            }
            (Edge::Duplicate, _) if count == 1 => {
                let pair = [children, children].concat();
                self.0.node.rows(parent.level, place, &pair, pair.len(), &mut node)?;
            }
            (Edge::Zeros(_), _) => {
                let zero = self.zero(parent.level.saturating_sub(1)).ok_or(HashError::NoEdge)?;
                let arity = self.0.grid.map_or(2, |grid| grid.arity() as usize);
                let mut padded = children.to_vec();
                for _ in count..arity {
                    padded.extend_from_slice(zero);
                }
                self.nodes(parent.level, place, &padded, &mut node)?;
            }
            _ => return Err(HashError::NoEdge),
        }
        Ok(node)
    }

    /// The top of a subtree of zeros; `None` where there are none.
    pub fn zero(&self, level: u32) -> Option<&[u8]> {
        self.0.zeros.get(usize::try_from(level).ok()?).map(Vec::as_slice)
    }

    /// The topmost node of an empty tree.
    pub fn empty_top(&self) -> Result<Vec<u8>, HashError> {
        if let Some(zero) = self.0.zeros.last() {
            return Ok(zero.clone());
        }
        match self.0.rules.empty {
            Empty::Zeros => Ok(vec![0; self.width()]),
            Empty::HashOfNothing => {
                // Before the digest, where records have one, the range of zeros.
                let mut top = vec![0; self.record().top_size().saturating_sub(self.digest_size())];
                top.extend(self.0.hash.digest(&[])?);
                Ok(top)
            }
        }
    }

    /// The digest of what the root binds beside the topmost node; empty if nothing. `total` is 0 unless nodes carry sums.
    /// It depends on what a head states, so a head computes it once.
    pub fn params(&self, size: u64, total: u128) -> Result<Vec<u8>, HashError> {
        let CompiledRoot::Bound { params: bound, .. } = &self.0.root else { return Ok(Vec::new()) };
        // Both sizes are below 2^16: `new` takes no others.
        let short = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
        let mut body = vec![1, self.kind().code()];
        body.extend(short(self.0.hash.tag_length()));
        body.extend(short(self.digest_size()));
        body.extend(0_u32.to_le_bytes()); // lp(rules): empty for the native family
        body.extend(u32::try_from(self.0.context.len()).unwrap_or(u32::MAX).to_le_bytes());
        body.extend_from_slice(&self.0.context);
        body.extend(size.to_le_bytes());
        body.extend(total.to_le_bytes());
        let mut params = vec![0; self.digest_size()];
        bound.digest(&Values { body: &body, ..Values::default() }, &mut params)?;
        Ok(params)
    }

    /// The root of a tree of `size` leaves with these [`params`](Self::params) and this digest of the topmost node.
    pub fn root(&self, size: u64, params: &[u8], top: &[u8]) -> Result<Vec<u8>, HashError> {
        let frame = match &self.0.root {
            CompiledRoot::Top => return Ok(top.to_vec()),
            CompiledRoot::Framed(root) | CompiledRoot::Bound { root, .. } => root,
        };
        let mut root = vec![0; self.digest_size()];
        frame.digest(&Values { params, top, size, ..Values::default() }, &mut root)?;
        Ok(root)
    }
}
