//! New nodes and leaves are put into their slabs.

use std::collections::HashSet;

use super::nodes::{Kind, Nodes, Numbers, Ref, child_of};
use super::patch::Patch;
use crate::error::TreeError;

/// What is added.
pub(super) struct Addition<'a> {
    /// Leaves, each its key with the digest of its value.
    pub(super) leaves: &'a [u8],
    /// Which of them are put; all if empty.
    pub(super) put: &'a [bool],
    /// New nodes, with what is added to the numbers in each patch.
    pub(super) patches: &'a [(&'a Patch, u32)],
    pub(super) root: Ref,
    /// The numbers of pages below.
    pub(super) pages: &'a [u32],
}

/// What was added.
pub(super) struct Added {
    pub(super) root: Ref,
    leaves: Numbers,
    inner: Numbers,
    /// How many leaves, and how many nodes.
    counts: (u32, u32),
}

impl Added {
    /// The numbers of new nodes.
    pub(super) fn inner(&self) -> HashSet<u32> {
        (0..self.counts.1).map(|place| self.inner.get(place)).collect()
    }

    /// Takes all of it away again. `put` is that of the addition.
    pub(super) fn undo(&self, nodes: &mut Nodes, put: &[bool]) {
        for place in (0..self.counts.0).filter(|place| put.get(*place as usize).copied().unwrap_or(true)) {
            nodes.free(Ref::leaf(self.leaves.get(place)));
        }
        (0..self.counts.1).for_each(|place| nodes.free(Ref::inner(self.inner.get(place))));
    }
}

/// Puts new nodes and leaves into their slabs. Failing changes nothing.
pub(super) fn add(nodes: &mut Nodes, addition: &Addition<'_>) -> Result<Added, TreeError> {
    let (digest, leaf_width, width) = (nodes.digest, nodes.leaves_width(), nodes.inner_width());
    let count = addition.leaves.len() / leaf_width;
    let many: usize = addition.patches.iter().map(|(patch, _)| patch.len()).sum();
    let leaves = nodes.leaves.reserve(count)?;
    let inner = match nodes.inner.reserve(many) {
        Ok(inner) => inner,
        Err(error) => {
            nodes.leaves.unreserve(leaves);
            return Err(error);
        }
    };
    for (place, leaf) in (0..).zip(addition.leaves.chunks_exact(leaf_width)) {
        let number = leaves.get(place);
        nodes.leaves.put(number, leaf);
        if !addition.put.get(place as usize).copied().unwrap_or(true) {
            nodes.free(Ref::leaf(number));
        }
    }
    let settled = |at: Ref, base: u32| match at.kind() {
        Kind::FreshInner(number) => Ref::inner(inner.get(base + number)),
        Kind::FreshLeaf(place) => Ref::leaf(leaves.get(place)),
        Kind::FreshPage(place) => addition.pages.get(place as usize).map_or(Ref::EMPTY, |page| Ref::page(*page)),
        _ => at,
    };
    let (mut next, mut own) = (0, vec![0; width]);
    for (patch, base) in addition.patches {
        for record in patch.records.chunks_exact(width) {
            own.copy_from_slice(record);
            for right in [false, true] {
                let at = 2 * digest + if right { 4 } else { 0 };
                let child = settled(child_of(record, digest, right), *base);
                own[at..at + 4].copy_from_slice(&child.0.to_le_bytes());
            }
            nodes.inner.put(inner.get(next), &own);
            next += 1;
        }
    }
    let root = settled(addition.root, 0);
    Ok(Added { root, leaves, inner, counts: (count as u32, many as u32) })
}
