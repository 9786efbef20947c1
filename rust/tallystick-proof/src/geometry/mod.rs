//! Where nodes are: integer arithmetic on (level, index), and nothing else.
//!
//! ```text
//! level 3                 0                     size 7
//!                 ┌───────┴───────┐
//! level 2         0               1
//!             ┌───┴───┐       ┌───┴───┐
//! level 1     0       1       2       │         (0,6) has no sibling
//!           ┌─┴─┐   ┌─┴─┐   ┌─┴─┐     │
//! level 0   0   1   2   3   4   5     6
//! ```
//!
//! At size n, level l has `n / arity^l` *full* nodes, whose subtrees are perfect. They never change while leaves are
//! appended, and they are all that is stored. Right of them a level may have one more node, on the *edge*.

mod climb;
mod growth;
pub mod queue;
mod range;

pub use climb::{Climb, Step};
pub use growth::{extension_plan, start_of};
pub use range::{Beside, beside};

use alloc::vec::Vec;

/// Most children of a node.
pub const MAX_ARITY: u8 = 8;

/// A node by its place. Leaves are level 0; the children of `(l, i)` are `(l-1, arity·i)` and those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId {
    /// Distance from the leaves, 0 to 64.
    pub level: u32,
    /// Place in the level, from the left.
    pub index: u64,
}

/// How nodes lie in rows: how many children a node has, how high the tree is, whether an only child moves up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    arity: u8,
    height: Option<u8>,
    moves_up: bool,
}

impl Grid {
    /// That of RFC 6962.
    pub const BINARY: Self = Self { arity: 2, height: None, moves_up: true };

    /// Nodes of `arity` children, 2 to [`MAX_ARITY`]. A tree of `height` has that many levels above its leaves, however
    /// few these are; without one, as many as it takes. Where an only child moves up, its parent is the same node.
    pub const fn new(arity: u8, height: Option<u8>, moves_up: bool) -> Self {
        Self { arity: if arity < 2 { 2 } else { arity }, height, moves_up }
    }

    /// Children of a full node.
    pub const fn arity(self) -> u64 {
        self.arity as u64
    }

    /// The parent's place in its level, and which child of it the node at `index` is.
    #[inline]
    pub const fn above(self, index: u64) -> (u64, u64) {
        // Most trees are binary, and a division costs as much as half a hash.
        if self.arity == 2 { (index >> 1, index & 1) } else { (index / self.arity(), index % self.arity()) }
    }

    /// Leaves of a full node; `None` if they are 2^64 or more.
    pub const fn span(self, level: u32) -> Option<u64> {
        if self.arity == 2 { 1_u64.checked_shl(level) } else { self.arity().checked_pow(level) }
    }

    /// Number of full nodes of a level.
    pub const fn full(self, size: u64, level: u32) -> u64 {
        if self.arity == 2 {
            return full_nodes(size, level);
        }
        match self.span(level) {
            Some(span) => size / span,
            None => 0,
        }
    }

    /// Number of nodes of a level, the one on the edge included.
    pub const fn nodes(self, size: u64, level: u32) -> u64 {
        if self.arity == 2 {
            return nodes(size, level);
        }
        match self.span(level) {
            Some(span) => size.div_ceil(span),
            None => (size > 0) as u64,
        }
    }

    /// Level of the topmost node.
    pub const fn height(self, size: u64) -> u32 {
        match self.height {
            Some(height) => height as u32,
            None if self.arity == 2 => height(size),
            None => {
                let mut level = 0;
                while self.nodes(size, level) > 1 {
                    level += 1;
                }
                level
            }
        }
    }

    /// Number of siblings on the way from leaf `index` to the top of a tree of `size` leaves; `index < size`.
    pub fn path_length(self, index: u64, size: u64) -> u32 {
        if self.arity == 2 {
            return path_length(index, size);
        }
        let (mut own, mut count, mut length) = (index, size, 0_u64);
        while count > 1 {
            let parent = own / self.arity();
            let behind = count.saturating_sub(parent.saturating_mul(self.arity()));
            length = length.saturating_add(behind.min(self.arity()).saturating_sub(1));
            (own, count) = (parent, count.div_ceil(self.arity()));
        }
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// The name at the lowest level of a node that may have moved up.
    pub fn canonical(self, node: NodeId, size: u64) -> NodeId {
        let NodeId { mut level, mut index } = node;
        while self.moves_up && level > 0 {
            let Some(first) = index.checked_mul(self.arity()) else { break };
            // The first child is an only child exactly when it is the last node of its level.
            if first.checked_add(1) != Some(self.nodes(size, level.saturating_sub(1))) {
                break;
            }
            (level, index) = (level.saturating_sub(1), first);
        }
        NodeId { level, index }
    }

    /// Number of nodes of [`plan`](Self::plan), without making it.
    pub fn plan_length(self, size: u64, indices: Vec<u64>) -> Option<u64> {
        let mut climb = Climb::new(self, size, indices)?;
        let (mut steps, mut length) = (Vec::new(), 0_u64);
        while climb.up(&mut steps) {
            let taken: u64 = steps.iter().map(|step| u64::from(step.missing().count_ones())).sum();
            length = length.saturating_add(taken);
        }
        Some(length)
    }

    /// The nodes whose digests prove leaves `indices` (strictly increasing, below `size`), in proof order, by canonical
    /// name. `None` if the indices are not that.
    pub fn plan(self, size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
        Some(self.siblings(size, indices)?.into_iter().map(|node| self.canonical(node, size)).collect())
    }

    /// The same nodes by their names at the levels where they are siblings.
    pub(crate) fn siblings(self, size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
        let mut climb = Climb::new(self, size, indices)?;
        let (mut steps, mut plan, mut level) = (Vec::new(), Vec::new(), 0_u32);
        while climb.up(&mut steps) {
            for step in &steps {
                plan.extend(step.siblings(self).map(|index| NodeId { level, index }));
            }
            level = level.saturating_add(1);
        }
        Some(plan)
    }

    /// The fewest full nodes that cover the leaves `[begin, end)`, from the left.
    pub fn cover(self, begin: u64, end: u64) -> impl Iterator<Item = NodeId> {
        let mut next = begin;
        core::iter::from_fn(move || {
            let left = end.checked_sub(next).filter(|left| *left > 0)?;
            // As large as the alignment of its first leaf allows, and as the rest does.
            let mut level = 0_u32;
            let fits = |span: &u64| next.is_multiple_of(*span) && *span <= left;
            while self.span(level.saturating_add(1)).as_ref().is_some_and(fits) {
                level = level.saturating_add(1);
            }
            let span = self.span(level)?;
            let node = NodeId { level, index: next / span };
            next = next.saturating_add(span); // at most `end`
            Some(node)
        })
    }
}

/// Number of full nodes of a level of a binary tree.
pub const fn full_nodes(size: u64, level: u32) -> u64 {
    match size.checked_shr(level) {
        Some(count) => count,
        None => 0,
    }
}

/// Number of nodes of a level of a binary tree, the one on the edge included; `ceil(size / 2^level)`.
pub const fn nodes(size: u64, level: u32) -> u64 {
    match size.checked_sub(1) {
        Some(last) => match last.checked_shr(level) {
            Some(index) => index.saturating_add(1),
            None => 1,
        },
        None => 0,
    }
}

/// Level of the topmost node of a binary tree; 0 for at most one leaf.
pub const fn height(size: u64) -> u32 {
    match size.checked_sub(1) {
        Some(last) => u64::BITS - last.leading_zeros(),
        None => 0,
    }
}

/// Number of siblings on the way from leaf `index` to the top of a binary tree of `size` leaves; `index < size`.
///
/// Below the level where the path joins the right edge every step has a sibling; from there on, only the steps that
/// come from a right child do: one for each bit of the index.
pub const fn path_length(index: u64, size: u64) -> u32 {
    let last = size.saturating_sub(1);
    let below = u64::BITS - (index ^ last).leading_zeros();
    match index.checked_shr(below) {
        Some(edge) => below + edge.count_ones(),
        None => below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const GRID: Grid = Grid::BINARY;

    #[test]
    fn counts_agree_with_the_definitions() {
        for arity in 2..=MAX_ARITY {
            let grid = Grid::new(arity, None, false);
            for size in 0..200_u64 {
                let (mut count, mut span) = (size, 1);
                for level in 0..10 {
                    assert_eq!(grid.nodes(size, level), count);
                    assert_eq!(grid.full(size, level), size / span);
                    assert_eq!(grid.height(size) <= level, count <= 1);
                    count = count.div_ceil(arity.into());
                    span *= u64::from(arity);
                }
            }
            let height = grid.height(u64::MAX);
            assert_eq!((grid.nodes(u64::MAX, height), grid.full(u64::MAX, height)), (1, 0));
        }
        assert_eq!((height(0), height(1), height(2), height(3), height(u64::MAX)), (0, 0, 1, 2, 64));
        assert_eq!((nodes(u64::MAX, 64), nodes(u64::MAX, 63), full_nodes(u64::MAX, 64)), (1, 2, 0));
    }

    #[test]
    fn a_path_is_as_long_as_its_plan() {
        for arity in 2..=MAX_ARITY {
            for grid in [Grid::new(arity, None, arity == 2), Grid::new(arity, Some(9), false)] {
                for size in 1..130 {
                    for index in 0..size {
                        let plan = grid.plan(size, vec![index]).map(|plan| plan.len() as u32);
                        assert_eq!(plan, Some(grid.path_length(index, size)));
                    }
                }
            }
        }
        assert_eq!(path_length(u64::MAX - 1, u64::MAX), 63);
        assert_eq!(GRID.plan(u64::MAX, vec![0]).map(|plan| plan.len()), Some(64));
    }

    #[test]
    fn plans_of_the_picture() {
        let id = |level, index| NodeId { level, index };
        assert_eq!(GRID.plan(7, vec![0, 1, 6]), Some(vec![id(1, 1), id(1, 2)]));
        assert_eq!(GRID.plan(7, vec![4]), Some(vec![id(0, 5), id(0, 6), id(2, 0)]));
        assert_eq!(GRID.plan(7, vec![0]), Some(vec![id(0, 1), id(1, 1), id(2, 1)]));
        assert_eq!(GRID.plan(3, vec![0, 1, 2]), Some(vec![]));
        for wrong in [vec![], vec![7], vec![1, 1], vec![1, 0]] {
            assert_eq!(GRID.plan(7, wrong), None);
        }
        let three = Grid::new(3, Some(3), false);
        assert_eq!(three.plan(7, vec![4]), Some(vec![id(0, 3), id(0, 5), id(1, 0), id(1, 2)]));
        assert_eq!(three.plan(7, vec![6]), Some(vec![id(1, 0), id(1, 1)]));
    }

    #[test]
    fn a_range_is_covered_once() {
        for arity in [2, 3, 8] {
            let grid = Grid::new(arity, None, false);
            for (begin, end) in (0..40).flat_map(|begin| (begin..80).map(move |end| (begin, end))) {
                let mut next = begin;
                for NodeId { level, index } in grid.cover(begin, end) {
                    let span = grid.span(level).unwrap_or(0);
                    assert_eq!(index * span, next);
                    next += span;
                }
                assert_eq!(next, end);
            }
            assert!(grid.cover(0, u64::MAX).count() < 64 * 7);
        }
    }
}
