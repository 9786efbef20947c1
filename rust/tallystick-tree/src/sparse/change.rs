//! What a batch of keys does to a tree: new nodes in patches, made aside and in tasks; the tree itself is only read.
//!
//! The keys are cut into parts by their first bits. Each part changes the subtree that it falls into, in a task; a last patch
//! puts the tops of the parts together.

use std::ops::Range;

use parking_lot::Mutex;
use tallystick_proof::hash::HashError;

use super::nodes::{Kind, Ref, bit};
use super::page::Place;
use super::patch::{Context, From, Node, Patch};
use crate::error::TreeError;
use crate::pool::Run;

/// Keys of a part, about.
const PART: usize = 2048;
/// Ways that are read side by side.
const ABREAST: usize = 16;
/// Most bits that parts are told apart by.
const MOST_BITS: u32 = 12;

/// Keys that are put or removed.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) of: Context<'a>,
    /// Which keys are put; all if empty. The others are removed.
    pub(super) put: &'a [bool],
}

impl Batch<'_> {
    fn len(&self) -> usize {
        self.of.leaves.len() / self.of.nodes.leaves_width()
    }

    fn is_put(&self, place: usize) -> bool {
        self.put.get(place).copied().unwrap_or(true)
    }

    fn key(&self, place: usize) -> &[u8] {
        self.of.fresh_key(place as u32)
    }

    /// Where the keys begin that go to the right at a depth.
    fn cut(&self, keys: &Range<usize>, depth: u32) -> usize {
        let (mut left, mut right) = (keys.start, keys.end);
        while left < right {
            let middle = left + (right - left) / 2;
            if bit(self.key(middle), depth) { right = middle } else { left = middle + 1 }
        }
        left
    }
}

/// All that a batch adds.
pub(super) struct Change {
    /// The parts, and behind them the patch above them.
    pub(super) patches: Vec<Patch>,
    /// What is added to the numbers in each patch: how many new nodes there are before its own.
    pub(super) bases: Vec<u32>,
    /// The topmost node; its number is one of all new nodes.
    pub(super) root: Ref,
    /// Its digest.
    pub(super) top: Vec<u8>,
}

/// Puts and removes keys below `root`.
pub(super) fn change(batch: Batch<'_>, root: Ref, run: Run<'_>) -> Result<Change, TreeError> {
    let bits = (batch.len() / PART).checked_ilog2().map_or(0, |bits| bits + 1).min(MOST_BITS);
    let mut ranges: Vec<Range<usize>> = std::iter::once(0..batch.len()).collect();
    for depth in 0..bits {
        ranges = ranges
            .into_iter()
            .flat_map(|range| {
                let cut = batch.cut(&range, depth);
                [range.start..cut, cut..range.end]
            })
            .collect();
    }
    let root = Node { at: batch.of.nodes.read_as(root), from: From::Top };
    let done: Vec<Mutex<Patch>> = ranges.iter().map(|_| Mutex::default()).collect();
    let tasks = ranges.iter().enumerate().filter(|(_, range)| !range.is_empty());
    run.each(tasks, |(place, range): (usize, &Range<usize>)| {
        let old = descend(batch, root, bits, batch.key(range.start));
        warm(batch, old.at, bits, range.clone());
        let mut part = Part { batch, patch: Patch::default(), items: Vec::new() };
        let top = part.change(old, bits, range.clone())?;
        part.patch.finish(batch.of, &[], Place::of(batch.key(range.start), bits), top)?;
        *done[place].lock() = part.patch;
        Ok::<_, TreeError>(())
    })?;
    let mut patches: Vec<Patch> = done.into_iter().map(Mutex::into_inner).collect();
    let mut bases = Vec::with_capacity(patches.len() + 1);
    let mut base = 0_u32;
    for patch in &patches {
        bases.push(base);
        base = u32::try_from(patch.len()).ok().and_then(|len| base.checked_add(len)).ok_or(TreeError::TooManyLeaves)?;
    }
    let mut above = Patch::beginning(base);
    let top = match patches.as_mut_slice() {
        [only] => {
            (above.digest, above.foot) = (std::mem::take(&mut only.digest), only.foot);
            only.top.unwrap_or(root)
        }
        parts => {
            let crown = Crown { batch, parts, bases: &bases, ranges: &ranges, bits };
            let top = crown.put_together(&mut above, root, 0, 0)?;
            above.finish(batch.of, parts, Place::ROOT, top)?;
            top
        }
    };
    let digest = std::mem::take(&mut above.digest);
    let digest = above.hashed_top(batch.of.scheme, digest)?;
    patches.push(above);
    // The last one's nodes, and references, have numbers among all new nodes already.
    bases.push(0);
    Ok(Change { patches, bases, root: top.at, top: digest })
}

/// The node that is `bits` below the root on the way of a key, as it would be there: a leaf further up stands for its subtree.
fn descend(batch: Batch<'_>, root: Node, bits: u32, key: &[u8]) -> Node {
    let mut node = root;
    for depth in 0..bits {
        match node.at.kind() {
            Kind::Inner(number) => {
                let right = bit(key, depth);
                node = Node { at: batch.of.nodes.child(number, right), from: From::Slot(number, right) };
            }
            Kind::Leaf(number) if super::nodes::common_bits(batch.of.nodes.leaf_key(number), key) < bits => {
                return Node::EMPTY;
            }
            _ => return node,
        }
    }
    node
}

/// Reads the ways of keys, some side by side: they wait for memory together, and not one after the other later.
fn warm(batch: Batch<'_>, top: Ref, depth: u32, keys: Range<usize>) {
    let keys: Vec<usize> = keys.collect();
    let mut seen = 0_u32;
    for together in keys.chunks(ABREAST) {
        let mut ways = [top; ABREAST];
        let mut depth = depth;
        let mut going = true;
        while std::mem::take(&mut going) {
            for (way, place) in ways.iter_mut().zip(together) {
                match way.kind() {
                    Kind::Inner(number) => {
                        *way = batch.of.nodes.child(number, bit(batch.key(*place), depth));
                        going = true;
                    }
                    Kind::Leaf(leaf) => {
                        seen ^= u32::from(batch.of.nodes.leaf_key(leaf)[0]);
                        *way = Ref::EMPTY;
                        going = true;
                    }
                    _ => {}
                }
            }
            depth += 1;
        }
    }
    std::hint::black_box(seen);
}

/// Keys of a subtree.
struct Part<'a> {
    batch: Batch<'a>,
    patch: Patch,
    items: Vec<Node>,
}

/// A place on the way of a key. Its path is asked for where there are runs alone.
fn place_on(of: Context<'_>, key: &[u8], depth: u32) -> Place {
    if of.nodes.runs { Place::of(key, depth) } else { Place { depth, ..Place::ROOT } }
}

impl Part<'_> {
    fn place_of(&self, key: usize, depth: u32) -> Place {
        place_on(self.batch.of, self.batch.key(key), depth)
    }

    fn change(&mut self, old: Node, depth: u32, keys: Range<usize>) -> Result<Node, TreeError> {
        if keys.is_empty() {
            return Ok(old);
        }
        match old.at.kind() {
            Kind::Inner(number) => {
                let cut = self.batch.cut(&keys, depth);
                let place = self.place_of(keys.start, depth);
                let child =
                    |right| Node { at: self.batch.of.nodes.child(number, right), from: From::Slot(number, right) };
                let (left, right) = (child(false), child(true));
                let left = self.change(left, depth + 1, keys.start..cut)?;
                let right = self.change(right, depth + 1, cut..keys.end)?;
                self.patch.retired.push(old.at);
                Ok(self.patch.join(self.batch.of, &[], place, left, right))
            }
            Kind::Leaf(number) => self.place(Some((number, old)), depth, keys),
            Kind::Page(_) => Err(TreeError::Defect("the ways of a batch are read")),
            _ => self.place(None, depth, keys),
        }
    }

    /// The subtree of some keys where there was none, or one leaf.
    fn place(&mut self, old: Option<(u32, Node)>, depth: u32, keys: Range<usize>) -> Result<Node, TreeError> {
        let mut stays = old;
        self.items.clear();
        for place in keys {
            let key = self.batch.key(place);
            if let Some((number, node)) = stays {
                match self.batch.of.nodes.leaf_key(number).cmp(key) {
                    std::cmp::Ordering::Less => {
                        self.items.push(node);
                        stays = None;
                    }
                    std::cmp::Ordering::Equal => {
                        self.patch.retired.push(node.at);
                        stays = None;
                        if self.batch.is_put(place) {
                            self.items.push(Node { at: Ref::fresh_leaf(place as u32), from: From::Here });
                        }
                        continue;
                    }
                    std::cmp::Ordering::Greater => {}
                }
            }
            if !self.batch.is_put(place) {
                return Err(TreeError::AbsentKey(key.to_vec()));
            }
            self.items.push(Node { at: Ref::fresh_leaf(place as u32), from: From::Here });
        }
        self.items.extend(stays.map(|(_, node)| node));
        let items = std::mem::take(&mut self.items);
        let node = self.subtree(&items, depth);
        self.items = items;
        Ok(node)
    }

    /// The subtree of some leaves, ascending by their keys.
    fn subtree(&mut self, leaves: &[Node], depth: u32) -> Node {
        let of = self.batch.of;
        match leaves {
            [] => Node::EMPTY,
            [only] => *only,
            _ => {
                let cut = leaves.partition_point(|leaf| !bit(of.lone_key(leaf.at), depth));
                let left = self.subtree(&leaves[..cut], depth + 1);
                let right = self.subtree(&leaves[cut..], depth + 1);
                let place = place_on(of, of.lone_key(leaves[0].at), depth);
                self.patch.join(of, &[], place, left, right)
            }
        }
    }
}

/// What is above the parts.
struct Crown<'a> {
    batch: Batch<'a>,
    parts: &'a [Patch],
    bases: &'a [u32],
    ranges: &'a [Range<usize>],
    bits: u32,
}

impl Crown<'_> {
    /// The subtree at a depth, over the parts whose numbers begin with the bits of `first`.
    fn put_together(&self, patch: &mut Patch, old: Node, depth: u32, first: usize) -> Result<Node, HashError> {
        let below = 1_usize << (self.bits - depth);
        let (begin, end) = (first * below, (first + 1) * below);
        if self.ranges[begin].start == self.ranges[end - 1].end {
            return Ok(old);
        }
        if depth == self.bits {
            let top = self.parts[begin].top.unwrap_or(old);
            // New nodes of a part have numbers among all new nodes from here on.
            return Ok(match top.at.kind() {
                Kind::FreshInner(number) => {
                    Node { at: Ref::fresh_inner(self.bases[begin] + number), from: From::Part(begin as u32) }
                }
                _ => top,
            });
        }
        let (left, right) = match old.at.kind() {
            Kind::Inner(number) => {
                patch.retired.push(old.at);
                let child =
                    |right| Node { at: self.batch.of.nodes.child(number, right), from: From::Slot(number, right) };
                (child(false), child(true))
            }
            Kind::Leaf(number) if bit(self.batch.of.nodes.leaf_key(number), depth) => (Node::EMPTY, old),
            Kind::Leaf(_) => (old, Node::EMPTY),
            _ => (Node::EMPTY, Node::EMPTY),
        };
        let left = self.put_together(patch, left, depth + 1, 2 * first)?;
        let right = self.put_together(patch, right, depth + 1, 2 * first + 1)?;
        let key = self.batch.key(self.ranges[begin].start);
        Ok(patch.join(self.batch.of, self.parts, place_on(self.batch.of, key, depth), left, right))
    }
}
