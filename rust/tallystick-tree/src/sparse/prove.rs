//! Proofs of one key, and of many together: `docs/spec/sparse.md`.

use std::ops::Range;

use tallystick_proof::scheme::Scheme;
use tallystick_proof::sparse::{End, SparseMultiProof, SparseProof};

use super::nodes::{Kind, Nodes, Ref, bit};
use super::page::Place;
use super::patch::lifted;
use super::tree::{At, SparseTree, State, Version, prefix};
use crate::error::TreeError;
use crate::order::sorted;
use crate::poll::Poll;
use crate::pool::Run;

/// Bits in the order of a key's.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.count.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut().filter(|_| bit) {
            *last |= 128 >> (self.count % 8);
        }
        self.count += 1;
    }
}

impl SparseTree {
    /// The proof of a key, present or absent.
    pub fn prove(&self, key: &[u8], at: At<'_>, run: Run<'_>) -> Result<SparseProof, TreeError> {
        self.check_key(key)?;
        self.with_ways(&[key], at, run, |state, version| prove_one(self.scheme(), &state.nodes, version.root, key))
    }

    /// One proof of many keys, which lie one behind the other; present or absent, in any order.
    pub fn prove_many(&self, keys: &[u8], at: At<'_>, run: Run<'_>) -> Result<SparseMultiProof, TreeError> {
        let size = self.scheme().key_size();
        let key_at = |place: u32| &keys[place as usize * size..][..size];
        let prefixes: Vec<u64> = keys.chunks_exact(size).map(prefix).collect();
        if prefixes.is_empty() {
            return Err(TreeError::NoKeys);
        }
        let order = sorted(&prefixes, run, |places| {
            places.sort_unstable_by_key(|place| key_at(*place));
            let twice = places.windows(2).find(|pair| key_at(pair[0]) == key_at(pair[1]));
            twice.map_or(Ok(()), |pair| Err(TreeError::KeyTwice(key_at(pair[0]).to_vec())))
        })?;
        let keys: Vec<&[u8]> = order.iter().map(|place| key_at(*place)).collect();
        self.with_ways(&keys, at, run, |state, version| {
            let _asking = self.turns().ask();
            prove_together(self.scheme(), state, version, &keys, run)
        })
    }
}

/// One proof of keys that ascend.
fn prove_together(
    scheme: &Scheme,
    state: &State,
    version: &Version,
    keys: &[&[u8]],
    run: Run<'_>,
) -> Result<SparseMultiProof, TreeError> {
    let mut present = Vec::with_capacity(keys.len() + 1);
    let mut count = 0_usize;
    present.push(count);
    for key in keys {
        count += usize::from(state.nodes.find(version.root, key).is_some());
        present.push(count);
    }
    let mut walk = Walk {
        scheme,
        nodes: &state.nodes,
        size: version.head.size(),
        keys,
        present: &present,
        shape: Bits::default(),
        witnesses: Vec::new(),
        digests: Vec::new(),
        poll: Poll::new(run),
    };
    walk.visit(state.nodes.read_as(version.root), 0, 0..keys.len(), Sibling::Unknown)?;
    let (shape, witnesses, digests) = (walk.shape.bytes, walk.witnesses, walk.digests);
    SparseMultiProof::new(scheme.digest_size(), shape, witnesses, digests)
        .map_err(|_| TreeError::Defect("a multi-proof that was made is one"))
}

fn prove_one(scheme: &Scheme, nodes: &Nodes, root: Ref, key: &[u8]) -> Result<SparseProof, TreeError> {
    let (mut bitmap, mut beside) = (Bits::default(), Vec::new());
    let (mut at, mut depth) = (nodes.read_as(root), 0);
    while let Kind::Inner(number) = at.kind() {
        let right = bit(key, depth);
        let full = nodes.child(number, !right) != Ref::EMPTY;
        bitmap.push(full);
        if full {
            beside.push((number, depth, !right));
        }
        at = nodes.child(number, right);
        depth += 1;
    }
    let mut digests = Vec::with_capacity((beside.len() + 1) * nodes.digest);
    let (mut end, mut witness) = (End::Empty, Vec::new());
    if let Some((number, parting, right)) = beside.last().copied().filter(|_| nodes.runs && at == Ref::EMPTY) {
        // The way ends where the run begins.
        let foot = nodes.foot(nodes.child(number, right), Place::of(key, parting).child(right));
        (end, witness) = (End::Run, [&foot.marked(), nodes.child_digest(number, right)].concat());
        beside.pop();
        depth = beside.last().map_or(0, |(_, parting, _)| parting + 1);
        bitmap = Bits::default();
        let mut sent = beside.iter().map(|(_, parting, _)| *parting).peekable();
        (0..depth).for_each(|depth| bitmap.push(sent.next_if_eq(&depth).is_some()));
    }
    if let Kind::Leaf(leaf) = at.kind() {
        if nodes.leaf_key(leaf) == key {
            end = End::Present;
        } else if scheme.is_full() {
            // The other leaf is at the bottom: its subtree is a sibling where the ways part.
            let parting = nodes.common_with(leaf, key);
            (depth..parting).for_each(|_| bitmap.push(false));
            bitmap.push(true);
            digests = lifted(scheme, &[nodes.leaf_key(leaf)], &[parting + 1], nodes.leaves.get(leaf))?;
            depth = parting + 1;
        } else {
            end = End::Other;
            witness = nodes.leaves.get(leaf).to_vec();
        }
    }
    if scheme.is_full() && root != Ref::EMPTY {
        (depth..scheme.key_bits()).for_each(|_| bitmap.push(false));
        depth = scheme.key_bits();
    }
    for (number, depth, right) in beside.into_iter().rev() {
        nodes.put_child(scheme, (number, right), (key, depth), &mut digests)?;
    }
    SparseProof::new(nodes.digest, end.code(), depth as u16, bitmap.bytes, digests, witness)
        .map_err(|_| TreeError::Defect("a proof that was made is one"))
}

/// What is known of the other child of a node's parent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sibling {
    Unknown,
    Empty,
    Leaf,
}

/// The walk of `docs/spec/sparse.md`, which writes down what a verifier cannot know.
struct Walk<'a> {
    scheme: &'a Scheme,
    nodes: &'a Nodes,
    size: u64,
    keys: &'a [&'a [u8]],
    /// How many of the first keys are present.
    present: &'a [usize],
    shape: Bits,
    witnesses: Vec<u8>,
    digests: Vec<u8>,
    poll: Poll<'a>,
}

impl Walk<'_> {
    fn visit(&mut self, at: Ref, depth: u32, keys: Range<usize>, sibling: Sibling) -> Result<Sibling, TreeError> {
        self.poll.ask()?;
        let present = self.present[keys.end] - self.present[keys.start];
        let (bits, full) = (self.scheme.key_bits(), self.scheme.is_full());
        // Where leaves are at the bottom, all on the way to it has two children.
        let inner = if full { depth < bits && self.size > 0 } else { matches!(at.kind(), Kind::Inner(_)) };
        let between = !full && depth > 0 && depth < bits;
        let can_be_leaf = present < 2 && sibling != Sibling::Empty && (between || depth == bits && present == 1);
        let can_be_empty = present == 0 && sibling == Sibling::Unknown && (between || full && depth == bits);
        if between && (can_be_leaf || can_be_empty) {
            self.shape.push(inner);
        }
        let leaf = if let Kind::Leaf(leaf) = at.kind() { Some(leaf) } else { None };
        if !inner {
            if can_be_leaf && can_be_empty {
                self.shape.push(leaf.is_some());
            }
            if let Some(leaf) = leaf.filter(|_| present == 0) {
                self.witnesses.extend_from_slice(self.nodes.leaves.get(leaf));
            }
            return Ok(if leaf.is_some() { Sibling::Leaf } else { Sibling::Empty });
        }
        let cut = keys.start + self.keys[keys.clone()].partition_point(|key| !bit(key, depth));
        if keys.start < cut && cut < keys.end {
            let left = self.visit(self.child(at, depth, false), depth + 1, keys.start..cut, Sibling::Unknown)?;
            self.visit(self.child(at, depth, true), depth + 1, cut..keys.end, left)?;
        } else {
            let right = cut == keys.start;
            let beside = self.child(at, depth, !right);
            let is_empty = beside == Ref::EMPTY;
            self.shape.push(!is_empty);
            let sibling = if is_empty { Sibling::Empty } else { Sibling::Unknown };
            let key = self.keys[keys.start];
            let seen = self.visit(self.child(at, depth, right), depth + 1, keys, sibling)?;
            match at.kind() {
                Kind::Inner(number) if !is_empty && self.nodes.runs && seen == Sibling::Empty => {
                    let foot = self.nodes.foot(beside, Place::of(key, depth).child(!right));
                    self.witnesses.extend(foot.marked());
                    self.witnesses.extend_from_slice(self.nodes.child_digest(number, !right));
                }
                _ if !is_empty => self.take(at, key, depth, !right)?,
                _ => {}
            }
        }
        Ok(Sibling::Unknown)
    }

    /// A child of a node, or of what stands for one above a leaf at the bottom.
    fn child(&self, at: Ref, depth: u32, right: bool) -> Ref {
        match at.kind() {
            Kind::Inner(number) => self.nodes.child(number, right),
            Kind::Leaf(leaf) if bit(self.nodes.leaf_key(leaf), depth) == right => at,
            _ => Ref::EMPTY,
        }
    }

    fn take(&mut self, at: Ref, on: &[u8], depth: u32, right: bool) -> Result<(), TreeError> {
        match at.kind() {
            Kind::Inner(number) => {
                self.nodes.put_child(self.scheme, (number, right), (on, depth), &mut self.digests)?;
            }
            Kind::Leaf(leaf) => {
                let (key, record) = (self.nodes.leaf_key(leaf), self.nodes.leaves.get(leaf));
                self.digests.extend(lifted(self.scheme, &[key], &[depth + 1], record)?);
            }
            _ => {}
        }
        Ok(())
    }
}
