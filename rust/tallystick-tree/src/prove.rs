//! Making proofs of one leaf, of each of many, of many in one proof, and of growth: digests of nodes are copied, and
//! nothing is hashed beyond the edge.

use std::ops::Range;

use tallystick_proof::geometry::{Beside, Grid, NodeId, beside, extension_plan, start_of};
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};

use tallystick_proof::record::Record;
use tallystick_proof::scheme::Scheme;

use crate::build::{Work, grid_of};
use crate::edge::Edge;
use crate::error::TreeError;
use crate::memory::{bytes, reserved, zeroed};
use crate::nodes::{Cursor, Nodes};

/// Proofs that one task makes.
const CHUNK: usize = 1024;

/// The leaves of a batch.
#[derive(Clone, Debug)]
pub enum Selection<'a> {
    /// These indices, in this order.
    These(&'a [u64]),
    /// A range of indices.
    Range(Range<u64>),
}

impl Selection<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::These(indices) => indices.len(),
            Self::Range(range) => range.end.saturating_sub(range.start) as usize,
        }
    }

    pub(crate) fn index(&self, place: usize) -> u64 {
        match self {
            Self::These(indices) => indices[place],
            Self::Range(range) => range.start + place as u64,
        }
    }

    fn largest(&self) -> Option<u64> {
        match self {
            Self::These(indices) => indices.iter().copied().max(),
            Self::Range(range) => range.end.checked_sub(1).filter(|last| *last >= range.start),
        }
    }
}

/// What proofs are made from: the nodes of a tree as it was at one size.
pub(crate) struct Prover<'a> {
    nodes: &'a Nodes,
    levels: Vec<Level<'a>>,
    size: u64,
    grid: Grid,
    record: Record,
    width: usize,
    /// The tops of subtrees of zeros, by level, where they are sent.
    zeros: Vec<&'a [u8]>,
}

/// The nodes of one level.
struct Level<'a> {
    /// Number of full nodes; the node behind them is on the edge.
    full: u64,
    /// The full nodes' digests, where they can be read without asking.
    row: Option<&'a [u8]>,
    edge: Option<&'a [u8]>,
}

impl<'a> Prover<'a> {
    /// `edge` is that of the tree of `size` leaves.
    pub(crate) fn new(scheme: &'a Scheme, nodes: &'a Nodes, edge: &'a Edge, size: u64) -> Result<Self, TreeError> {
        let grid = grid_of(scheme)?;
        let levels = (0..grid.height(size))
            .map(|level| Level { full: grid.full(size, level), row: nodes.row(level), edge: edge.get(level) })
            .collect();
        let record = scheme.record();
        // Who does not know a leaf's place does not know which of its siblings are zeros.
        let sent = (0..grid.height(size)).filter(|_| !scheme.binds_index());
        let zeros = sent.filter_map(|level| scheme.zero(level)).collect();
        Ok(Self { nodes, levels, size, grid, record, width: record.width(), zeros })
    }

    /// Digests of a leaf's proof.
    fn path_length(&self, index: u64) -> usize {
        if self.zeros.is_empty() { self.grid.path_length(index, self.size) as usize } else { self.zeros.len() }
    }

    fn height(&self) -> u32 {
        self.levels.len() as u32
    }

    /// One proof.
    pub(crate) fn one(&self, index: u64) -> Result<InclusionProof, TreeError> {
        self.check(Some(index))?;
        let mut digests = vec![0; self.path_length(index) * self.width];
        self.copy_path(index, 0..self.height(), &mut Cursor::new(self.nodes), &mut digests)?;
        InclusionProof::new(self.record, digests).map_err(|_| TreeError::Defect("a path makes a proof"))
    }

    /// A proof of each leaf, in the selection's order. Memory of an earlier batch is used again: touching fresh pages costs more
    /// than copying the digests.
    pub(crate) fn each(
        &self,
        work: Work<'_>,
        selection: &Selection<'_>,
        used: Option<ProofBatch>,
    ) -> Result<ProofBatch, TreeError> {
        self.check(selection.largest())?;
        let length = selection.len();
        let (mut digests, mut offsets) = used.map(ProofBatch::into_parts).unwrap_or_default();
        offsets.clear();
        if offsets.capacity() <= length {
            offsets = reserved(length.saturating_add(1))?;
        }
        let mut end = 0;
        offsets.push(0);
        for place in 0..length {
            end += self.path_length(selection.index(place)) as u64;
            offsets.push(end);
        }
        // Every byte is overwritten below; fresh memory comes zeroed from the system without being touched.
        let length = bytes(end as usize, self.width)?;
        if digests.capacity() < length {
            digests = zeroed(length)?;
        }
        digests.resize(length, 0);
        let tasks = Chunks::new(&mut digests, &offsets, self.width);
        work.run.each(tasks, |(first, digests): (usize, &mut [u8])| {
            let (mut place, mut cursor) = (first, Cursor::new(self.nodes));
            let (mut begin, mut last) = (0, None);
            while begin < digests.len() {
                let index = selection.index(place);
                let (before, rest) = digests.split_at_mut(begin);
                let own = &mut rest[..self.path_length(index) * self.width];
                match last.and_then(|last| self.parting(last, index)) {
                    // A neighbour has the same siblings from some level on: they are copied in one piece.
                    Some(level) => {
                        let (own, shared) = own.split_at_mut(level as usize * self.width);
                        shared.copy_from_slice(&before[begin - shared.len()..]);
                        self.copy_path(index, 0..level, &mut cursor, own)?;
                    }
                    None => self.copy_path(index, 0..self.height(), &mut cursor, own)?,
                }
                begin += own.len();
                (place, last) = (place + 1, Some(index));
            }
            Ok::<_, TreeError>(())
        })?;
        ProofBatch::new(self.record, digests, offsets).map_err(|_| TreeError::Defect("paths make a batch"))
    }

    /// One proof of many leaves: ascending, distinct, at least one.
    pub(crate) fn many(&self, indices: Vec<u64>) -> Result<MultiProof, TreeError> {
        self.check(indices.last().copied())?;
        let plan =
            self.grid.plan(self.size, indices).ok_or(TreeError::Defect("indices are distinct and at least one"))?;
        let digests = self.digests(plan.into_iter())?;
        MultiProof::new(self.record, digests).map_err(|_| TreeError::Defect("a plan makes a proof"))
    }

    /// The proof that this tree extends its first `older` leaves. `with_start` says whether the node that the proof
    /// begins at is part of it.
    pub(crate) fn extends(&self, older: u64, with_start: bool) -> Result<ConsistencyProof, TreeError> {
        if older == 0 {
            return Err(TreeError::NothingToExtend);
        }
        let digests = if older == self.size {
            Vec::new()
        } else {
            let size = TreeError::SizeOutOfRange { asked: older, size: self.size };
            let plan = extension_plan(older, self.size).ok_or(size)?;
            let start = with_start.then(|| start_of(older));
            self.digests(start.into_iter().chain(plan.into_iter().map(|(node, _)| node)))?
        };
        ConsistencyProof::new(self.record, digests).map_err(|_| TreeError::Defect("a plan makes a proof"))
    }

    /// The records of the nodes beside a run of leaves.
    pub(crate) fn beside(&self, run: Range<u64>) -> Result<Vec<u8>, TreeError> {
        let nodes = beside(self.size, run).flat_map(Beside::each);
        self.digests(nodes.map(|node| self.grid.canonical(node, self.size)))
    }

    /// The digests of nodes by canonical name.
    fn digests(&self, nodes: impl Iterator<Item = NodeId>) -> Result<Vec<u8>, TreeError> {
        let mut digests = Vec::with_capacity(nodes.size_hint().0 * self.width);
        let mut cursor = Cursor::new(self.nodes);
        for node in nodes {
            let level = self.levels.get(node.level as usize);
            let edge = level.filter(|level| level.full == node.index).and_then(|level| level.edge);
            match edge {
                Some(edge) => digests.extend_from_slice(edge),
                None => cursor.with(node, |digest| digests.extend_from_slice(digest))?,
            }
        }
        Ok(digests)
    }

    fn check(&self, largest: Option<u64>) -> Result<(), TreeError> {
        match largest {
            Some(index) if index >= self.size => Err(TreeError::IndexOutOfRange { index, size: self.size }),
            _ => Ok(()),
        }
    }

    /// The level from which on two leaves have the same siblings, if both have one on every level below.
    fn parting(&self, left: u64, right: u64) -> Option<u32> {
        if self.grid.arity() != 2 || !self.zeros.is_empty() {
            return None; // Each is copied for itself.
        }
        let level = u64::BITS - (left ^ right).leading_zeros();
        let last = left | 1_u64.checked_shl(level)?.wrapping_sub(1);
        (last < self.size).then_some(level)
    }

    /// Copies the siblings of a leaf on some levels, from below. `out` has room for exactly as many as there are.
    fn copy_path(
        &self,
        index: u64,
        levels: Range<u32>,
        cursor: &mut Cursor<'_>,
        out: &mut [u8],
    ) -> Result<(), TreeError> {
        if self.grid.arity() != 2 || !self.zeros.is_empty() {
            return self.copy_wide_path(index, cursor, out);
        }
        let mut out = out.chunks_exact_mut(self.width);
        for level in levels {
            let Some(Level { full, row, edge }) = self.levels.get(level as usize) else { break };
            let sibling = (index >> level) ^ 1;
            let mut copy = |digest: &[u8]| match out.next() {
                Some(out) => {
                    copy_digest(digest, out);
                    Ok(())
                }
                None => Err(TreeError::Defect("a path is as long as its siblings are many")),
            };
            match (row, edge) {
                (Some(row), _) if sibling < *full => copy(&row[sibling as usize * self.width..][..self.width])?,
                (None, _) if sibling < *full => cursor.with(NodeId { level, index: sibling }, copy)??,
                (_, Some(edge)) if sibling == *full => copy(edge)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Prover<'_> {
    /// The same for nodes of more than two children, and where zeros are sent: all levels.
    fn copy_wide_path(&self, index: u64, cursor: &mut Cursor<'_>, out: &mut [u8]) -> Result<(), TreeError> {
        let (arity, mut own) = (self.grid.arity(), index);
        let mut out = out.chunks_exact_mut(self.width);
        for (level, row) in (0..).zip(&self.levels) {
            let (first, count) = (own / arity * arity, self.grid.nodes(self.size, level));
            for sibling in (first..first + arity).filter(|sibling| *sibling != own) {
                let zero = self.zeros.get(level as usize).filter(|_| sibling >= count);
                if sibling >= count && zero.is_none() {
                    break;
                }
                let out = out.next().ok_or(TreeError::Defect("a path is as long as its siblings are many"))?;
                match (zero, row.edge) {
                    (Some(zero), _) => out.copy_from_slice(zero),
                    (None, Some(edge)) if sibling == row.full => out.copy_from_slice(edge),
                    _ => cursor.with(NodeId { level, index: sibling }, |digest| out.copy_from_slice(digest))?,
                }
            }
            own /= arity;
        }
        Ok(())
    }
}

/// Copies a record; the usual sizes, without and with a sum, without a call, which is a third of a proof's cost.
fn copy_digest(digest: &[u8], out: &mut [u8]) {
    if !copy_sized::<32>(digest, out) && !copy_sized::<48>(digest, out) {
        out.copy_from_slice(digest);
    }
}

/// Copies `N` bytes, if that is how many there are.
fn copy_sized<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    match (<&[u8; N]>::try_from(from), <&mut [u8; N]>::try_from(to)) {
        (Ok(from), Ok(to)) => {
            *to = *from;
            true
        }
        _ => false,
    }
}

/// Cuts the digests of a batch into tasks of whole proofs.
pub(crate) struct Chunks<'a> {
    digests: &'a mut [u8],
    offsets: &'a [u64],
    width: usize,
    next: usize,
}

impl<'a> Chunks<'a> {
    /// Proof j owns digests `offsets[j]` to `offsets[j + 1]`.
    pub(crate) fn new(digests: &'a mut [u8], offsets: &'a [u64], width: usize) -> Self {
        Self { digests, offsets, width, next: 0 }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (usize, &'a mut [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let proofs = self.offsets.len() - 1;
        if self.next == proofs {
            return None;
        }
        let (first, end) = (self.next, proofs.min(self.next + CHUNK));
        let bytes = (self.offsets[end] - self.offsets[first]) as usize * self.width;
        let (own, rest) = std::mem::take(&mut self.digests).split_at_mut(bytes);
        (self.digests, self.next) = (rest, end);
        Some((first, own))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let chunks = (self.offsets.len() - 1 - self.next).div_ceil(CHUNK);
        (chunks, Some(chunks))
    }
}
