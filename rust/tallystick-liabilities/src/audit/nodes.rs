//! Every node of a tree, made again from the two below it and compared with what is stored.

use std::borrow::Cow;

use tallystick_proof::geometry::NodeId;
use tallystick_tree::pool::Run;
use tallystick_tree::tree::DenseTree;

use super::finding::{Findings, Kind, Place};
use super::preimages::{Preimages, RECORD, split};
use super::tree_file::{BLOCK, BLOCK_LEVEL, TreeFile};
use crate::error::LiabilityError;

/// Where records are read from.
pub(crate) enum Records<'a> {
    Tree(&'a DenseTree),
    File(TreeFile<'a>),
}

impl Records<'_> {
    /// Records of one level from `first` on. Below level 12 they lie in one block.
    pub(crate) fn read(&self, level: u32, first: u64, count: u64) -> Result<Cow<'_, [u8]>, LiabilityError> {
        match self {
            Self::File(file) => Ok(file.records(level, first, count)),
            Self::Tree(tree) => {
                let mut records = vec![0; count as usize * RECORD];
                tree.copy_nodes(NodeId { level, index: first }, &mut records)?;
                Ok(Cow::Owned(records))
            }
        }
    }

    /// The amounts of some leaves; 0 of those that the tree does not have.
    pub(crate) fn amounts(&self, indices: &[[u8; 4]], leaves: u64, out: &mut [u128]) -> Result<(), LiabilityError> {
        for (index, amount) in indices.iter().zip(out) {
            let index = u32::from_le_bytes(*index).into();
            *amount = if index < leaves { split(&self.one(0, index)?).1 } else { 0 };
        }
        Ok(())
    }

    /// One record.
    fn one(&self, level: u32, index: u64) -> Result<[u8; RECORD], LiabilityError> {
        let missing = LiabilityError::Defect("a tree has its full nodes");
        self.read(level, index, 1)?.first_chunk().copied().ok_or(missing)
    }
}

/// The records in some bytes.
pub(crate) fn records(bytes: &[u8]) -> &[[u8; RECORD]] {
    bytes.as_chunks().0
}

/// The nodes of one tree.
pub(crate) struct Nodes<'a> {
    /// Number of the tree.
    pub(crate) tree: usize,
    pub(crate) leaves: u64,
    pub(crate) stored: &'a Records<'a>,
    pub(crate) preimages: &'a Preimages,
    pub(crate) findings: &'a Findings,
}

impl Nodes<'_> {
    /// Compares the nodes above the leaves of a block, up to level 12. Returns how many.
    pub(crate) fn block(&self, block: u64) -> Result<u64, LiabilityError> {
        let count = BLOCK.min(self.leaves - block * BLOCK);
        (0..BLOCK_LEVEL).try_fold(0, |made, level| {
            let first = block << (BLOCK_LEVEL - level);
            Ok(made + self.above(level, first, count >> level)?)
        })
    }

    /// Compares all nodes above level 12, level by level. Returns how many.
    pub(crate) fn upper(&self, run: Run<'_>) -> Result<u64, LiabilityError> {
        let mut made = 0;
        for level in BLOCK_LEVEL..u64::BITS {
            let count = self.leaves >> level;
            if count < 2 {
                break;
            }
            run.each((0..count).step_by(BLOCK as usize), |first| {
                self.above(level, first, BLOCK.min(count - first)).map(drop)
            })?;
            made += count / 2;
        }
        Ok(made)
    }

    /// Compares the nodes above `count` nodes of a level, of which the first is a left one.
    fn above(&self, level: u32, first: u64, count: u64) -> Result<u64, LiabilityError> {
        let pairs = count / 2;
        if pairs == 0 {
            return Ok(0);
        }
        let below = self.stored.read(level, first, 2 * pairs)?;
        let above = self.stored.read(level + 1, first / 2, pairs)?;
        if below.len() != 2 * above.len() || above.len() != pairs as usize * RECORD {
            return Err(LiabilityError::Defect("as many records are read as asked for"));
        }
        for (place, (pair, stored)) in records(&below).as_chunks::<2>().0.iter().zip(records(&above)).enumerate() {
            let (level, index) = (level + 1, first / 2 + place as u64);
            match self.preimages.node(&pair[0], &pair[1])? {
                Some(made) if made == *stored => {}
                Some(_) => self.findings.add(Kind::Node, Place::node(self.tree, level, index), || {
                    let children = format!("{} and {}", 2 * index, 2 * index + 1);
                    format!("node {index} of level {level} is not that of the nodes {children} below it")
                }),
                None => self.overflow(level, index),
            }
        }
        Ok(pairs)
    }

    fn overflow(&self, level: u32, index: u64) {
        self.findings.add(Kind::SumOverflow, Place::node(self.tree, level, index), || {
            format!("the sums below node {index} of level {level} add to 2^128 or more")
        });
    }

    /// The topmost node, folded from the last full node of each level that has an odd one. `None` if there are no leaves, or if
    /// sums overflow. And how many nodes it took.
    pub(crate) fn top(&self) -> Result<(Option<[u8; RECORD]>, u64), LiabilityError> {
        let mut top: Option<[u8; RECORD]> = None;
        let mut made = 0;
        for level in (0..u64::BITS).filter(|level| self.leaves >> level & 1 == 1) {
            let peak = self.stored.one(level, (self.leaves >> level) - 1)?;
            top = Some(match top {
                None => peak,
                Some(right) => {
                    made += 1;
                    let Some(node) = self.preimages.node(&peak, &right)? else {
                        self.overflow(level + 1, self.leaves >> (level + 1));
                        return Ok((None, made));
                    };
                    node
                }
            });
        }
        Ok((top, made))
    }
}
