//! Nodes of a trie, read strictly: whatever a canonical trie does not have is no node.

use alloc::vec::Vec;

use super::path::Path;
use super::rlp::{Item, Taken, list, take};
use super::{DIGEST, SHORTEST_HASHED};

/// Children of a branch.
pub const CHILDREN: usize = 16;
/// Nibbles of a hashed key.
const HASHED: usize = 2 * DIGEST;

/// A node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node<'a> {
    /// The rest of a key, and its value.
    Leaf {
        /// The nibbles that are left.
        path: Path<'a>,
        /// The value, at least a byte.
        value: &'a [u8],
    },
    /// Nibbles that all keys below have in common.
    Extension {
        /// The nibbles, at least one.
        path: Path<'a>,
        /// The branch behind them.
        child: Child<'a>,
    },
    /// A child for each nibble that comes next.
    Branch(Branch<'a>),
}

/// The node of several keys that differ in the next nibble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch<'a> {
    /// Its seventeen items, each of which was read once.
    items: &'a [u8],
}

/// How a node names a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child<'a> {
    /// There is none.
    Empty,
    /// The digest of its encoding.
    Digest(&'a [u8]),
    /// Its encoding, which is shorter than a digest.
    Embedded(&'a [u8]),
}

impl<'a> Child<'a> {
    fn read(taken: &Taken<'a>) -> Option<Self> {
        match taken.item {
            Item::String([]) => Some(Self::Empty),
            Item::String(digest) => (digest.len() == DIGEST).then_some(Self::Digest(digest)),
            Item::List(_) => (taken.whole.len() < SHORTEST_HASHED).then_some(Self::Embedded(taken.whole)),
        }
    }
}

impl<'a> Branch<'a> {
    fn read(items: &'a [u8]) -> Option<Self> {
        let branch = Self { items };
        let (mut left, mut taken) = (items, 0_usize);
        for place in 0..=CHILDREN {
            let one = take(left)?;
            let something = match one.item {
                Item::List(_) if place == CHILDREN => return None,
                Item::String(value) if place == CHILDREN => !value.is_empty(),
                _ => Child::read(&one)? != Child::Empty,
            };
            taken = taken.saturating_add(something.into());
            left = one.rest;
        }
        (left.is_empty() && taken >= 2).then_some(branch)
    }

    fn taken(self) -> impl Iterator<Item = Taken<'a>> {
        let mut left = self.items;
        core::iter::from_fn(move || {
            let one = take(left)?;
            left = one.rest;
            Some(one)
        })
    }

    /// Its children, for the nibbles from 0 to 15.
    pub fn children(self) -> impl Iterator<Item = Child<'a>> {
        self.taken().take(CHILDREN).map(|one| Child::read(&one).unwrap_or(Child::Empty))
    }

    /// The child for a nibble.
    pub fn child(self, nibble: u8) -> Child<'a> {
        self.children().nth(nibble.into()).unwrap_or(Child::Empty)
    }

    /// The value of the key that ends here; empty if none does.
    pub fn value(self) -> &'a [u8] {
        match self.taken().nth(CHILDREN).map(|one| one.item) {
            Some(Item::String(value)) => value,
            _ => &[],
        }
    }
}

impl<'a> Node<'a> {
    /// Reads one node; those that stand in it are not looked at yet.
    pub fn read(encoded: &'a [u8]) -> Option<Self> {
        let items = list(encoded)?;
        let first = take(items)?;
        let second = take(first.rest)?;
        if !second.rest.is_empty() {
            return Branch::read(items).map(Self::Branch);
        }
        let Item::String(prefixed) = first.item else { return None };
        let (path, leaf) = Path::read(prefixed)?;
        match second.item {
            Item::String(value) if leaf => (!value.is_empty()).then_some(Self::Leaf { path, value }),
            Item::List(_) if leaf => None,
            _ => {
                let child = Child::read(&second)?;
                (!path.is_empty() && child != Child::Empty).then_some(Self::Extension { path, child })
            }
        }
    }
}

/// Which keys a trie has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Of any length, in whole bytes.
    Plain,
    /// Digests.
    Hashed,
}

impl Keys {
    /// Whether a key may have so many nibbles.
    fn end(self, depth: usize) -> bool {
        match self {
            Self::Plain => depth.is_multiple_of(2),
            Self::Hashed => depth == HASHED,
        }
    }

    /// Whether a key may go on behind so many nibbles.
    fn go_on(self, depth: usize) -> bool {
        self == Self::Plain || depth < HASHED
    }
}

/// Reads a node that begins at nibble `depth`, with all that stand in it; `None` unless a trie can have it there.
pub fn read_at(encoded: &[u8], depth: usize, keys: Keys) -> Option<Node<'_>> {
    let node = Node::read(encoded)?;
    // Nodes that stand in others have at most 31 bytes, of which those in them take some.
    let mut left = Vec::new();
    check(node, depth, keys, &mut left)?;
    while let Some((encoded, depth, branch)) = left.pop() {
        let node = Node::read(encoded)?;
        if branch && !matches!(node, Node::Branch(_)) {
            return None;
        }
        check(node, depth, keys, &mut left)?;
    }
    Some(node)
}

/// Checks one node, and notes those that stand in it: where they begin, and whether they must be branches.
fn check<'a>(node: Node<'a>, depth: usize, keys: Keys, left: &mut Vec<(&'a [u8], usize, bool)>) -> Option<()> {
    let well = match node {
        Node::Leaf { path, .. } => keys.end(depth.checked_add(path.len())?),
        Node::Extension { path, child } => {
            let end = depth.checked_add(path.len())?;
            if let Child::Embedded(encoded) = child {
                left.push((encoded, end, true));
            }
            keys.go_on(end)
        }
        Node::Branch(branch) => {
            let below = depth.checked_add(1)?;
            for child in branch.children() {
                if let Child::Embedded(encoded) = child {
                    left.push((encoded, below, false));
                }
            }
            keys.go_on(depth) && (branch.value().is_empty() || keys.end(depth))
        }
    };
    well.then_some(())
}
