//! The walk of a multi-proof: what its bits say that nodes are. Nothing is hashed, and nothing recurses.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::head::TreeHead;
use crate::sparse::bit;
use crate::verify::{Bulk, Refusal};

/// Steps between two questions whether to go on.
pub(super) const STEPS: usize = 1 << 16;

/// A key's bytes as numbers, which compare as the bytes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u64; 4]);

impl Key {
    /// A key of 32 bytes.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        let (words, rest) = key.as_chunks::<8>();
        let words: &[[u8; 8]; 4] = words.try_into().ok()?;
        rest.is_empty().then(|| Self(words.map(u64::from_be_bytes)))
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> [[u8; 8]; 4] {
        self.0.map(u64::to_be_bytes)
    }

    #[inline]
    fn bit(&self, place: u32) -> bool {
        self.0.get((place / 64) as usize).is_some_and(|word| word << (place % 64) >> 63 != 0)
    }

    /// Whether the keys begin with the same bits.
    pub(super) fn agrees(&self, other: &Self, bits: u32) -> bool {
        let mut left = bits;
        self.0.iter().zip(other.0).all(|(one, other)| {
            let here = left.min(64);
            left = left.saturating_sub(here);
            // A shift by all bits leaves nothing.
            (one ^ other).checked_shr(64_u32.saturating_sub(here)).unwrap_or(0) == 0
        })
    }
}

/// A claimed key: where its value stands among those claimed; `None` that it has none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimed {
    pub(super) key: Key,
    pub(super) value: Option<usize>,
}

/// What a node is, in four bits; as a set, what it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node(u8);

impl Node {
    pub(super) const INNER: Self = Self(1);
    pub(super) const LEAF: Self = Self(2);
    pub(super) const EMPTY: Self = Self(4);
    /// A sibling whose digest is sent.
    pub(super) const SENT: Self = Self(8);
    /// A sibling whose foot is a witness.
    pub(super) const FOOT: Self = Self(12);
    const NOTHING: Self = Self(0);

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn can_be(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The children of a node: the left one in the low bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Children(u8);

impl Children {
    pub(super) const fn both(self) -> [Node; 2] {
        [Node(self.0 & 15), Node(self.0 >> 4)]
    }

    const fn get(self, right: bool) -> Node {
        let [one, other] = self.both();
        if right { other } else { one }
    }

    const fn set(&mut self, right: bool, node: Node) {
        self.0 |= if right { node.0 << 4 } else { node.0 };
    }

    /// Whether one of them is sent, and the other empty.
    const fn is_sent_alone(self) -> bool {
        self.0 == Node::SENT.0 | Node::EMPTY.0 << 4 || self.0 == Node::EMPTY.0 | Node::SENT.0 << 4
    }

    /// Makes the one that is sent a witness.
    const fn make_foot(&mut self) {
        self.0 |= if self.0 & 15 == Node::SENT.0 { Node::EMPTY.0 } else { Node::EMPTY.0 << 4 };
    }
}

/// The inner nodes of one depth, ascending, and where their children come from.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) nodes: Vec<Children>,
    /// Which leaves are their children.
    pub(super) leaves: Vec<usize>,
    /// Which digests of the proof are.
    pub(super) sent: Vec<usize>,
    /// Which witnesses are feet of runs; only where there are runs.
    pub(super) feet: Vec<usize>,
    /// A claimed key below each node; only where there are runs.
    pub(super) keys: Vec<usize>,
}

/// Whose leaf it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    /// That of a claimed key.
    Claimed(usize),
    /// That of a witness.
    Witness(usize),
}

/// Where a witness stands: its depth, and the claimed keys that end there, or beside it where it is a foot.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) depth: u32,
    pub(super) keys: Range<usize>,
    pub(super) is_foot: bool,
}

/// What the walk finds.
#[derive(Debug)]
pub(super) struct Shape {
    /// What the topmost node is.
    pub(super) top: Node,
    /// The inner nodes by depth.
    pub(super) rows: Vec<Row>,
    /// The leaves in the order of their keys.
    pub(super) leaves: Vec<Leaf>,
    /// The places of witnesses, in that order.
    pub(super) witnesses: Vec<Place>,
    /// Number of digests.
    pub(super) digests: usize,
}

/// What is done next.
enum Step {
    /// A node that claimed keys lead through, and which child of its parent it is.
    Visit { depth: u32, keys: Range<usize>, right: bool },
    /// All below a node is known but the other child, at this depth.
    Take { depth: u32, keys: Range<usize> },
}

/// The walk through a proof's shape.
struct Walk<'a> {
    size: u64,
    bits: u32,
    full: bool,
    runs: bool,
    claims: &'a [Claimed],
    /// How many of the first keys are claimed to be present.
    present: Vec<usize>,
    shape: &'a [u8],
    read: usize,
}

const SPENT: &str = "it has fewer bits than there are nodes";
const IMPOSSIBLE: &str = "nothing can be at a place that claimed keys lead to";
const LEFT: &str = "it has more bits than there are nodes";

/// Reads what the nodes on the way to the claimed keys are, which ascend. Steps are linear in claims and shape.
pub(super) fn walk(bulk: &impl Bulk, head: &TreeHead, claims: &[Claimed], shape: &[u8]) -> Result<Shape, Refusal> {
    let mut present = Vec::with_capacity(claims.len().saturating_add(1));
    let mut count = 0_usize;
    present.push(count);
    present.extend(claims.iter().map(|claim| {
        count = count.saturating_add(usize::from(claim.value.is_some()));
        count
    }));
    let (bits, full, runs) = (head.scheme().key_bits(), head.scheme().is_full(), head.scheme().has_runs());
    Walk { size: head.size(), bits, full, runs, claims, present, shape, read: 0 }.run(bulk)
}

impl Walk<'_> {
    fn run(mut self, bulk: &impl Bulk) -> Result<Shape, Refusal> {
        let mut rows: Vec<Row> = Vec::new();
        rows.resize_with(self.bits as usize, Row::default);
        let (leaves, witnesses) = (Vec::with_capacity(self.claims.len()), Vec::new());
        let mut found = Shape { top: Node::NOTHING, rows, leaves, witnesses, digests: 0 };
        let mut stack = vec![Step::Visit { depth: 0, keys: 0..self.claims.len(), right: false }];
        let mut steps = 0_usize;
        while let Some(step) = stack.pop() {
            steps = steps.saturating_add(1);
            if steps.is_multiple_of(STEPS) {
                bulk.go_on()?;
            }
            match step {
                Step::Take { depth, keys } => {
                    let row = above(&mut found.rows, depth)?;
                    match row.nodes.last_mut() {
                        // Its run goes on further up: a digest would not tell where it ends.
                        Some(children) if self.runs && children.is_sent_alone() => {
                            children.make_foot();
                            row.feet.push(found.witnesses.len());
                            found.witnesses.push(Place { depth, keys, is_foot: true });
                        }
                        _ => {
                            row.sent.push(found.digests);
                            found.digests = found.digests.saturating_add(1);
                        }
                    }
                }
                Step::Visit { depth, keys, right } => self.visit(&mut found, &mut stack, depth, keys, right)?,
            }
        }
        let left = self.shape.len().saturating_mul(8).saturating_sub(self.read);
        let spare = self.shape.last().map_or(8, |last| last.trailing_zeros() as usize);
        if left >= 8 || spare < left {
            return Err(self.no(LEFT));
        }
        Ok(found)
    }

    fn visit(
        &mut self,
        found: &mut Shape,
        stack: &mut Vec<Step>,
        depth: u32,
        keys: Range<usize>,
        right: bool,
    ) -> Result<(), Refusal> {
        let count = |place: usize| self.present.get(place).copied().unwrap_or(0);
        let present = count(keys.end).saturating_sub(count(keys.start));
        // The parent is the last node of its row until another one of that depth is visited.
        let node = if depth == 0 {
            found.top = self.node(self.possible(depth, present, Node::NOTHING))?;
            found.top
        } else {
            let row = above(&mut found.rows, depth)?;
            let parent = row.nodes.last_mut().ok_or(Refusal::Defect("a child has a parent"))?;
            let node = self.node(self.possible(depth, present, parent.get(!right)))?;
            parent.set(right, node);
            if node == Node::LEAF {
                row.leaves.push(found.leaves.len());
            }
            node
        };
        if node == Node::LEAF && present == 0 {
            found.leaves.push(Leaf::Witness(found.witnesses.len()));
            found.witnesses.push(Place { depth, keys, is_foot: false });
        } else if node == Node::LEAF {
            let claimed = keys.clone().find(|place| self.claims.get(*place).is_some_and(|claim| claim.value.is_some()));
            found.leaves.push(Leaf::Claimed(claimed.ok_or(Refusal::Defect("a present key was counted"))?));
        } else if node == Node::INNER {
            let cut = self.cut(&keys, depth);
            let mut children = Children(0);
            let below = depth.saturating_add(1);
            if keys.start < cut && cut < keys.end {
                stack.push(Step::Visit { depth: below, keys: cut..keys.end, right: true });
                stack.push(Step::Visit { depth: below, keys: keys.start..cut, right: false });
            } else {
                let right = cut == keys.start;
                let sent = self.bit()?;
                children.set(!right, if sent { Node::SENT } else { Node::EMPTY });
                if sent {
                    stack.push(Step::Take { depth: below, keys: keys.clone() });
                }
                stack.push(Step::Visit { depth: below, keys: keys.clone(), right });
            }
            let row = found.rows.get_mut(depth as usize).ok_or(Refusal::Defect("no node is below all bits"))?;
            row.nodes.push(children);
            if self.runs {
                row.keys.push(keys.start);
            }
        }
        Ok(())
    }

    /// What a node can be that so many present keys lead through, and whose sibling is this, as far as it is known.
    fn possible(&self, depth: u32, present: usize, sibling: Node) -> Node {
        const ANY: Node = Node::INNER.or(Node::LEAF).or(Node::EMPTY);
        let mut can = match (self.size, self.full) {
            (0, _) if depth == 0 => Node::EMPTY,
            (0, _) => Node::NOTHING,
            (_, true) if depth < self.bits => Node::INNER,
            (_, true) => Node::LEAF.or(Node::EMPTY),
            (1, false) if depth == 0 => Node::LEAF,
            (_, false) if depth == 0 => Node::INNER,
            (_, false) if depth < self.bits => ANY,
            (_, false) => Node::LEAF,
        };
        if present >= 1 {
            can = can.without(Node::EMPTY);
        }
        if present >= 2 || present == 0 && depth >= self.bits {
            can = can.without(Node::LEAF);
        }
        if !self.full && sibling == Node::EMPTY {
            can = can.without(Node::LEAF.or(Node::EMPTY));
        }
        if !self.full && sibling == Node::LEAF {
            can = can.without(Node::EMPTY);
        }
        can
    }

    /// What a node is, of what it can be.
    fn node(&mut self, can: Node) -> Result<Node, Refusal> {
        let other = can.without(Node::INNER);
        if can.can_be(Node::INNER) && (other == Node::NOTHING || self.bit()?) {
            return Ok(Node::INNER);
        }
        if other == Node::LEAF.or(Node::EMPTY) {
            return Ok(if self.bit()? { Node::LEAF } else { Node::EMPTY });
        }
        if other == Node::NOTHING { Err(self.no(IMPOSSIBLE)) } else { Ok(other) }
    }

    /// The first of these keys that leads to the right.
    fn cut(&self, keys: &Range<usize>, depth: u32) -> usize {
        let claims = self.claims.get(keys.clone()).unwrap_or_default();
        let right = |claim: Option<&Claimed>| claim.is_some_and(|claim| claim.key.bit(depth));
        if right(claims.first()) {
            return keys.start;
        }
        if !right(claims.last()) {
            return keys.end;
        }
        keys.start.saturating_add(claims.partition_point(|claim| !claim.key.bit(depth)))
    }

    fn bit(&mut self) -> Result<bool, Refusal> {
        if self.read >= self.shape.len().saturating_mul(8) {
            return Err(self.no(SPENT));
        }
        let byte = self.shape.get(self.read / 8..).unwrap_or_default();
        let bit = bit(byte, (self.read % 8) as u32);
        self.read = self.read.saturating_add(1);
        Ok(bit)
    }

    fn no(&self, why: &'static str) -> Refusal {
        Refusal::Shape { size: self.size, why }
    }
}

/// The row of the parents of nodes at this depth.
fn above(rows: &mut [Row], depth: u32) -> Result<&mut Row, Refusal> {
    let parents = depth.checked_sub(1).and_then(|depth| rows.get_mut(depth as usize));
    parents.ok_or(Refusal::Defect("nodes below the topmost have parents"))
}

/// Digest number `place`.
pub(super) fn digest(digests: &[u8], place: usize, width: usize) -> Option<&[u8]> {
    digests.get(place.checked_mul(width)?..)?.get(..width)
}
