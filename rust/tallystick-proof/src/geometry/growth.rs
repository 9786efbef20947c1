//! Which nodes show that a binary tree, where an only child moves up, has grown from a smaller one.

use alloc::vec::Vec;

use super::{Climb, Grid, NodeId, full_nodes, nodes};

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
    let mut climb = Climb::new(Grid::BINARY, nodes(newer, level), alloc::vec![index])?;
    let (mut steps, mut plan) = (Vec::new(), Vec::new());
    while climb.up(&mut steps) {
        for step in &steps {
            for index in step.siblings(Grid::BINARY) {
                // A sibling on the left lies in the older tree, as the start does.
                let left = index.is_multiple_of(2);
                plan.push((Grid::BINARY.canonical(NodeId { level, index }, newer), left));
            }
        }
        level = level.saturating_add(1);
    }
    Some(plan)
}
