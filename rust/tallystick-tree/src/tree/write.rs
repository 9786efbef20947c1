//! Writing: everything is hashed aside, before anything is changed.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::namespaces::check_order;
use super::{DenseTree, State};
use crate::asking::Writing;
use crate::build::{LeafRule, build, check_size};
use crate::edge::Edge;
use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::Leaves;
use crate::nodes::Nodes;
use crate::pool::Run;
use crate::update::Update;

/// The right edge of a tree of some size, if it has been made.
type KnownEdge = Option<(u64, Arc<Edge>)>;

impl DenseTree {
    /// Puts leaves behind the last one and returns their indices.
    pub fn extend(&self, leaves: &dyn Leaves, run: Run<'_>) -> Result<Range<u64>, TreeError> {
        let (_writing, begin) = self.begin_write(run)?;
        check_size(&self.scheme, begin.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?)?;
        let added = build(self.work(run), begin, leaves, LeafRule::Hashed)?;
        let range = added.range();
        let record = self.scheme.record();
        let (before, seam, edge) = match &self.read().nodes {
            Nodes::Memory(forest) => {
                let last = begin.checked_sub(1).and_then(|index| forest.digest(NodeId { level: 0, index }));
                check_order(record, last, added.levels.first().map_or(&[], Vec::as_slice))?;
                let seam = forest.seam(&added, &self.scheme)?;
                let node = |node| forest.digest(node).or_else(|| seam.digest(node)).or_else(|| added.digest(node));
                let edge = edge_if_refusable(&self.scheme, added.end, node)?;
                (forest.total(record), seam, edge)
            }
            Nodes::Files(..) | Nodes::Queue(_) => return Err(TreeError::ReadOnly),
        };
        let total = before.zip(added.total(record)).and_then(|(before, added)| before.checked_add(added));
        total.ok_or(TreeError::SumOverflow)?;
        self.change(edge, |forest, _| forest.join(added, seam))?;
        Ok(range)
    }

    /// Replaces leaf `indices[j]` by leaf j of `leaves`, for all j at once.
    pub fn update(&self, indices: &[u64], leaves: &dyn Leaves, run: Run<'_>) -> Result<(), TreeError> {
        if self.scheme.record().namespace_size().is_some() {
            return Err(TreeError::InOrder(self.scheme.name()));
        }
        let _writing = self.begin_write(run)?;
        let (update, edge) = match &self.read().nodes {
            Nodes::Memory(forest) => {
                let update = Update::new(self.work(run), forest, indices, leaves)?;
                let node = |node| update.digest(node, forest.width).or_else(|| forest.digest(node));
                let edge = edge_if_refusable(&self.scheme, forest.end, node)?;
                (update, edge)
            }
            Nodes::Files(..) | Nodes::Queue(_) => return Err(TreeError::ReadOnly),
        };
        self.change(edge, |forest, updates| {
            update.apply(forest);
            *updates += 1;
            Ok(())
        })
    }

    /// Waits for other writers and gives the number of leaves there are.
    fn begin_write(&self, run: Run<'_>) -> Result<(Writing<'_>, u64), TreeError> {
        if !self.turns.called_again() && !self.scheme.appendable() {
            return Err(TreeError::NotAppendable(self.scheme.name()));
        }
        let writing = self.turns.write(run)?;
        match &self.read().nodes {
            Nodes::Memory(forest) => Ok((writing, forest.end)),
            Nodes::Files(..) | Nodes::Queue(_) => Err(TreeError::ReadOnly),
        }
    }

    /// Changes the nodes, and with them the edge that is known.
    fn change(
        &self,
        known: KnownEdge,
        change: impl FnOnce(&mut Forest, &mut u64) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        let mut state = self.state.write();
        let State { nodes, edge, updates } = &mut *state;
        *edge.get_mut() = None;
        match nodes {
            Nodes::Memory(forest) => change(forest, updates)?,
            Nodes::Files(..) | Nodes::Queue(_) => return Err(TreeError::ReadOnly),
        }
        *edge.get_mut() = known;
        Ok(())
    }
}

/// The edge of a tree of `size` leaves, where a hash of others may refuse one of its nodes or the root: no leaf is taken
/// that has no head. Built-in hashes take everything, so for them the edge waits until it is asked for.
pub(super) fn edge_if_refusable<'a>(
    scheme: &Scheme,
    size: u64,
    digest: impl Fn(NodeId) -> Option<&'a [u8]>,
) -> Result<KnownEdge, TreeError> {
    if !scheme.hash().is_foreign() {
        return Ok(None);
    }
    let full = |node| digest(node).map(Cow::Borrowed).ok_or(TreeError::Defect("the edge stands on full nodes"));
    let edge = Edge::new(scheme, size, full)?;
    TreeHead::of_top(scheme.clone(), size, edge.top(size, full)?.as_deref())?;
    Ok(Some((size, Arc::new(edge))))
}
