//! The right edge of a tree: at most one node a level whose subtree is not full, made from the peaks.

use std::borrow::Cow;

use tallystick_proof::geometry::NodeId;
use tallystick_proof::scheme::Scheme;

use crate::build::grid_of;
use crate::error::TreeError;

/// The nodes on the edge of a tree of some size. Costs at most a hash a level, so a tree keeps the last one.
#[derive(Debug)]
pub(crate) struct Edge {
    /// Level by level; `None` where every node is full.
    digests: Vec<Option<Vec<u8>>>,
    /// Level of the topmost node.
    height: u32,
}

impl Edge {
    /// Reads the peaks of the tree of the first `size` leaves through `full`.
    pub(crate) fn new<'a>(
        scheme: &Scheme,
        size: u64,
        mut full: impl FnMut(NodeId) -> Result<Cow<'a, [u8]>, TreeError>,
    ) -> Result<Self, TreeError> {
        let grid = grid_of(scheme)?;
        let (mut digests, height) = (vec![None], grid.height(size));
        for level in 0..height {
            let parent = NodeId { level: level + 1, index: grid.full(size, level + 1) };
            if size == 0 || parent.index == grid.nodes(size, level + 1) {
                digests.push(None); // All are full.
                continue;
            }
            let mut children = Vec::new();
            for index in parent.index * grid.arity()..grid.full(size, level) {
                children.extend_from_slice(&full(NodeId { level, index })?);
            }
            children.extend_from_slice(digests.last().and_then(Option::as_deref).unwrap_or_default());
            digests.push(Some(scheme.edge_node(parent, size, &children)?));
        }
        Ok(Self { digests, height })
    }

    /// The node on the edge at a level, if it is not full.
    pub(crate) fn get(&self, level: u32) -> Option<&[u8]> {
        self.digests.get(level as usize)?.as_deref()
    }

    /// The topmost node of the tree of `size` leaves; `None` for the empty tree.
    pub(crate) fn top<'a>(
        &self,
        size: u64,
        full: impl FnOnce(NodeId) -> Result<Cow<'a, [u8]>, TreeError>,
    ) -> Result<Option<Vec<u8>>, TreeError> {
        let level = self.height;
        match self.get(level) {
            Some(digest) => Ok(Some(digest.to_vec())),
            None if size == 0 => Ok(None),
            None => Ok(Some(full(NodeId { level, index: 0 })?.into_owned())),
        }
    }
}

/// The topmost node; `None` for the empty tree.
pub(crate) fn top<'a>(
    scheme: &Scheme,
    size: u64,
    mut full: impl FnMut(NodeId) -> Result<Cow<'a, [u8]>, TreeError>,
) -> Result<Option<Vec<u8>>, TreeError> {
    Edge::new(scheme, size, &mut full)?.top(size, full)
}
