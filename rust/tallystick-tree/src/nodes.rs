//! Where a tree's full nodes lie: in memory or in mapped files. Readers do not see the difference.
//!
//! Files may keep no rows below a level. A node below it is made again from its leaves, with all others of the group of
//! leaves under one node of that level, and that node is compared first.

use std::borrow::Cow;
use std::fmt;

use tallystick_proof::geometry::NodeId;

use crate::build::{LeafRule, Work, build};
use crate::error::TreeError;
use crate::file::FileSet;
use crate::forest::Forest;
use crate::leaves::{Leaves, Part};
use crate::pool::{Pool, Run, never};
use crate::queue::Queue;

/// The full nodes of a tree.
#[derive(Debug)]
pub(crate) enum Nodes {
    Memory(Forest),
    Files(FileSet, Option<SharedLeaves>),
    Queue(Queue),
}

/// Leaf data that a tree holds on to.
pub(crate) struct SharedLeaves(pub(crate) Box<dyn Leaves + Send + Sync>);

impl fmt::Debug for SharedLeaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedLeaves({})", self.0.len())
    }
}

impl Nodes {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Memory(forest) => forest.end,
            Self::Files(files, _) => files.size(),
            Self::Queue(queue) => queue.size(),
        }
    }

    /// The lowest level of which all rows are kept.
    pub(crate) fn lowest(&self) -> u32 {
        match self {
            Self::Memory(_) | Self::Queue(_) => 0,
            Self::Files(files, _) => files.lowest(),
        }
    }

    /// The digests of a whole level, where they can be read without checking anything first.
    pub(crate) fn row(&self, level: u32) -> Option<&[u8]> {
        match self {
            Self::Memory(forest) => forest.levels.get(level as usize).map(Vec::as_slice),
            Self::Files(..) | Self::Queue(_) => None,
        }
    }

    /// Copies the digests of full nodes of a level, from `first` on, as many as `out` takes.
    pub(crate) fn copy(&self, first: NodeId, mut out: &mut [u8]) -> Result<(), TreeError> {
        let NodeId { level, mut index } = first;
        let mut cursor = Cursor::new(self);
        while !out.is_empty() {
            let digests = cursor.digests(NodeId { level, index }, out.len())?;
            let (own, rest) = out.split_at_mut(digests.len());
            own.copy_from_slice(&digests);
            index += (own.len() / self.width()) as u64;
            out = rest;
        }
        Ok(())
    }

    fn width(&self) -> usize {
        match self {
            Self::Memory(forest) => forest.width,
            Self::Files(files, _) => files.scheme().width(),
            Self::Queue(queue) => queue.width(),
        }
    }

    /// Digests from `node` on, of which there is at least one and at most `bytes` bytes; `None` if it is not kept.
    fn stored(&self, node: NodeId, bytes: usize) -> Result<Option<&[u8]>, TreeError> {
        match self {
            Self::Memory(forest) => {
                let missing = TreeError::Defect("a full node is stored");
                let row = forest.levels.get(node.level as usize).map_or(&[][..], Vec::as_slice);
                let begin = (node.index - forest.first(node.level)) as usize * forest.width;
                let rest = row.get(begin..).filter(|rest| !rest.is_empty()).ok_or(missing)?;
                Ok(Some(&rest[..rest.len().min(bytes)]))
            }
            Self::Files(files, _) => files.digests(node, (bytes / self.width()) as u64),
            Self::Queue(_) => Err(TreeError::NoRows),
        }
    }

    /// All nodes below the node of the lowest level kept that is above `node`.
    fn group(&self, node: NodeId) -> Result<Forest, TreeError> {
        let Self::Files(files, leaves) = self else { return Err(TreeError::Defect("memory holds every row")) };
        let lowest = files.lowest();
        let SharedLeaves(leaves) = leaves.as_ref().ok_or(TreeError::NoLeaves(lowest))?;
        let above = NodeId { level: lowest, index: node.index >> lowest.saturating_sub(node.level) };
        let (begin, end) = (above.index << lowest, (above.index + 1) << lowest);
        let rows = Part { leaves: leaves.as_ref(), range: begin as usize..end as usize };
        let run = Run { pool: &Pool::serial(), interrupt: &never };
        let group = build(Work::new(files.scheme(), run), begin, &rows, LeafRule::Hashed)?;
        if files.digest(above)? != group.digest(above) {
            return Err(TreeError::OtherLeaves(begin..end));
        }
        Ok(group)
    }
}

/// Reads nodes one after the other, and remembers what it had to make for the last one.
pub(crate) struct Cursor<'a> {
    nodes: &'a Nodes,
    group: Option<Forest>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(nodes: &'a Nodes) -> Self {
        Self { nodes, group: None }
    }

    /// The digest of a full node.
    pub(crate) fn digest(&mut self, node: NodeId) -> Result<Cow<'a, [u8]>, TreeError> {
        self.digests(node, self.nodes.width())
    }

    /// Copies the digest of a full node.
    pub(crate) fn with<T>(&mut self, node: NodeId, then: impl FnOnce(&[u8]) -> T) -> Result<T, TreeError> {
        match self.nodes.stored(node, self.nodes.width())? {
            Some(digest) => Ok(then(digest)),
            None => self.made(node).map(then),
        }
    }

    fn digests(&mut self, node: NodeId, bytes: usize) -> Result<Cow<'a, [u8]>, TreeError> {
        match self.nodes.stored(node, bytes)? {
            Some(digests) => Ok(Cow::Borrowed(digests)),
            None => self.made(node).map(|digest| Cow::Owned(digest.to_vec())),
        }
    }

    /// The digest of a node that is not kept.
    fn made(&mut self, node: NodeId) -> Result<&[u8], TreeError> {
        if self.group.as_ref().is_none_or(|group| group.digest(node).is_none()) {
            self.group = Some(self.nodes.group(node)?);
        }
        let digest = self.group.as_ref().and_then(|group| group.digest(node));
        digest.ok_or(TreeError::Defect("a group has the nodes below its top"))
    }
}
