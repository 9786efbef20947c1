//! Ways through a version of a tree: what it holds, in the order of keys, and what differs between two of them.

use super::nodes::{Kind, Nodes, Ref, bit, common_bits};

/// A key with the digest of its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A key whose value differs: with its digest before and after, `None` where it is absent.
pub type Difference = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// Bits that all wanted keys begin with.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    bytes: Vec<u8>,
}

impl Prefix {
    /// These bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }

    fn holds(&self, key: &[u8]) -> bool {
        key.starts_with(&self.bytes)
    }
}

impl Nodes {
    fn entry(&self, leaf: u32) -> Entry {
        (self.leaf_key(leaf).to_vec(), self.leaf_value(leaf).to_vec())
    }

    /// The leaf of a key.
    pub(super) fn find(&self, root: Ref, key: &[u8]) -> Option<u32> {
        let (mut at, mut depth) = (root, 0);
        loop {
            match at.kind() {
                Kind::Inner(number) => at = self.child(number, bit(key, depth)),
                Kind::Leaf(leaf) => return (self.leaf_key(leaf) == key).then_some(leaf),
                _ => return None,
            }
            depth += 1;
        }
    }

    /// At most `most` entries, ascending, of keys with a prefix; those behind `after`, if it is given.
    pub(super) fn entries(&self, root: Ref, prefix: &Prefix, after: Option<&[u8]>, most: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut stack = vec![(root, 0_u32, after.is_some())];
        let wanted = prefix.bytes.len() as u32 * 8;
        while let Some((at, depth, along)) = stack.pop() {
            match at.kind() {
                Kind::Inner(number) => {
                    // A way along `after` leaves out what is left of it.
                    let turn = after.filter(|_| along).map(|after| bit(after, depth));
                    let asked = (depth < wanted).then(|| bit(&prefix.bytes, depth));
                    for right in [true, false] {
                        let passed = turn.is_some_and(|turn| turn && !right);
                        if asked.is_none_or(|asked| asked == right) && !passed {
                            stack.push((self.child(number, right), depth + 1, turn == Some(right)));
                        }
                    }
                }
                Kind::Leaf(leaf) => {
                    let key = self.leaf_key(leaf);
                    if prefix.holds(key) && after.is_none_or(|after| after < key) {
                        entries.push(self.entry(leaf));
                        if entries.len() >= most {
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        entries
    }

    /// What differs between two versions, ascending. Costs what differs.
    pub(super) fn differences(&self, old: Ref, new: Ref) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut stack = vec![(old, new)];
        while let Some((old, new)) = stack.pop() {
            match (old.kind(), new.kind()) {
                _ if old == new => {}
                (Kind::Inner(left), Kind::Inner(right)) => {
                    for side in [true, false] {
                        stack.push((self.child(left, side), self.child(right, side)));
                    }
                }
                // One of them is at most one leaf.
                _ => self.compare(old, new, &mut differences),
            }
        }
        differences
    }

    fn compare(&self, old: Ref, new: Ref, differences: &mut Vec<Difference>) {
        let all = |root| self.entries(root, &Prefix::new(&[]), None, usize::MAX);
        let (mut old, mut new) = (all(old).into_iter().peekable(), all(new).into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((left, _)), Some((right, _))) => left.cmp(right),
            };
            let before = if order.is_le() { old.next() } else { None };
            let after = if order.is_ge() { new.next() } else { None };
            if before != after
                && let Some((key, _)) = before.as_ref().or(after.as_ref())
            {
                let key = key.clone();
                differences.push((key, before.map(|entry| entry.1), after.map(|entry| entry.1)));
            }
        }
    }

    /// Bits that a leaf's key has in common with another.
    pub(super) fn common_with(&self, leaf: u32, key: &[u8]) -> u32 {
        common_bits(self.leaf_key(leaf), key)
    }
}
