//! Trees whose leaves and nodes stand in one queue, the leaves ascending by digest: see [`tallystick_proof::geometry::queue`].
//!
//! They are made once, of all their leaves. Whoever asks for a leaf names it by where it was given.

use tallystick_proof::frame::Places;
use tallystick_proof::geometry::queue;
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::scheme::Scheme;

use crate::build::{LeafRule, Work, check_size, leaf_level};
use crate::error::TreeError;
use crate::leaves::Leaves;
use crate::memory::{bytes, give_back, reserved, room, zeroed};
use crate::order::sorted;
use crate::prove::{Chunks, Selection};

/// Digests that one task makes or copies.
const CHUNK: usize = 1 << 12;

/// All digests of a tree, and where its leaves stand.
#[derive(Debug)]
pub(crate) struct Queue {
    width: usize,
    row: Vec<u8>,
    /// `places[i]` is where leaf i stands.
    places: Vec<u32>,
}

impl Drop for Queue {
    fn drop(&mut self) {
        give_back(std::mem::take(&mut self.row));
    }
}

impl Queue {
    /// The tree over `leaves`. Sorting them costs 28 bytes a leaf.
    pub(crate) fn new(work: Work<'_>, leaves: &dyn Leaves, rule: LeafRule) -> Result<Self, TreeError> {
        let size = leaves.len();
        check_size(work.scheme, size as u64)?;
        u32::try_from(size).map_err(|_| TreeError::TooManyLeaves)?;
        let scheme = work.scheme;
        let width = scheme.width();
        let given = leaf_level(work, 0, leaves, rule)?;
        let order = ascending(work, &given)?;
        let mut row = room(bytes(queue::nodes(size as u64) as usize, width)?)?;
        let (own, nodes) = row.split_at_mut(size * width);
        let pairs = size / 2 * width;
        // The first nodes are made of leaves that are in the cache still.
        let made = nodes[..pairs].chunks_mut(CHUNK / 2 * width).map(Some).chain([None]);
        let tasks = own.chunks_mut(CHUNK * width).zip(order.chunks(CHUNK)).zip(made);
        work.run.each(tasks, |((leaves, order), made)| {
            gather(&given, width, order, leaves);
            made.map_or(Ok(()), |made| parents(scheme, &leaves[..2 * made.len()], made))
        })?;
        give_back(given);
        let nodes = nodes.len() / width;
        hash_up(work, &mut row, size, nodes)?;
        let mut places = order.clone();
        for (place, leaf) in (0..).zip(&order) {
            places[*leaf as usize] = place;
        }
        Ok(Self { width, row, places })
    }

    pub(crate) fn size(&self) -> u64 {
        self.places.len() as u64
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The topmost node.
    pub(crate) fn top(&self) -> &[u8] {
        &self.row[self.row.len() - self.width..]
    }

    /// The digests of the leaves as they were given.
    pub(crate) fn leaf_digests(&self) -> Vec<u8> {
        self.places.iter().flat_map(|place| self.digest((*place).into())).copied().collect()
    }

    fn digest(&self, place: u64) -> &[u8] {
        &self.row[place as usize * self.width..][..self.width]
    }

    fn siblings(&self, index: u64) -> Result<impl Iterator<Item = u64>, TreeError> {
        let out = TreeError::IndexOutOfRange { index, size: self.size() };
        let place = *self.places.get(index as usize).ok_or(out)?;
        Ok(queue::siblings(self.size(), place.into()))
    }

    /// The proof of a leaf.
    pub(crate) fn one(&self, index: u64) -> Result<InclusionProof, TreeError> {
        let digests = self.siblings(index)?.flat_map(|place| self.digest(place)).copied().collect();
        InclusionProof::new(self.width, digests).map_err(|_| TreeError::Defect("a path makes a proof"))
    }

    /// A proof of each leaf, in the selection's order.
    pub(crate) fn each(
        &self,
        work: Work<'_>,
        selection: &Selection<'_>,
        used: Option<ProofBatch>,
    ) -> Result<ProofBatch, TreeError> {
        let (mut digests, mut offsets) = used.map(ProofBatch::into_parts).unwrap_or_default();
        offsets.clear();
        if offsets.capacity() <= selection.len() {
            offsets = reserved(selection.len().saturating_add(1))?;
        }
        offsets.push(0);
        let mut end = 0;
        for place in 0..selection.len() {
            end += self.siblings(selection.index(place))?.count() as u64;
            offsets.push(end);
        }
        let length = bytes(end as usize, self.width)?;
        if digests.capacity() < length {
            digests = zeroed(length)?;
        }
        digests.resize(length, 0);
        let tasks = Chunks::new(&mut digests, &offsets, self.width);
        work.run.each(tasks, |(first, digests): (usize, &mut [u8])| {
            let (mut place, mut out) = (first, digests.chunks_exact_mut(self.width));
            while out.len() > 0 {
                for sibling in self.siblings(selection.index(place))? {
                    let out = out.next().ok_or(TreeError::Defect("a path is as long as its siblings are many"))?;
                    out.copy_from_slice(self.digest(sibling));
                }
                place += 1;
            }
            Ok::<_, TreeError>(())
        })?;
        ProofBatch::new(self.width, digests, offsets).map_err(|_| TreeError::Defect("paths make a batch"))
    }
}

/// The leaves in ascending order of their digests; equal ones as they were given.
fn ascending(work: Work<'_>, digests: &[u8]) -> Result<Vec<u32>, TreeError> {
    let width = work.scheme.width();
    let digest = |leaf: u32| &digests[leaf as usize * width..][..width];
    let prefixes: Vec<u64> = digests
        .chunks_exact(width)
        .map(|digest| digest.first_chunk().map_or(0, |prefix| u64::from_be_bytes(*prefix)))
        .collect();
    sorted::<TreeError>(&prefixes, work.run, |equal| {
        equal.sort_by(|left, right| digest(*left).cmp(digest(*right)));
        Ok(())
    })
}

/// Copies digests in this order.
fn gather(given: &[u8], width: usize, order: &[u32], out: &mut [u8]) {
    if width == 32 {
        let given = given.as_chunks::<32>().0;
        for (out, leaf) in out.as_chunks_mut::<32>().0.iter_mut().zip(order) {
            *out = given[*leaf as usize];
        }
        return;
    }
    for (out, leaf) in out.chunks_exact_mut(width).zip(order) {
        out.copy_from_slice(&given[*leaf as usize * width..][..width]);
    }
}

/// Makes nodes of their children.
fn parents(scheme: &Scheme, children: &[u8], parents: &mut [u8]) -> Result<(), TreeError> {
    // No node of a queue states its place.
    Ok(scheme.nodes(1, Places::From(0), children, parents)?)
}

/// Makes the other nodes of a queue whose leaves are there, and the nodes above two leaves each: as many at a time as have
/// their children.
fn hash_up(work: Work<'_>, row: &mut [u8], leaves: usize, nodes: usize) -> Result<(), TreeError> {
    let scheme = work.scheme;
    let width = scheme.width();
    let (mut taken, mut made) = (leaves / 2 * 2, leaves / 2);
    while made < nodes {
        let next = (leaves + made - taken) / 2;
        let (below, above) = row.split_at_mut((leaves + made) * width);
        let (children, above) = (&below[taken * width..][..2 * next * width], &mut above[..next * width]);
        let tasks = children.chunks(2 * CHUNK * width).zip(above.chunks_mut(CHUNK * width));
        work.run.each(tasks, |(children, above)| parents(scheme, children, above))?;
        (taken, made) = (taken + 2 * next, made + next);
    }
    Ok(())
}
