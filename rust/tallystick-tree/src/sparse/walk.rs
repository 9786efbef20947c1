//! Ways through a version of a tree: what it holds, in the order of keys, and what differs between two of them.

use super::nodes::{Kind, Nodes, Ref, bit, common_bits};
use super::page::Place;
use super::stored::{Missing, page_at};

/// A key with the digest of its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A key whose value differs: with its digest before and after, `None` where it is absent.
pub type Difference = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// Which entries are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// What keys begin with.
    pub(super) prefix: &'a [u8],
    /// The last key that is not wanted.
    pub(super) after: Option<&'a [u8]>,
    pub(super) most: usize,
}

/// The topmost node of a subtree, and its digest.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) at: Ref,
    pub(super) digest: &'a [u8],
}

/// Pages that are asked for at once.
const AT_ONCE: usize = 1024;

impl Nodes {
    fn entry(&self, leaf: u32) -> Entry {
        (self.leaf_key(leaf).to_vec(), self.leaf_value(leaf).to_vec())
    }

    /// The leaf of a key.
    pub(super) fn find(&self, root: Ref, key: &[u8]) -> Option<u32> {
        let (mut at, mut depth) = (self.read_as(root), 0);
        loop {
            match at.kind() {
                Kind::Inner(number) => at = self.child(number, bit(key, depth)),
                Kind::Leaf(leaf) => return (self.leaf_key(leaf) == key).then_some(leaf),
                _ => return None,
            }
            depth += 1;
        }
    }

    /// At most so many entries, ascending. Pages that are not read are added to `missing`; then what comes is not all.
    pub(super) fn entries(&self, start: Start<'_>, wanted: Wanted<'_>, missing: &mut Vec<Missing>) -> Vec<Entry> {
        self.entries_at(start, Place::ROOT, wanted, missing)
    }

    fn entries_at(&self, start: Start<'_>, place: Place, wanted: Wanted<'_>, missing: &mut Vec<Missing>) -> Vec<Entry> {
        let Wanted { prefix, after, most } = wanted;
        let mut entries = Vec::new();
        let mut stack = vec![(self.read_as(start.at), place, start.digest, after.is_some())];
        while let Some((at, place, digest, along)) = stack.pop() {
            match at.kind() {
                Kind::Inner(number) => {
                    // A way along `after` leaves out what is left of it.
                    let turn = after.filter(|_| along).map(|after| bit(after, place.depth));
                    let asked = (place.depth < prefix.len() as u32 * 8).then(|| bit(prefix, place.depth));
                    for right in [true, false] {
                        let passed = turn.is_some_and(|turn| turn && !right);
                        if asked.is_none_or(|asked| asked == right) && !passed {
                            let digest = self.child_digest(number, right);
                            stack.push((self.child(number, right), place.child(right), digest, turn == Some(right)));
                        }
                    }
                }
                Kind::Leaf(leaf) => {
                    let key = self.leaf_key(leaf);
                    if key.starts_with(prefix) && after.is_none_or(|after| after < key) && missing.is_empty() {
                        entries.push(self.entry(leaf));
                        if entries.len() >= most {
                            break;
                        }
                    }
                }
                _ => {
                    missing.extend(page_at(self, at, (&place.key[..self.key], place.depth), digest));
                    // Pages of two keys or more are as many as entries are wanted.
                    if missing.len() >= AT_ONCE || missing.len() + entries.len() >= most {
                        break;
                    }
                }
            }
        }
        entries
    }

    /// What differs between two versions, ascending. Costs what differs. Pages that are not read are added to `missing`.
    pub(super) fn differences(
        &self,
        old: (Ref, Vec<u8>),
        new: (Ref, Vec<u8>),
        missing: &mut Vec<Missing>,
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut stack = vec![(old, new, Place::ROOT)];
        while let Some((old, new, place)) = stack.pop() {
            let ends = [&old, &new].map(|(at, digest)| (self.read_as(*at), &digest[..]));
            let mut unread = ends
                .iter()
                .filter_map(|(at, digest)| page_at(self, *at, (&place.key[..self.key], place.depth), digest));
            match (ends[0].0.kind(), ends[1].0.kind()) {
                _ if ends[0].0 == ends[1].0 => {}
                // Where there are runs, a leaf's digest does not tell its key.
                (left, right) if ends[0].1 == ends[1].1 && !(self.runs && (is_leaf(left) || is_leaf(right))) => {}
                (Kind::Inner(left), Kind::Inner(right)) => {
                    for side in [true, false] {
                        let child = |number| (self.child(number, side), self.child_digest(number, side).to_vec());
                        stack.push((child(left), child(right), place.child(side)));
                    }
                }
                (Kind::Page(_), _) | (_, Kind::Page(_)) => missing.extend(unread.by_ref()),
                // One of them is at most one leaf.
                _ => {
                    let all = Wanted { prefix: &[], after: None, most: usize::MAX };
                    let [old, new] = ends.map(|(at, digest)| {
                        let mut unread = Vec::new();
                        let entries = self.entries_at(Start { at, digest }, place, all, &mut unread);
                        missing.extend(unread);
                        entries
                    });
                    compare(old, new, &mut differences);
                }
            }
            if missing.len() >= AT_ONCE {
                break;
            }
        }
        differences
    }

    /// Bits that a leaf's key has in common with another.
    pub(super) fn common_with(&self, leaf: u32, key: &[u8]) -> u32 {
        common_bits(self.leaf_key(leaf), key)
    }
}

fn is_leaf(kind: Kind) -> bool {
    matches!(kind, Kind::Leaf(_))
}

fn compare(old: Vec<Entry>, new: Vec<Entry>, differences: &mut Vec<Difference>) {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
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
