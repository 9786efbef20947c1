//! The dense tree: leaves in a row, readable from many threads while one writes.
//!
//! A write hashes aside and then takes the lock for as long as copying takes, so a failed or interrupted write leaves
//! the tree as it was, and every proof belongs to exactly one head.

mod namespaces;
mod write;

use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::scheme::Scheme;

use crate::asking::{Reading, Turns};
use crate::build::{LeafRule, Work, build, check_size};
use crate::edge::Edge;
use crate::error::TreeError;
use crate::file::{FileSet, Target, save};
use crate::leaves::Leaves;
use crate::memory::{bytes, zeroed};
use crate::nodes::{Cursor, Nodes, SharedLeaves};
use crate::pool::Run;
use crate::prove::{Prover, Selection};
use crate::queue::Queue;
use crate::shard::Shard;

pub use namespaces::OfNamespace;
use namespaces::check_order;
use write::edge_if_refusable;

/// Which proofs of a batch are asked for.
#[derive(Clone, Debug)]
pub enum Wanted<'a> {
    /// Every leaf of the head.
    All,
    /// These.
    These(Selection<'a>),
}

/// A head that later calls refer to, with what tells cheaply whether the tree still has it.
#[derive(Clone, Debug)]
pub struct Anchor {
    head: TreeHead,
    updates: u64,
}

impl Anchor {
    /// The head.
    pub fn head(&self) -> &TreeHead {
        &self.head
    }
}

/// The head of the tree over `leaves`, which is not kept; where nodes lie in rows, not even made in one piece.
pub fn head_of_leaves(work: Work<'_>, leaves: &dyn Leaves) -> Result<TreeHead, TreeError> {
    if work.scheme.grid().is_none() {
        return DenseTree::new(work.scheme.clone(), leaves, LeafRule::Hashed, work.run)?.head();
    }
    check_size(work.scheme, leaves.len() as u64)?;
    Shard::of_leaves(work, 0, leaves)?.head()
}

/// A tree over leaves in a row.
#[derive(Debug)]
pub struct DenseTree {
    scheme: Scheme,
    turns: Turns,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    nodes: Nodes,
    /// The right edge that was made last, and of which size.
    edge: Mutex<Option<(u64, Arc<Edge>)>>,
    /// Counts replacements of leaves. Appending makes no earlier head stale, so an anchor whose count is still this one
    /// needs no look at the nodes.
    updates: u64,
}

impl DenseTree {
    /// The tree over `leaves`.
    pub fn new(scheme: Scheme, leaves: &dyn Leaves, rule: LeafRule, run: Run<'_>) -> Result<Self, TreeError> {
        let work = Work::new(&scheme, run);
        if scheme.grid().is_none() {
            let queue = Queue::new(work, leaves, rule)?;
            return Ok(Self::of_nodes(scheme, Nodes::Queue(queue)));
        }
        check_size(&scheme, leaves.len() as u64)?;
        let forest = build(work, 0, leaves, rule)?;
        // Amounts may add to too much where no full node adds them.
        forest.total(scheme.record()).ok_or(TreeError::SumOverflow)?;
        check_order(scheme.record(), None, forest.levels.first().map_or(&[], Vec::as_slice))?;
        let edge = edge_if_refusable(&scheme, forest.end, |node| forest.digest(node))?;
        let mut tree = Self::of_nodes(scheme, Nodes::Memory(forest));
        *tree.state.get_mut().edge.get_mut() = edge;
        Ok(tree)
    }

    /// The tree in some files, read-only. `leaves` are those that it is made of: proofs below the lowest level that the
    /// files keep are made from them.
    pub fn of_files(files: FileSet, leaves: Option<Box<dyn Leaves + Send + Sync>>) -> Result<Self, TreeError> {
        if let Some(leaves) = leaves.as_ref().filter(|leaves| leaves.len() as u64 != files.size()) {
            return Err(TreeError::LeafCount { found: leaves.len() as u64, size: files.size() });
        }
        let tree = Self::of_nodes(files.scheme().clone(), Nodes::Files(files, leaves.map(SharedLeaves)));
        if tree.scheme.record().is_summed() {
            tree.head()?; // Files that can each be may have no total together.
        }
        Ok(tree)
    }

    fn of_nodes(scheme: Scheme, nodes: Nodes) -> Self {
        Self {
            scheme,
            turns: Turns::default(),
            state: RwLock::new(State { nodes, edge: Mutex::new(None), updates: 0 }),
        }
    }

    fn work<'a>(&'a self, run: Run<'a>) -> Work<'a> {
        Work::new(&self.scheme, run)
    }

    fn read(&self) -> Reading<'_, State> {
        self.turns.read(&self.state, &self.scheme)
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.read().nodes.size()
    }

    /// The head of all leaves.
    pub fn head(&self) -> Result<TreeHead, TreeError> {
        let state = self.read();
        self.head_of(&state, state.nodes.size())
    }

    /// The head of the first `size` leaves as they are now. At most 64 hashes.
    pub fn head_at(&self, size: u64) -> Result<TreeHead, TreeError> {
        if !self.scheme.appendable() {
            return Err(TreeError::NotAppendable(self.scheme.name()));
        }
        let state = self.read();
        self.head_of(&state, size)
    }

    fn head_of(&self, state: &State, size: u64) -> Result<TreeHead, TreeError> {
        if size > state.nodes.size() {
            return Err(TreeError::SizeOutOfRange { asked: size, size: state.nodes.size() });
        }
        if let Nodes::Queue(queue) = &state.nodes {
            return Ok(TreeHead::of_top(self.scheme.clone(), size, Some(queue.top()))?);
        }
        let top = self.edge(state, size)?.top(size, |node| Cursor::new(&state.nodes).digest(node))?;
        Ok(TreeHead::of_top(self.scheme.clone(), size, top.as_deref())?)
    }

    /// The right edge of the tree of the first `size` leaves. Readers do not wait for each other.
    fn edge(&self, state: &State, size: u64) -> Result<Arc<Edge>, TreeError> {
        if let Some(last) = state.edge.try_lock()
            && let Some((of, edge)) = &*last
            && *of == size
        {
            return Ok(edge.clone());
        }
        let mut cursor = Cursor::new(&state.nodes);
        let edge = Arc::new(Edge::new(&self.scheme, size, |node| cursor.digest(node))?);
        if let Some(mut last) = state.edge.try_lock() {
            *last = Some((size, edge.clone()));
        }
        Ok(edge)
    }

    /// The size of the head that a call is about: the one given, if the tree has it, or the present one.
    fn size_for(&self, state: &State, head: Option<&TreeHead>) -> Result<u64, TreeError> {
        let Some(head) = head else { return Ok(state.nodes.size()) };
        let stale = |why| TreeError::StaleHead { asked: head.size(), size: state.nodes.size(), why };
        if *head.scheme() != self.scheme {
            return Err(stale("its scheme is another"));
        }
        if head.size() > state.nodes.size() {
            return Err(stale("it is of a larger tree"));
        }
        if !self.scheme.appendable() && head.size() < state.nodes.size() {
            return Err(stale("trees of its scheme do not grow"));
        }
        if self.head_of(state, head.size())? != *head {
            return Err(stale("the tree's root at that size is another"));
        }
        Ok(head.size())
    }

    /// The proof of a leaf, for `head` or the present one.
    pub fn prove(&self, index: u64, head: Option<&TreeHead>) -> Result<InclusionProof, TreeError> {
        let state = self.read();
        let size = self.size_for(&state, head)?;
        match &state.nodes {
            Nodes::Queue(queue) => queue.one(index),
            nodes => Prover::new(&self.scheme, nodes, &*self.edge(&state, size)?, size)?.one(index),
        }
    }

    /// The proofs of many leaves, for `head` or the present one.
    pub fn prove_each(
        &self,
        wanted: Wanted<'_>,
        head: Option<&TreeHead>,
        run: Run<'_>,
    ) -> Result<ProofBatch, TreeError> {
        let state = self.read();
        let _asking = self.turns.ask();
        let size = self.size_for(&state, head)?;
        let selection = match wanted {
            Wanted::All => Selection::Range(0..size),
            Wanted::These(selection) => selection,
        };
        self.each(&state, size, &selection, None, run)
    }

    fn each(
        &self,
        state: &State,
        size: u64,
        selection: &Selection<'_>,
        used: Option<ProofBatch>,
        run: Run<'_>,
    ) -> Result<ProofBatch, TreeError> {
        let work = self.work(run);
        match &state.nodes {
            Nodes::Queue(queue) => queue.each(work, selection, used),
            nodes => Prover::new(&self.scheme, nodes, &*self.edge(state, size)?, size)?.each(work, selection, used),
        }
    }

    /// One proof of many leaves together, for `head` or the present one. `indices` are distinct and at least one, in any
    /// order.
    pub fn prove_many(&self, mut indices: Vec<u64>, head: Option<&TreeHead>) -> Result<MultiProof, TreeError> {
        if !self.scheme.binds_index() {
            return Err(TreeError::NoMultiProofs(self.scheme.name()));
        }
        indices.sort_unstable();
        if indices.is_empty() {
            return Err(TreeError::NoIndices);
        }
        if let Some(pair) = indices.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TreeError::DuplicateIndex(pair[0]));
        }
        let state = self.read();
        let size = self.size_for(&state, head)?;
        Prover::new(&self.scheme, &state.nodes, &*self.edge(&state, size)?, size)?.many(indices)
    }

    /// The proof that `head` or the present one extends the head of the first `older` leaves.
    pub fn prove_extends(&self, older: u64, head: Option<&TreeHead>) -> Result<ConsistencyProof, TreeError> {
        self.extends(head, |_| Ok(older))
    }

    /// The same for an older head, which must be the tree's own at its size.
    pub fn prove_extends_head(&self, older: &TreeHead, head: Option<&TreeHead>) -> Result<ConsistencyProof, TreeError> {
        self.extends(head, |state| self.size_for(state, Some(older)))
    }

    fn extends(
        &self,
        head: Option<&TreeHead>,
        older: impl FnOnce(&State) -> Result<u64, TreeError>,
    ) -> Result<ConsistencyProof, TreeError> {
        if !self.scheme.proves_growth() {
            return Err(TreeError::NoGrowth(self.scheme.name()));
        }
        let state = self.read();
        let size = self.size_for(&state, head)?;
        let older = older(&state)?;
        Prover::new(&self.scheme, &state.nodes, &*self.edge(&state, size)?, size)?
            .extends(older, self.scheme.sends_start(older))
    }

    /// Remembers `head` or the present one for [`prove_anchored`](Self::prove_anchored).
    pub fn anchor(&self, head: Option<&TreeHead>) -> Result<Anchor, TreeError> {
        let state = self.read();
        let size = self.size_for(&state, head)?;
        let head = head.map_or_else(|| self.head_of(&state, size), |head| Ok(head.clone()))?;
        Ok(Anchor { head, updates: state.updates })
    }

    /// Proofs for an anchored head, while its leaves stand. `used` gives its memory away.
    pub fn prove_anchored(
        &self,
        selection: &Selection<'_>,
        anchor: &Anchor,
        used: Option<ProofBatch>,
        run: Run<'_>,
    ) -> Result<ProofBatch, TreeError> {
        let state = self.read();
        let _asking = self.turns.ask();
        if state.updates != anchor.updates {
            self.size_for(&state, Some(&anchor.head))?;
        }
        self.each(&state, anchor.head.size(), selection, used, run)
    }

    /// The digests of all leaves, one behind the other.
    pub fn leaf_digests(&self) -> Result<Vec<u8>, TreeError> {
        let state = self.read();
        if let Nodes::Queue(queue) = &state.nodes {
            return Ok(queue.leaf_digests());
        }
        let mut digests = zeroed(bytes(state.nodes.size() as usize, self.scheme.width())?)?;
        state.nodes.copy(NodeId { level: 0, index: 0 }, &mut digests)?;
        Ok(digests)
    }

    /// Copies what is stored of full nodes of one level, from `first` on, as many as `out` takes.
    pub fn copy_nodes(&self, first: NodeId, out: &mut [u8]) -> Result<(), TreeError> {
        self.read().nodes.copy(first, out)
    }

    /// The amounts of some leaves, in their order; 0 for each where leaves have none.
    pub fn amounts(&self, indices: &[u64]) -> Result<Vec<u128>, TreeError> {
        let state = self.read();
        let (size, record) = (state.nodes.size(), self.scheme.record());
        let mut cursor = Cursor::new(&state.nodes);
        let amount = |&index: &u64| {
            if index >= size {
                return Err(TreeError::IndexOutOfRange { index, size });
            }
            cursor.with(NodeId { level: 0, index }, |leaf| record.split(leaf).1)
        };
        indices.iter().map(amount).collect()
    }

    /// Writes the tree file; see [`crate::file`]. Writers wait meanwhile.
    pub fn save(&self, target: Target, run: Run<'_>) -> Result<(), TreeError> {
        let state = self.read();
        let _asking = self.turns.ask();
        let head = self.head_of(&state, state.nodes.size())?;
        save(&state.nodes, &head, target, run)
    }

    /// Checks every page of the tree's files; nothing to do for a tree in memory.
    pub fn check(&self, run: Run<'_>) -> Result<(), TreeError> {
        let state = self.read();
        let _asking = self.turns.ask();
        match &state.nodes {
            Nodes::Memory(_) | Nodes::Queue(_) => Ok(()),
            Nodes::Files(files, _) => files.check(run),
        }
    }
}
