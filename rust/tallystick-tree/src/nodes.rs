//! Where a tree's full nodes lie: in memory or in a mapped file. Readers do not see the difference.

use tallystick_proof::geometry::NodeId;

use crate::error::TreeError;
use crate::file::MappedTree;
use crate::forest::Forest;

/// The full nodes of a tree.
#[derive(Debug)]
pub(crate) enum Nodes {
    Memory(Forest),
    Mapped(MappedTree),
}

impl Nodes {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Memory(forest) => forest.end,
            Self::Mapped(file) => file.head().size(),
        }
    }

    /// The digest of a full node.
    pub(crate) fn digest(&self, node: NodeId) -> Result<&[u8], TreeError> {
        match self {
            Self::Memory(forest) => forest.digest(node).ok_or(TreeError::Defect("a full node is stored")),
            Self::Mapped(file) => Ok(file.digests(node.level, node.index, 1)?),
        }
    }

    /// The digests of a whole level, where they can be read without checking anything first.
    pub(crate) fn row(&self, level: u32) -> Option<&[u8]> {
        match self {
            Self::Memory(forest) => forest.levels.get(level as usize).map(Vec::as_slice),
            Self::Mapped(_) => None,
        }
    }

    /// The digests of `count` full nodes of a level.
    pub(crate) fn digests(&self, level: u32, first: u64, count: u64) -> Result<&[u8], TreeError> {
        match self {
            Self::Memory(forest) => {
                let bytes = |index: u64| index as usize * forest.width;
                let row = forest.levels.get(level as usize).map_or(&[][..], Vec::as_slice);
                row.get(bytes(first)..bytes(first + count)).ok_or(TreeError::Defect("full nodes are stored"))
            }
            Self::Mapped(file) => Ok(file.digests(level, first, count)?),
        }
    }
}
