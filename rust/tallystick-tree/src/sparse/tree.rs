//! The sparse tree: keys with digests of values, in versions that share what is the same in them.
//!
//! A batch is hashed aside, in tasks, while the tree is only read; then a write lock is held for as long as copying takes. So
//! a batch that fails or is interrupted changes nothing, and every proof belongs to exactly one version.

use std::collections::VecDeque;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::change::{Batch, Change, change};
use super::nodes::{Kind, Nodes, Ref};
use super::patch::Context;
use super::walk::{Difference, Entry, Prefix};
use crate::asking::Turns;
use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::memory::zeroed;
use crate::order::sorted;
use crate::pool::Run;

/// Values, or leaves, that a task hashes.
const TASK: usize = 1024;

/// A state of the tree.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) number: u64,
    /// Seconds, as the caller tells time.
    pub(super) time: u64,
    pub(super) head: TreeHead,
    pub(super) root: Ref,
    /// The topmost node's digest.
    pub(super) top: Vec<u8>,
    /// What the version before still had.
    retired: Vec<Ref>,
}

/// A version by its facts.
#[derive(Clone, Debug)]
pub struct VersionInfo {
    /// Its number.
    pub number: u64,
    /// When it was made, in seconds.
    pub time: u64,
    /// Its head.
    pub head: TreeHead,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) nodes: Nodes,
    /// At least one, by number.
    pub(super) versions: VecDeque<Version>,
}

/// Which version a call is about.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    /// The newest.
    Newest,
    /// The one with this number.
    Version(u64),
    /// One with this head.
    Head(&'a TreeHead),
}

/// A tree whose leaves are where their keys lead.
#[derive(Debug)]
pub struct SparseTree {
    scheme: Scheme,
    keep: Option<usize>,
    turns: Turns,
    state: RwLock<State>,
}

/// Keys of a batch, ascending, each with the digest of its value behind it.
struct Sorted {
    leaves: Vec<u8>,
    digests: Vec<u8>,
    put: Vec<bool>,
}

impl State {
    pub(super) fn newest(&self) -> Result<&Version, TreeError> {
        self.versions.back().ok_or(TreeError::Defect("a sparse tree has a version"))
    }

    pub(super) fn find(&self, at: At<'_>) -> Result<&Version, TreeError> {
        let newest = self.newest()?;
        match at {
            At::Newest => Ok(newest),
            At::Version(version) => {
                let first = self.versions.front().map_or(0, |version| version.number);
                let place = version.checked_sub(first).and_then(|place| usize::try_from(place).ok());
                let found = place.and_then(|place| self.versions.get(place));
                found.ok_or(TreeError::NoVersion { version, first, last: newest.number })
            }
            At::Head(head) => {
                self.versions.iter().rev().find(|version| version.head == *head).ok_or(TreeError::OtherHead)
            }
        }
    }

    /// Lets go of the oldest versions, down to so many; never of the newest.
    fn let_go(&mut self, versions: usize) {
        while self.versions.len() > versions.max(1) {
            self.versions.pop_front();
            let Some(oldest) = self.versions.front_mut() else { return };
            for node in std::mem::take(&mut oldest.retired) {
                self.nodes.free(node);
            }
        }
    }
}

impl SparseTree {
    /// An empty tree, of which the newest `keep` versions are kept, or all.
    pub fn new(scheme: Scheme, keep: Option<usize>, time: u64) -> Result<Self, TreeError> {
        let top = scheme.empty_subtree(0).to_vec();
        let head = TreeHead::of_top(scheme.clone(), 0, Some(&top))?;
        let nodes = Nodes::new(&scheme);
        let first = Version { number: 0, time, head, root: Ref::EMPTY, top, retired: Vec::new() };
        let state = RwLock::new(State { nodes, versions: VecDeque::from([first]) });
        Ok(Self { scheme, keep, turns: Turns::default(), state })
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        if self.turns.called_again() { self.state.read_recursive() } else { self.state.read() }
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write()
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// How many versions are kept; `None`: all.
    pub fn keep(&self) -> Option<usize> {
        self.keep
    }

    /// Inserts keys, or replaces their values, for all at once. `keys` lie one behind the other, in any order; `values` has a
    /// row for each. Gives the new version's number.
    pub fn update(&self, keys: &[u8], values: &dyn Leaves, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        self.change(keys, Some(values), time, run)
    }

    /// Removes keys. If one is absent, none is removed.
    pub fn remove(&self, keys: &[u8], time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        self.change(keys, None, time, run)
    }

    fn change(&self, keys: &[u8], values: Option<&dyn Leaves>, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        let _writing = self.turns.write(run)?;
        let count = keys.len() / self.scheme.key_size().max(1);
        if let Some(values) = values.filter(|values| values.len() != count) {
            return Err(TreeError::ValueCount { keys: count, values: values.len() });
        }
        let digests = match values {
            Some(values) => self.value_digests(values, run)?,
            None => zeroed(count * self.scheme.digest_size())?,
        };
        if count == 0 {
            return Ok(self.read().newest()?.number);
        }
        let put = if values.is_some() { Vec::new() } else { vec![false; count] };
        let sorted = self.sorted(keys, &digests, put, run)?;
        drop(digests);
        self.commit(&sorted, time, run)
    }

    /// Hashes values.
    fn value_digests(&self, values: &dyn Leaves, run: Run<'_>) -> Result<Vec<u8>, TreeError> {
        let size = self.scheme.digest_size();
        let mut digests = zeroed(values.len() * size)?;
        let tasks = digests.chunks_mut(TASK * size).enumerate();
        run.each(tasks, |(place, out): (usize, &mut [u8])| {
            let begin = place * TASK;
            match values.block(begin..begin + out.len() / size) {
                Block::Fixed { data, width } => self.scheme.value_rows(&data, width, out)?,
                block => self.scheme.values(&block.rows(), out)?,
            }
            Ok::<_, TreeError>(())
        })?;
        Ok(digests)
    }

    /// Puts keys in order and hashes leaves.
    fn sorted(&self, keys: &[u8], digests: &[u8], put: Vec<bool>, run: Run<'_>) -> Result<Sorted, TreeError> {
        let (key, size) = (self.scheme.key_size(), self.scheme.digest_size());
        let (width, count) = (key + size, keys.len() / key.max(1));
        if u32::try_from(count).is_err() {
            return Err(TreeError::TooManyLeaves);
        }
        let key_at = |place: u32| &keys[place as usize * key..][..key];
        let prefixes: Vec<u64> = keys.chunks_exact(key).map(prefix).collect();
        let order = sorted(&prefixes, run, |places| {
            places.sort_unstable_by_key(|place| key_at(*place));
            let twice = places.windows(2).find(|pair| key_at(pair[0]) == key_at(pair[1]));
            twice.map_or(Ok(()), |pair| Err(TreeError::DuplicateKey(key_at(pair[0]).to_vec())))
        })?;
        drop(prefixes);
        let (mut leaves, mut hashed) = (zeroed(count * width)?, zeroed(count * size)?);
        let tasks = leaves.chunks_mut(TASK * width).zip(hashed.chunks_mut(TASK * size)).zip(order.chunks(TASK));
        run.each(tasks, |((leaves, hashed), places): ((&mut [u8], &mut [u8]), &[u32])| {
            for (leaf, place) in leaves.chunks_exact_mut(width).zip(places) {
                let (own_key, own_value) = leaf.split_at_mut(key);
                own_key.copy_from_slice(key_at(*place));
                own_value.copy_from_slice(&digests[*place as usize * size..][..size]);
            }
            Ok::<_, TreeError>(self.scheme.keyed_leaves(leaves, hashed)?)
        })?;
        // Which of them are put follows the keys into their order.
        let put = if put.is_empty() { put } else { order.iter().map(|place| put[*place as usize]).collect() };
        Ok(Sorted { leaves, digests: hashed, put })
    }

    /// Makes a version of what a batch changes.
    fn commit(&self, batch: &Sorted, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        let (changed, size) = {
            let state = self.read();
            let newest = state.newest()?;
            let of = Context {
                scheme: &self.scheme,
                nodes: &state.nodes,
                top: &newest.top,
                leaves: &batch.leaves,
                digests: &batch.digests,
            };
            let changed = change(Batch { of, put: &batch.put }, newest.root, run)?;
            let gone = changed.patches.iter().flat_map(|patch| &patch.retired).filter(|node| node.is_lone()).count();
            let all = batch.leaves.len() / state.nodes.leaves_width();
            let put = if batch.put.is_empty() { all } else { batch.put.iter().filter(|put| **put).count() };
            (changed, newest.head.size() + put as u64 - gone as u64)
        };
        let head = TreeHead::of_top(self.scheme.clone(), size, Some(&changed.top))?;
        let mut state = self.write();
        let mut retired: Vec<Ref> = changed.patches.iter().flat_map(|patch| &patch.retired).copied().collect();
        let root = if self.keep == Some(1) && state.versions.len() == 1 {
            // Nobody reads the version before any more, and what it leaves lies in the caches.
            retired.iter().for_each(|node| state.nodes.free(*node));
            let added = add(&mut state.nodes, batch, &changed);
            let root = added.inspect_err(|_| state.nodes.keep(&retired))?;
            retired.clear();
            root
        } else {
            add(&mut state.nodes, batch, &changed)?
        };
        let number = state.newest()?.number + 1;
        state.versions.push_back(Version { number, time, head, root, top: changed.top, retired });
        if let Some(keep) = self.keep {
            state.let_go(keep);
        }
        Ok(number)
    }

    /// The newest version's number.
    pub fn version(&self) -> Result<u64, TreeError> {
        Ok(self.read().newest()?.number)
    }

    /// All versions there are, by number.
    pub fn versions(&self) -> Vec<VersionInfo> {
        let info =
            |version: &Version| VersionInfo { number: version.number, time: version.time, head: version.head.clone() };
        self.read().versions.iter().map(info).collect()
    }

    /// A version's facts.
    pub fn info(&self, at: At<'_>) -> Result<VersionInfo, TreeError> {
        let state = self.read();
        let version = state.find(at)?;
        Ok(VersionInfo { number: version.number, time: version.time, head: version.head.clone() })
    }

    /// The digest of a key's value.
    pub fn value(&self, key: &[u8], at: At<'_>) -> Result<Option<Vec<u8>>, TreeError> {
        self.check_key(key)?;
        let state = self.read();
        let found = state.nodes.find(state.find(at)?.root, key);
        Ok(found.map(|leaf| state.nodes.leaf_value(leaf).to_vec()))
    }

    /// At most `most` entries, ascending, of keys with a prefix; those behind `after`, if it is given.
    pub fn entries(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        most: usize,
        at: At<'_>,
    ) -> Result<Vec<Entry>, TreeError> {
        if prefix.len() > self.scheme.key_size() {
            return Err(TreeError::KeySize { found: prefix.len(), expected: self.scheme.key_size() });
        }
        let state = self.read();
        Ok(state.nodes.entries(state.find(at)?.root, &Prefix::new(prefix), after, most))
    }

    /// What differs between two versions, ascending by key.
    pub fn differences(&self, old: u64, new: u64) -> Result<Vec<Difference>, TreeError> {
        let state = self.read();
        let (old, new) = (state.find(At::Version(old))?.root, state.find(At::Version(new))?.root);
        Ok(state.nodes.differences(old, new))
    }

    /// Lets go of all versions before this one, which there must be.
    pub fn prune(&self, before: u64, run: Run<'_>) -> Result<(), TreeError> {
        let _writing = self.turns.write(run)?;
        let mut state = self.write();
        let last = state.newest()?.number;
        state.find(At::Version(before.min(last)))?;
        if before > last {
            let first = state.versions.front().map_or(0, |version| version.number);
            return Err(TreeError::NoVersion { version: before, first, last });
        }
        state.let_go(usize::try_from(last - before).unwrap_or(usize::MAX).saturating_add(1));
        Ok(())
    }

    /// Bytes that nodes and leaves of all versions take.
    pub fn bytes(&self) -> usize {
        self.read().nodes.bytes()
    }

    pub(super) fn check_key(&self, key: &[u8]) -> Result<(), TreeError> {
        let expected = self.scheme.key_size();
        if key.len() == expected { Ok(()) } else { Err(TreeError::KeySize { found: key.len(), expected }) }
    }
}

/// The first eight bytes of a key as a number, which orders keys as far as it goes.
pub(super) fn prefix(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(key) {
        *to = *from;
    }
    u64::from_be_bytes(first)
}

/// Puts new nodes and leaves into their slabs. Failing changes nothing.
fn add(nodes: &mut Nodes, batch: &Sorted, changed: &Change) -> Result<Ref, TreeError> {
    let (digest, leaf_width, width) = (nodes.digest, nodes.leaves_width(), nodes.inner_width());
    let count = batch.leaves.len() / leaf_width;
    let leaves = nodes.leaves.reserve(count)?;
    let inner = match nodes.inner.reserve(changed.patches.iter().map(super::patch::Patch::len).sum()) {
        Ok(inner) => inner,
        Err(error) => {
            nodes.leaves.unreserve(leaves);
            return Err(error);
        }
    };
    for (place, leaf) in (0..).zip(batch.leaves.chunks_exact(leaf_width)) {
        let number = leaves.get(place);
        nodes.leaves.put(number, leaf);
        if !batch.put.get(place as usize).copied().unwrap_or(true) {
            nodes.free(Ref::leaf(number));
        }
    }
    let settled = |at: Ref, base: u32| match at.kind() {
        Kind::FreshInner(number) => Ref::inner(inner.get(base + number)),
        Kind::FreshLeaf(place) => Ref::leaf(leaves.get(place)),
        _ => at,
    };
    let (mut next, mut own) = (0, vec![0; width]);
    for (patch, base) in changed.patches.iter().zip(&changed.bases) {
        for record in patch.records.chunks_exact(width) {
            own.copy_from_slice(record);
            for right in [false, true] {
                let at = 2 * digest + if right { 4 } else { 0 };
                let child = settled(super::nodes::child_of(record, digest, right), *base);
                own[at..at + 4].copy_from_slice(&child.0.to_le_bytes());
            }
            nodes.inner.put(inner.get(next), &own);
            next += 1;
        }
    }
    Ok(settled(changed.root, 0))
}
