//! Where nodes with one child are hashed as runs.

use alloc::vec;
use alloc::vec::Vec;

use super::check_siblings;
use super::shape::{Claimed, Leaf, Node, Row, Shape, digest};
use crate::head::TreeHead;
use crate::scheme::{Foot, Scheme};
use crate::sparse::{KEY_SIZE, SparseProof, bit};
use crate::verify::{Bulk, Refusal, check_root};

/// The foot that a marked path states, if its run begins on the way of a key, at this depth, and leaves it.
pub(super) fn foot_beside(path: &[u8], key: &[u8], depth: u16) -> Option<Foot> {
    let foot = Foot::of_marked(path)?;
    let parts = foot.agrees(key, depth.into()) && !foot.agrees(key, foot.depth.into());
    (foot.depth > depth && parts).then_some(foot)
}

/// Hashes upwards from the foot at the end of a key's path.
pub(super) fn check_path(
    head: &TreeHead,
    key: &[u8],
    mut foot: Foot,
    end: &[u8],
    proof: &SparseProof,
) -> Result<(), Refusal> {
    let scheme = head.scheme();
    check_siblings(scheme, proof)?;
    let mut known = end.to_vec();
    let mut siblings = proof.digests().bytes().chunks_exact(scheme.digest_size());
    for depth in (1..=u32::from(proof.depth())).rev() {
        let above = depth.saturating_sub(1);
        if !bit(proof.bitmap(), above) {
            continue;
        }
        scheme.run_up(&[(foot, depth)], &mut known)?;
        let sibling = siblings.next().ok_or(Refusal::Defect("a proof has a digest for each sibling"))?;
        let pair = if bit(key, above) { [sibling, &known] } else { [&known, sibling] }.concat();
        foot = Foot::new(above, key);
        scheme.forks(&[foot], &pair, &mut known)?;
    }
    scheme.run_up(&[(foot, 0)], &mut known)?;
    check_root("the head", head, &known)
}

/// Whether a witness states a foot beside the way of a key, whose sibling at this depth is empty.
pub(super) fn is_beside(path: &[u8], key: &[u8], depth: u32) -> bool {
    let parting = depth.saturating_sub(1);
    Foot::of_marked(path)
        .is_some_and(|foot| u32::from(foot.depth) >= depth && foot.agrees(key, parting) && !foot.agrees(key, depth))
}

/// Subtrees, each by its foot and that one's digest.
#[derive(Default)]
struct Feet {
    feet: Vec<Foot>,
    digests: Vec<u8>,
}

impl Feet {
    fn push(&mut self, foot: Foot, digest: &[u8]) {
        self.feet.push(foot);
        self.digests.extend_from_slice(digest);
    }
}

/// What a proof and its claims give to hash.
pub(super) struct Given<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) shape: &'a Shape,
    pub(super) claimed: &'a [Claimed],
    /// Digests of leaves, in the order of their keys.
    pub(super) leaves: &'a [u8],
    pub(super) witnesses: &'a [u8],
    pub(super) digests: &'a [u8],
}

/// What a child is.
enum Child<'a> {
    Empty,
    Sent(&'a [u8]),
    Known(Foot, &'a [u8]),
}

impl<'a> Given<'a> {
    /// Hashes upwards. `None` if something is not there that the walk has found.
    pub(super) fn fold(&self, bulk: &impl Bulk) -> Result<Option<Vec<u8>>, Refusal> {
        let mut below = Feet::default();
        for (depth, row) in self.shape.rows.iter().enumerate().rev().filter(|(_, row)| !row.nodes.is_empty()) {
            bulk.go_on()?;
            let Some(above) = self.row(depth as u32, row, &below)? else { return Ok(None) };
            below = above;
        }
        if self.shape.top == Node::EMPTY {
            return Ok(Some(self.scheme.empty_subtree(0).to_vec()));
        }
        let top = match self.shape.top {
            Node::LEAF => self.leaf(0),
            _ => below.feet.first().map(|foot| (*foot, below.digests.as_slice())),
        };
        let Some((foot, digest)) = top else { return Ok(None) };
        let mut digest = digest.to_vec();
        self.scheme.run_up(&[(foot, 0)], &mut digest)?;
        Ok(Some(digest))
    }

    /// The nodes of one depth.
    fn row(&self, depth: u32, row: &Row, below: &Feet) -> Result<Option<Feet>, Refusal> {
        let size = self.scheme.digest_size();
        let (mut subtrees, mut children) = (Vec::new(), Vec::new());
        let (mut inner, mut own) = (below.feet.iter().zip(below.digests.chunks_exact(size)), row.leaves.iter());
        let (mut sent, mut feet, mut keys) = (row.sent.iter(), row.feet.iter(), row.keys.iter());
        let mut nodes = Vec::with_capacity(row.nodes.len());
        for both in &row.nodes {
            let mut pair = [const { Child::Empty }; 2];
            for (child, node) in pair.iter_mut().zip(both.both()) {
                let found = match node {
                    Node::INNER => inner.next().map(|(foot, digest)| Child::Known(*foot, digest)),
                    Node::LEAF => {
                        own.next().and_then(|place| self.leaf(*place)).map(|(foot, digest)| Child::Known(foot, digest))
                    }
                    Node::FOOT => {
                        feet.next().and_then(|place| self.foot(*place)).map(|(foot, digest)| Child::Known(foot, digest))
                    }
                    Node::SENT => sent.next().and_then(|place| digest(self.digests, *place, size)).map(Child::Sent),
                    _ => Some(Child::Empty),
                };
                let Some(found) = found else { return Ok(None) };
                *child = found;
            }
            let Some(key) = keys.next().and_then(|place| self.claimed.get(*place)) else { return Ok(None) };
            nodes.push(match pair {
                [Child::Known(foot, digest), Child::Empty] | [Child::Empty, Child::Known(foot, digest)] => {
                    Ok((foot, digest.to_vec()))
                }
                pair => {
                    for child in pair {
                        let (foot, digest) = match child {
                            // As it is.
                            Child::Sent(digest) => (Foot { depth: 0, path: [0; 32] }, digest),
                            Child::Known(foot, digest) => (foot, digest),
                            Child::Empty => return Ok(None),
                        };
                        subtrees.push((foot, depth.saturating_add(1)));
                        children.extend_from_slice(digest);
                    }
                    Err(Foot::new(depth, key.key.bytes().as_flattened()))
                }
            });
        }
        self.scheme.run_up(&subtrees, &mut children)?;
        let forks: Vec<Foot> = nodes.iter().filter_map(|node| node.as_ref().err()).copied().collect();
        let mut made = vec![0; forks.len().saturating_mul(size)];
        self.scheme.forks(&forks, &children, &mut made)?;
        let mut made = made.chunks_exact(size);
        let mut above = Feet::default();
        for node in &nodes {
            match node {
                Ok((foot, digest)) => above.push(*foot, digest),
                Err(fork) => match made.next() {
                    Some(digest) => above.push(*fork, digest),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(above))
    }

    fn leaf(&self, place: usize) -> Option<(Foot, &'a [u8])> {
        let width = self.scheme.digest_size();
        let key = match self.shape.leaves.get(place)? {
            Leaf::Claimed(claim) => self.claimed.get(*claim)?.key.bytes(),
            Leaf::Witness(witness) => {
                let (key, _) = self.witness(*witness)?;
                return Some((Foot::new(self.scheme.key_bits(), key), digest(self.leaves, place, width)?));
            }
        };
        Some((Foot::new(self.scheme.key_bits(), key.as_flattened()), digest(self.leaves, place, width)?))
    }

    fn foot(&self, witness: usize) -> Option<(Foot, &'a [u8])> {
        let (path, digest) = self.witness(witness)?;
        Some((Foot::of_marked(path)?, digest))
    }

    fn witness(&self, place: usize) -> Option<(&'a [u8], &'a [u8])> {
        digest(self.witnesses, place, self.scheme.digest_size().saturating_add(KEY_SIZE))?.split_at_checked(KEY_SIZE)
    }
}
