//! The nodes beside a run of leaves: with the run, they cover a binary tree.

use core::ops::Range;

use super::{NodeId, height, nodes};

/// The siblings of a run of nodes on one level, by their names there: at most one on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What lies left of the run.
    pub left: Option<NodeId>,
    /// What lies right of it.
    pub right: Option<NodeId>,
}

impl Beside {
    /// Both, from the left.
    pub fn each(self) -> impl Iterator<Item = NodeId> {
        self.left.into_iter().chain(self.right)
    }
}

/// The siblings of leaves `run` of a tree of `size` leaves, from the leaves up: those that a proof of all of them takes, in
/// its order. The run is not empty and ends at `size` at most; of others nothing is said.
pub fn beside(size: u64, run: Range<u64>) -> impl Iterator<Item = Beside> + Clone {
    let last = run.end.saturating_sub(1);
    (0..height(size)).map(move |level| {
        let at = |leaf: u64| leaf.checked_shr(level).unwrap_or(0);
        let (first, last) = (at(run.start), at(last));
        let left = first.checked_sub(1).filter(|_| first % 2 == 1);
        let right = last.checked_add(1).filter(|right| last % 2 == 0 && *right < nodes(size, level));
        let id = |index| NodeId { level, index };
        Beside { left: left.map(id), right: right.map(id) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use alloc::vec::Vec;

    #[test]
    fn it_is_the_plan_of_the_run() {
        for size in 1..40 {
            for (start, end) in (0..size).flat_map(|start| (start + 1..=size).map(move |end| (start, end))) {
                let found: Vec<_> = beside(size, start..end).flat_map(Beside::each).collect();
                assert_eq!(Some(found), Grid::BINARY.siblings(size, (start..end).collect()));
            }
        }
        let most: Vec<_> = beside(u64::MAX, 1 << 63..u64::MAX).flat_map(Beside::each).collect();
        assert_eq!(most, [NodeId { level: 63, index: 0 }]);
    }
}
