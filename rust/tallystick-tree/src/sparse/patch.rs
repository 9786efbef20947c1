//! New nodes that are put together aside, and hashed level by level from the deepest up.

use tallystick_proof::hash::HashError;
use tallystick_proof::scheme::{Foot, Scheme};

use super::feet::Feet;
use super::nodes::{Kind, Nodes, Ref, bit};
use super::page::Place;

/// Nodes that are hashed together.
const TOGETHER: usize = 256;

/// Where the digest of a node is, that is not new in this patch.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    /// In the record of its parent as it was: the parent's number and the side.
    Slot(u32, bool),
    /// It was the topmost node.
    Top,
    /// It is the topmost node of another patch, which is done.
    Part(u32),
    /// It was given: that of a page that is not read.
    Given(u32),
    /// It is a new leaf, an empty subtree, or a node of this patch.
    Here,
}

/// A node of a tree that is being changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) at: Ref,
    pub(super) from: From,
}

impl Node {
    pub(super) const EMPTY: Self = Self { at: Ref::EMPTY, from: From::Here };
}

/// What the leaves and nodes of a patch are made of.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) nodes: &'a Nodes,
    /// The topmost node's digest as it was.
    pub(super) top: &'a [u8],
    /// New leaves, ascending: each its key with the digest of its value.
    pub(super) leaves: &'a [u8],
    /// Their digests.
    pub(super) digests: &'a [u8],
    /// Digests that were given, of pages, and where there are runs the feet of these.
    pub(super) given: &'a [u8],
    pub(super) feet: &'a [Foot],
}

impl<'a> Context<'a> {
    pub(super) fn fresh_leaf(&self, place: u32) -> &'a [u8] {
        let width = self.nodes.leaves_width();
        &self.leaves[place as usize * width..][..width]
    }

    pub(super) fn fresh_key(&self, place: u32) -> &'a [u8] {
        &self.fresh_leaf(place)[..self.nodes.key]
    }

    fn fresh_digest(&self, place: u32) -> &'a [u8] {
        let size = self.nodes.digest;
        &self.digests[place as usize * size..][..size]
    }

    /// The key of a subtree of one leaf.
    pub(super) fn lone_key(&self, at: Ref) -> &'a [u8] {
        match at.kind() {
            Kind::FreshLeaf(place) => self.fresh_key(place),
            Kind::Leaf(number) => self.nodes.leaf_key(number),
            _ => &[],
        }
    }
}

/// A digest that is still to be made: of a subtree of one leaf, where leaves are all at the bottom.
struct Lift {
    at: Ref,
    depth: u32,
    /// In which node's record it goes, on which side; `None`: it is the topmost node.
    to: Option<(u32, bool)>,
}

/// New nodes, by number.
#[derive(Default)]
pub(super) struct Patch {
    /// The number of its first node.
    pub(super) first: u32,
    /// Records as in [`Nodes`], whose references may be fresh.
    pub(super) records: Vec<u8>,
    /// Each node's parent here, and on which side of it.
    parents: Vec<Option<(u32, bool)>>,
    /// Numbers by depth.
    levels: Vec<Vec<u32>>,
    lifts: Vec<Lift>,
    /// Feet by number, where there are runs.
    pub(super) feet: Vec<Feet>,
    /// What the tree no longer has.
    pub(super) retired: Vec<Ref>,
    /// The topmost node, and its digest; where there are runs its foot, of which the digest is.
    pub(super) top: Option<Node>,
    pub(super) digest: Vec<u8>,
    pub(super) foot: Option<Foot>,
}

impl Patch {
    /// A patch whose nodes have numbers from `first` on.
    pub(super) fn beginning(first: u32) -> Self {
        Self { first, ..Self::default() }
    }

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The subtree at a place over two others.
    pub(super) fn join(&mut self, of: Context<'_>, parts: &[Self], place: Place, left: Node, right: Node) -> Node {
        let depth = place.depth;
        match (left.at, right.at) {
            (Ref::EMPTY, lone) if lone == Ref::EMPTY || lone.is_lone() => return right,
            (lone, Ref::EMPTY) if lone.is_lone() => return left,
            _ => {}
        }
        if of.nodes.runs {
            self.push_feet(of, parts, place, [left, right]);
        }
        let (number, size) = (self.len() as u32, of.nodes.digest);
        self.parents.push(None);
        let levels = self.levels.len().max(depth as usize + 1);
        self.levels.resize_with(levels, Vec::new);
        self.levels[depth as usize].push(number);
        for (child, right) in [(left, false), (right, true)] {
            let known = self.digest_of(of, parts, child, depth + 1, Some((number, right)));
            match known {
                Some(digest) => self.records.extend_from_slice(digest),
                None => self.records.resize(self.records.len() + size, 0),
            }
        }
        for child in [left, right] {
            self.records.extend(child.at.0.to_le_bytes());
        }
        Node { at: Ref::fresh_inner(self.first + number), from: From::Here }
    }

    /// The digest of a node at a depth, if it is known; else remembers where it goes once it is.
    fn digest_of<'a>(
        &mut self,
        of: Context<'a>,
        parts: &'a [Self],
        node: Node,
        depth: u32,
        to: Option<(u32, bool)>,
    ) -> Option<&'a [u8]> {
        if node.at.is_lone() && of.scheme.is_full() {
            self.lifts.push(Lift { at: node.at, depth, to });
            return None;
        }
        match (node.at.kind(), node.from) {
            (Kind::Empty, _) => Some(of.scheme.empty_subtree(depth)),
            (Kind::FreshLeaf(place), _) => Some(of.fresh_digest(place)),
            // A leaf that is the whole tree has been hashed with its run.
            (Kind::Leaf(leaf), From::Top) if of.nodes.runs => Some(of.nodes.leaf_value(leaf)),
            (_, From::Part(part)) => Some(&parts[part as usize].digest),
            (_, From::Slot(parent, right)) => Some(of.nodes.child_digest(parent, right)),
            (_, From::Top) => Some(of.top),
            (_, From::Given(place)) => Some(&of.given[place as usize * of.nodes.digest..][..of.nodes.digest]),
            (Kind::FreshInner(child), From::Here) => {
                self.parents[(child - self.first) as usize] = to;
                None
            }
            _ => Some(&[]),
        }
    }

    /// Hashes all nodes, and remembers the topmost, which is at a place.
    pub(super) fn finish(&mut self, of: Context<'_>, parts: &[Self], place: Place, top: Node) -> Result<(), HashError> {
        self.top = Some(top);
        if of.nodes.runs {
            self.foot = self.foot_of(of, parts, top, place);
        }
        self.digest = self.digest_of(of, parts, top, place.depth, None).unwrap_or_default().to_vec();
        self.lift(of)?;
        let (size, width) = (of.nodes.digest, of.nodes.inner_width());
        let (mut rows, mut digests) = (Vec::with_capacity(TOGETHER * 2 * size), vec![0; TOGETHER * size]);
        for level in std::mem::take(&mut self.levels).into_iter().rev() {
            for numbers in level.chunks(TOGETHER) {
                let digests = &mut digests[..numbers.len() * size];
                if of.nodes.runs {
                    self.hash_feet(of, numbers, digests)?;
                } else {
                    rows.clear();
                    for number in numbers {
                        rows.extend_from_slice(&self.records[*number as usize * width..][..2 * size]);
                    }
                    of.scheme.keyed_nodes(&rows, digests)?;
                }
                for (number, digest) in numbers.iter().zip(digests.chunks_exact(size)) {
                    self.put(self.parents[*number as usize], digest, width);
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, to: Option<(u32, bool)>, digest: &[u8], width: usize) {
        match to {
            None => self.digest = digest.to_vec(),
            Some((parent, right)) => {
                let at = parent as usize * width + if right { digest.len() } else { 0 };
                self.records[at..at + digest.len()].copy_from_slice(digest);
            }
        }
    }

    /// Hashes subtrees of one leaf from the bottom up, all together.
    fn lift(&mut self, of: Context<'_>) -> Result<(), HashError> {
        let (size, width) = (of.nodes.digest, of.nodes.inner_width());
        let lifts = std::mem::take(&mut self.lifts);
        if lifts.is_empty() {
            return Ok(());
        }
        let keys: Vec<&[u8]> = lifts.iter().map(|lift| of.lone_key(lift.at)).collect();
        let depths: Vec<u32> = lifts.iter().map(|lift| lift.depth).collect();
        let mut leaves = Vec::with_capacity(lifts.len() * of.nodes.leaves_width());
        for lift in &lifts {
            leaves.extend_from_slice(match lift.at.kind() {
                Kind::FreshLeaf(place) => of.fresh_leaf(place),
                Kind::Leaf(number) => of.nodes.leaves.get(number),
                _ => &[],
            });
        }
        let digests = lifted(of.scheme, &keys, &depths, &leaves)?;
        for (lift, digest) in lifts.iter().zip(digests.chunks_exact(size)) {
            self.put(lift.to, digest, width);
        }
        Ok(())
    }
}

/// The digests of subtrees of one leaf whose tops are at these depths, where leaves are at the bottom.
pub(super) fn lifted(scheme: &Scheme, keys: &[&[u8]], depths: &[u32], leaves: &[u8]) -> Result<Vec<u8>, HashError> {
    let size = scheme.digest_size();
    let mut digests = vec![0; keys.len() * size];
    scheme.keyed_leaves(leaves, &mut digests)?;
    let mut rows = Vec::new();
    let mut made = vec![0; TOGETHER * size];
    for depth in (0..scheme.key_bits()).rev() {
        let climbing: Vec<usize> = (0..keys.len()).filter(|place| depths[*place] <= depth).collect();
        let empty = scheme.empty_subtree(depth + 1);
        for places in climbing.chunks(TOGETHER) {
            rows.clear();
            for place in places {
                let own = &digests[place * size..][..size];
                let (left, right) = if bit(keys[*place], depth) { (empty, own) } else { (own, empty) };
                rows.extend_from_slice(left);
                rows.extend_from_slice(right);
            }
            let made = &mut made[..places.len() * size];
            scheme.keyed_nodes(&rows, made)?;
            for (place, digest) in places.iter().zip(made.chunks_exact(size)) {
                digests[place * size..][..size].copy_from_slice(digest);
            }
        }
    }
    Ok(digests)
}
