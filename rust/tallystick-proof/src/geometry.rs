//! Where nodes are: integer arithmetic on (level, index), and nothing else.
//!
//! ```text
//! level 3                 0                     size 7
//!                 ┌───────┴───────┐
//! level 2         0               1
//!             ┌───┴───┐       ┌───┴───┐
//! level 1     0       1       2       │         (0,6) has no sibling and moves up
//!           ┌─┴─┐   ┌─┴─┐   ┌─┴─┐     │
//! level 0   0   1   2   3   4   5     6
//! ```
//!
//! At size n, level l has `n >> l` *full* nodes, whose subtrees are perfect. They never change while leaves are
//! appended, and they are all that is stored. Right of them a level may have one more node, on the *edge*.

use alloc::vec::Vec;

/// A node by its place. Leaves are level 0; the children of `(l, i)` are `(l-1, 2i)` and `(l-1, 2i+1)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId {
    /// Distance from the leaves, 0 to 64.
    pub level: u32,
    /// Place in the level, from the left.
    pub index: u64,
}

/// Number of full nodes of a level.
pub const fn full_nodes(size: u64, level: u32) -> u64 {
    match size.checked_shr(level) {
        Some(count) => count,
        None => 0,
    }
}

/// Number of nodes of a level, the one on the edge included; `ceil(size / 2^level)`.
pub const fn nodes(size: u64, level: u32) -> u64 {
    match size.checked_sub(1) {
        Some(last) => match last.checked_shr(level) {
            Some(index) => index.saturating_add(1),
            None => 1,
        },
        None => 0,
    }
}

/// Level of the topmost node; 0 for at most one leaf.
pub const fn height(size: u64) -> u32 {
    match size.checked_sub(1) {
        Some(last) => u64::BITS - last.leading_zeros(),
        None => 0,
    }
}

/// Number of siblings on the way from leaf `index` to the top of a tree of `size` leaves; `index < size`.
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

/// The name at the lowest level of a node that may have moved up.
pub fn canonical(node: NodeId, size: u64) -> NodeId {
    let NodeId { mut level, mut index } = node;
    while level > 0 {
        let Some(left) = index.checked_mul(2) else { break };
        // `left` is an only child exactly when it is the last node of its level.
        if left.checked_add(1) != Some(nodes(size, level - 1)) {
            break;
        }
        (level, index) = (level - 1, left);
    }
    NodeId { level, index }
}

/// How a parent comes about on the way up from some known nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Both children are known.
    Both,
    /// The left child is known; the right one comes from the proof.
    Left,
    /// The right child is known; the left one comes from the proof.
    Right,
    /// The only child is known and moves up.
    Alone,
}

impl Step {
    /// The child of `parent` that comes from the proof.
    pub const fn sibling(self, parent: u64) -> Option<u64> {
        let left = parent.saturating_mul(2);
        match self {
            Self::Left => Some(left.saturating_add(1)),
            Self::Right => Some(left),
            Self::Both | Self::Alone => None,
        }
    }
}

/// The way up from some known leaves, level by level: the one rule by which proofs are planned and verified.
#[derive(Debug)]
pub struct Climb {
    known: Vec<u64>,
    count: u64,
}

impl Climb {
    /// Starts at leaves `indices`, strictly increasing and all below `size`; `None` otherwise, or if there are none.
    pub fn new(size: u64, indices: Vec<u64>) -> Option<Self> {
        let increasing = indices.is_sorted_by(|left, right| left < right);
        (increasing && *indices.last()? < size).then_some(Self { known: indices, count: size })
    }

    /// Goes up one level; `steps` becomes one step a parent, ascending. `false` at the top, where nothing is left to do.
    pub fn up(&mut self, steps: &mut Vec<Step>) -> bool {
        steps.clear();
        if self.count <= 1 {
            return false;
        }
        let (mut read, mut write) = (0, 0);
        while let Some(&index) = self.known.get(read) {
            let right = index | 1;
            let step = if index == right {
                Step::Right
            } else if right >= self.count {
                Step::Alone
            } else if self.known.get(read.saturating_add(1)) == Some(&right) {
                Step::Both
            } else {
                Step::Left
            };
            steps.push(step);
            read = read.saturating_add(if step == Step::Both { 2 } else { 1 });
            // write <= read: a parent takes the place of its first child.
            if let Some(slot) = self.known.get_mut(write) {
                *slot = index >> 1;
            }
            write = write.saturating_add(1);
        }
        self.known.truncate(write);
        self.count = self.count.div_ceil(2);
        true
    }

    /// The known nodes of the level reached.
    pub fn known(&self) -> &[u64] {
        &self.known
    }
}

/// Number of nodes of [`plan`], without making it.
pub fn plan_length(size: u64, indices: Vec<u64>) -> Option<u64> {
    let mut climb = Climb::new(size, indices)?;
    let (mut steps, mut length) = (Vec::new(), 0_u64);
    while climb.up(&mut steps) {
        let taken = steps.iter().filter(|step| matches!(step, Step::Left | Step::Right)).count();
        length = length.saturating_add(taken as u64);
    }
    Some(length)
}

/// The *start* of a proof that a tree extends one of `older` leaves, 0 < older: the largest full node that ends where the
/// older tree ends. It is in both trees.
pub const fn start_of(older: u64) -> NodeId {
    let level = older.trailing_zeros();
    match older.checked_sub(1) {
        Some(last) => NodeId { level, index: full_nodes(last, level) },
        None => NodeId { level: 0, index: 0 },
    }
}

/// The nodes whose digests lead from the start, [`start_of`] the older size, up to the top of the newer tree, by canonical
/// name, with whether each lies in the older tree. `None` unless 0 < older < newer.
pub fn extension_plan(older: u64, newer: u64) -> Option<Vec<(NodeId, bool)>> {
    if older == 0 || older >= newer {
        return None;
    }
    let NodeId { mut level, index } = start_of(older);
    let mut climb = Climb::new(nodes(newer, level), alloc::vec![index])?;
    let (mut steps, mut plan) = (Vec::new(), Vec::new());
    while climb.up(&mut steps) {
        for (step, parent) in steps.iter().zip(climb.known()) {
            if let Some(index) = step.sibling(*parent) {
                plan.push((canonical(NodeId { level, index }, newer), *step == Step::Right));
            }
        }
        level = level.saturating_add(1);
    }
    Some(plan)
}

/// The nodes whose digests prove leaves `indices` (strictly increasing, below `size`), in proof order, by canonical name.
/// `None` if the indices are not that.
pub fn plan(size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
    Some(siblings(size, indices)?.into_iter().map(|node| canonical(node, size)).collect())
}

/// The same nodes by their names at the levels where they are siblings.
pub(crate) fn siblings(size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
    let mut climb = Climb::new(size, indices)?;
    let (mut steps, mut plan, mut level) = (Vec::new(), Vec::new(), 0_u32);
    while climb.up(&mut steps) {
        for (step, parent) in steps.iter().zip(climb.known()) {
            plan.extend(step.sibling(*parent).map(|index| NodeId { level, index }));
        }
        level = level.saturating_add(1);
    }
    Some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn counts_agree_with_the_definitions() {
        for size in 0..200_u64 {
            let mut count = size;
            for level in 0..10 {
                assert_eq!(nodes(size, level), count);
                assert_eq!(full_nodes(size, level), size / (1 << level));
                count = count.div_ceil(2);
            }
        }
        assert_eq!((height(0), height(1), height(2), height(3), height(u64::MAX)), (0, 0, 1, 2, 64));
        assert_eq!((nodes(u64::MAX, 64), nodes(u64::MAX, 63), full_nodes(u64::MAX, 64)), (1, 2, 0));
    }

    #[test]
    fn a_path_is_as_long_as_its_plan() {
        for size in 1..130 {
            for index in 0..size {
                assert_eq!(plan(size, vec![index]).map(|plan| plan.len() as u32), Some(path_length(index, size)));
            }
        }
        assert_eq!(path_length(u64::MAX - 1, u64::MAX), 63);
        assert_eq!(plan(u64::MAX, vec![0]).map(|plan| plan.len()), Some(64));
    }

    #[test]
    fn plans_of_the_picture() {
        let id = |level, index| NodeId { level, index };
        assert_eq!(plan(7, vec![0, 1, 6]), Some(vec![id(1, 1), id(1, 2)]));
        assert_eq!(plan(7, vec![4]), Some(vec![id(0, 5), id(0, 6), id(2, 0)]));
        assert_eq!(plan(7, vec![0]), Some(vec![id(0, 1), id(1, 1), id(2, 1)]));
        assert_eq!(plan(3, vec![0, 1, 2]), Some(vec![]));
        for wrong in [vec![], vec![7], vec![1, 1], vec![1, 0]] {
            assert_eq!(plan(7, wrong), None);
        }
    }
}
