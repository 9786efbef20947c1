//! What a sparse tree is kept in: two slabs of records, nodes and leaves, which all its versions share.
//!
//! A node's record has the digests of its two children, which are what is hashed, and then where they are. So a way down
//! touches one record a level, and finds each sibling's digest where it finds the way.

use tallystick_proof::scheme::Scheme;

use super::pages::Pages;
use crate::error::TreeError;
use crate::memory::ask_for_huge_pages;

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ref(pub(super) u32);

const KIND: u32 = 0b11 << 30;
const LEAF: u32 = 0b01 << 30;
const PAGE: u32 = 0b10 << 30;
const FRESH: u32 = 1 << 29;
/// Most nodes, and most leaves, in all versions together.
pub(super) const MOST: u32 = FRESH - 1;

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    /// A node with two children, in its slab.
    Inner(u32),
    /// A leaf, in its slab.
    Leaf(u32),
    /// A node that a change is about to add.
    FreshInner(u32),
    /// A leaf that a change is about to add: the place of its key in the batch.
    FreshLeaf(u32),
    /// A subtree of two leaves or more that is in a store, in a page that was not read.
    Page(u32),
    /// The same below a page that is about to be added.
    FreshPage(u32),
}

impl Ref {
    pub(super) const EMPTY: Self = Self(u32::MAX);

    pub(super) fn inner(number: u32) -> Self {
        Self(number)
    }

    pub(super) fn leaf(number: u32) -> Self {
        Self(LEAF | number)
    }

    pub(super) fn fresh_inner(number: u32) -> Self {
        Self(FRESH | number)
    }

    pub(super) fn fresh_leaf(number: u32) -> Self {
        Self(LEAF | FRESH | number)
    }

    pub(super) fn page(number: u32) -> Self {
        Self(PAGE | number)
    }

    pub(super) fn fresh_page(number: u32) -> Self {
        Self(PAGE | FRESH | number)
    }

    pub(super) fn kind(self) -> Kind {
        let number = self.0 & MOST;
        match (self.0 & KIND, self.0 & FRESH) {
            (0, 0) => Kind::Inner(number),
            (0, _) => Kind::FreshInner(number),
            (LEAF, 0) => Kind::Leaf(number),
            (LEAF, _) => Kind::FreshLeaf(number),
            (PAGE, 0) => Kind::Page(number),
            (PAGE, _) => Kind::FreshPage(number),
            _ => Kind::Empty,
        }
    }

    /// Whether it is a subtree of one leaf.
    pub(super) fn is_lone(self) -> bool {
        self.0 & KIND == LEAF
    }
}

/// Records of one width, whose numbers are used again once they are freed.
#[derive(Debug)]
pub(super) struct Slab {
    width: usize,
    records: Vec<u8>,
    free: Vec<u32>,
}

impl Slab {
    fn new(width: usize) -> Self {
        Self { width, records: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> &[u8] {
        &self.records[number as usize * self.width..][..self.width]
    }

    /// Numbers for so many new records, and room for them. Those that come last are the ones that were freed last: their
    /// memory is at hand. Nothing is changed by failing.
    pub(super) fn reserve(&mut self, count: usize) -> Result<Numbers, TreeError> {
        let used = self.records.len() / self.width;
        let beyond = count.saturating_sub(self.free.len());
        if used + beyond > MOST as usize {
            return Err(TreeError::TooManyLeaves);
        }
        let (before, bytes) = (self.records.capacity(), beyond * self.width);
        self.records.try_reserve(bytes).map_err(|_| TreeError::OutOfMemory(bytes))?;
        if self.records.capacity() != before {
            ask_for_huge_pages(&self.records);
        }
        let again = self.free.split_off(self.free.len() - (count - beyond));
        Ok(Numbers { again, first: used as u32 })
    }

    /// Writes a record; those with new numbers in the order of their numbers.
    #[inline]
    pub(super) fn put(&mut self, number: u32, record: &[u8]) {
        let at = number as usize * self.width;
        match self.records.get_mut(at..at + self.width) {
            Some(own) => own.copy_from_slice(record),
            None => self.records.extend_from_slice(record),
        }
    }

    fn free(&mut self, number: u32) {
        self.free.push(number);
    }

    /// Takes back numbers that nothing was written to.
    pub(super) fn unreserve(&mut self, numbers: Numbers) {
        self.free.extend(numbers.again);
    }

    /// A mark for each record.
    fn marks(&self) -> Vec<bool> {
        vec![false; self.records.len() / self.width]
    }

    fn free_unmarked(&mut self, marks: &[bool]) {
        self.free = (0..).zip(marks).filter(|(_, marked)| !**marked).map(|(number, _)| number).collect();
    }

    /// Takes back the numbers that were freed last.
    fn keep(&mut self, count: usize) {
        self.free.truncate(self.free.len() - count);
    }

    fn bytes(&self) -> usize {
        self.records.len() + self.free.len() * 4
    }
}

/// The numbers of new records.
#[derive(Debug)]
pub(super) struct Numbers {
    again: Vec<u32>,
    first: u32,
}

impl Numbers {
    #[inline]
    pub(super) fn get(&self, place: u32) -> u32 {
        match self.again.get(place as usize) {
            Some(number) => *number,
            None => self.first + (place - self.again.len() as u32),
        }
    }
}

/// The nodes and leaves of all versions.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) digest: usize,
    pub(super) key: usize,
    /// Whether nodes with one child are hashed as runs.
    pub(super) runs: bool,
    pub(super) inner: Slab,
    pub(super) leaves: Slab,
    pub(super) pages: Pages,
}

impl Nodes {
    pub(super) fn new(scheme: &Scheme) -> Self {
        let (digest, key) = (scheme.digest_size(), scheme.key_size());
        let (inner, leaves) = (Slab::new(2 * digest + 8), Slab::new(key + digest));
        Self { digest, key, runs: scheme.has_runs(), inner, leaves, pages: Pages::default() }
    }

    /// Bytes of a node's record.
    pub(super) fn inner_width(&self) -> usize {
        2 * self.digest + 8
    }

    /// Bytes of a leaf's record.
    pub(super) fn leaves_width(&self) -> usize {
        self.key + self.digest
    }

    /// A child of a node; that of a page that was read is its topmost node.
    #[inline]
    pub(super) fn child(&self, node: u32, right: bool) -> Ref {
        self.read_as(child_of(self.inner.get(node), self.digest, right))
    }

    /// A node; that of a page that was read is its topmost node.
    #[inline]
    pub(super) fn read_as(&self, at: Ref) -> Ref {
        match at.kind() {
            Kind::Page(page) => self.pages.read_as(page, at),
            _ => at,
        }
    }

    /// The digest of a child of a node; where there are runs, of that child's foot.
    #[inline]
    pub(super) fn child_digest(&self, node: u32, right: bool) -> &[u8] {
        let record = self.inner.get(node);
        if right { &record[self.digest..2 * self.digest] } else { &record[..self.digest] }
    }

    /// The key of a leaf.
    #[inline]
    pub(super) fn leaf_key(&self, leaf: u32) -> &[u8] {
        &self.leaves.get(leaf)[..self.key]
    }

    /// The digest of a leaf's value.
    pub(super) fn leaf_value(&self, leaf: u32) -> &[u8] {
        &self.leaves.get(leaf)[self.key..]
    }

    /// Makes the number of a node or leaf free that no version has any more.
    pub(super) fn free(&mut self, node: Ref) {
        match node.kind() {
            Kind::Inner(number) => {
                self.inner.free(number);
                self.pages.forget(number);
            }
            Kind::Leaf(number) => self.leaves.free(number),
            _ => {}
        }
    }

    /// Makes all free that versions with these roots do not have.
    pub(super) fn sweep(&mut self, roots: &[Ref]) {
        let mut kept = (self.inner.marks(), self.leaves.marks());
        let mut stack: Vec<Ref> = roots.iter().map(|root| self.read_as(*root)).collect();
        while let Some(at) = stack.pop() {
            match at.kind() {
                Kind::Inner(number) if !std::mem::replace(&mut kept.0[number as usize], true) => {
                    stack.extend([self.child(number, false), self.child(number, true)]);
                }
                Kind::Leaf(number) => kept.1[number as usize] = true,
                _ => {}
            }
        }
        self.pages.keep(|top| kept.0[top as usize]);
        self.inner.free_unmarked(&kept.0);
        self.leaves.free_unmarked(&kept.1);
    }

    /// Takes [`free`](Self::free) back, for the nodes that were made free last, all of them together.
    pub(super) fn keep(&mut self, nodes: &[Ref]) {
        let leaves = nodes.iter().filter(|node| node.is_lone()).count();
        self.leaves.keep(leaves);
        self.inner.keep(nodes.len() - leaves);
    }

    /// Bytes that are held.
    pub(super) fn bytes(&self) -> usize {
        self.inner.bytes() + self.leaves.bytes() + self.pages.bytes()
    }
}

/// A child in a node's record.
#[inline]
pub(super) fn child_of(record: &[u8], digest: usize, right: bool) -> Ref {
    let at = 2 * digest + if right { 4 } else { 0 };
    Ref(record[at..at + 4].try_into().map_or(u32::MAX, u32::from_le_bytes))
}

/// Bit `depth` of a key: whether the way goes to the right.
#[inline]
pub(super) fn bit(key: &[u8], depth: u32) -> bool {
    key[(depth / 8) as usize] >> (7 - depth % 8) & 1 == 1
}

/// Number of bits that two keys begin with in common.
pub(super) fn common_bits(left: &[u8], right: &[u8]) -> u32 {
    let same = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    let rest = left.get(same).zip(right.get(same)).map_or(0, |(left, right)| (left ^ right).leading_zeros());
    same as u32 * 8 + rest
}
