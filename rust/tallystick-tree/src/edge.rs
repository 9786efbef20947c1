//! The right edge of a tree: at most one node a level whose subtree is not full, made from the peaks.

use std::borrow::Cow;

use tallystick_proof::geometry::{NodeId, full_nodes, height};
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;

/// The nodes on the edge of a tree of some size. Costs at most 63 hashes, so a tree keeps the last one.
#[derive(Debug)]
pub(crate) struct Edge {
    /// Level by level; `None` where every node is full.
    digests: Vec<Option<Vec<u8>>>,
}

impl Edge {
    /// Reads the peaks of the tree of the first `size` leaves through `full`.
    pub(crate) fn new<'a>(
        scheme: &Scheme,
        size: u64,
        mut full: impl FnMut(NodeId) -> Result<Cow<'a, [u8]>, TreeError>,
    ) -> Result<Self, TreeError> {
        let mut digests = vec![None];
        for level in 0..height(size) {
            let right = digests.last().and_then(Option::as_deref);
            let count = full_nodes(size, level);
            let next = if count.is_multiple_of(2) {
                right.map(<[u8]>::to_vec)
            } else {
                let peak = full(NodeId { level, index: count - 1 })?;
                Some(match right {
                    None => peak.into_owned(),
                    Some(right) => {
                        let mut digest = vec![0; scheme.width()];
                        scheme.nodes(&[&peak[..], right].concat(), &mut digest)?;
                        digest
                    }
                })
            };
            digests.push(next);
        }
        Ok(Self { digests })
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
        let level = height(size);
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
