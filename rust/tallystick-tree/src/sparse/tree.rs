//! The sparse tree: keys with digests of values, in versions that share what is the same in them.
//!
//! A batch is hashed aside, in tasks, while the tree is only read; then a write lock is held for as long as copying takes. So
//! a batch that fails or is interrupted changes nothing, and every proof belongs to exactly one version.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tallystick_proof::codec::Resolve;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::add::{Added, Addition, add};
use super::change::{Batch, Change, change};
use super::nodes::{Nodes, Ref};
use super::page::Stamp;
use super::patch::Context;
use super::record::NAMED;
use super::store::TileStore;
use super::stored::{Draft, Missing, Stored, install, missing};
use super::walk::{Difference, Entry, Start, Wanted};
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
    /// What the version before still had; nothing where that is not known.
    pub(super) retired: Vec<Ref>,
    /// Where a store has it.
    pub(super) stamp: Option<Stamp>,
    /// Whether it was made by another tree, which knew what it retired.
    pub(super) restored: bool,
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
    stored: Option<Stored>,
}

/// Keys of a batch, ascending, each with the digest of its value behind it.
struct Sorted {
    leaves: Vec<u8>,
    digests: Vec<u8>,
    put: Vec<bool>,
}

/// When a version was made, and its head.
struct Facts {
    time: u64,
    head: TreeHead,
}

impl Sorted {
    fn add(&self, nodes: &mut Nodes, changed: &Change) -> Result<Added, TreeError> {
        let patches: Vec<_> = changed.patches.iter().zip(changed.bases.iter().copied()).collect();
        let (leaves, put, root) = (&self.leaves[..], &self.put[..], changed.root);
        add(nodes, &Addition { leaves, put, patches: &patches, root, pages: &[] })
    }
}

impl State {
    /// The stamps of versions that go when so many are kept, and of the versions that follow each.
    fn leaving(&self, versions: usize) -> (Vec<Stamp>, Vec<Stamp>) {
        let gone = self.versions.len().saturating_sub(versions.max(1));
        let stamps = |from: usize| self.versions.iter().skip(from).take(gone).filter_map(|version| version.stamp);
        (stamps(0).collect(), stamps(1).collect())
    }

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
            if oldest.restored {
                let roots: Vec<Ref> = self.versions.iter().map(|version| version.root).collect();
                self.nodes.sweep(&roots);
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
        let root = Ref::EMPTY;
        let first = Version { number: 0, time, head, root, top, retired: Vec::new(), stamp: None, restored: false };
        let state = RwLock::new(State { nodes, versions: VecDeque::from([first]) });
        Ok(Self { scheme, keep, turns: Turns::default(), state, stored: None })
    }

    /// The same in a store, which has no tree yet.
    pub fn create(
        scheme: Scheme,
        keep: Option<usize>,
        time: u64,
        store: Arc<dyn TileStore>,
    ) -> Result<Self, TreeError> {
        let mut tree = Self::new(scheme, keep, time)?;
        let state = tree.state.get_mut();
        let first = state.versions.front_mut().ok_or(TreeError::Defect("a sparse tree has a version"))?;
        let (stored, stamp) = Stored::create(store, &tree.scheme, first)?;
        first.stamp = Some(stamp);
        tree.stored = Some(stored);
        Ok(tree)
    }

    /// The tree in a store, with all versions that it has. Reads as many records as there are versions, and no nodes. Pages
    /// are read when a call needs them, and checked before they are used.
    pub fn open(store: Arc<dyn TileStore>, keep: Option<usize>, resolve: Resolve<'_>) -> Result<Self, TreeError> {
        let (stored, scheme, state) = Stored::open(store, resolve)?;
        Ok(Self { scheme, keep, turns: Turns::default(), state: RwLock::new(state), stored: Some(stored) })
    }

    /// Calls `work` when what it needs was read: the ways of some keys in a version.
    pub(super) fn with_ways<T>(
        &self,
        keys: &[&[u8]],
        at: At<'_>,
        run: Run<'_>,
        work: impl FnOnce(&State, &Version) -> Result<T, TreeError>,
    ) -> Result<T, TreeError> {
        let Some(stored) = &self.stored else {
            let state = self.read();
            return work(&state, state.find(at)?);
        };
        let mut work = Some(work);
        loop {
            let wanted = {
                let state = self.read();
                let version = state.find(at)?;
                let wanted = missing(&state.nodes, version, keys);
                if wanted.is_empty() {
                    let work = work.take().ok_or(TreeError::Defect("a call is made once"))?;
                    return work(&state, version);
                }
                wanted
            };
            self.fetch(stored, &wanted, run)?;
        }
    }

    /// Calls `work` until all is read that it needs.
    fn with_pages<T>(
        &self,
        run: Run<'_>,
        work: impl Fn(&State, &mut Vec<Missing>) -> Result<T, TreeError>,
    ) -> Result<T, TreeError> {
        loop {
            let mut wanted = Vec::new();
            let done = work(&self.read(), &mut wanted)?;
            match &self.stored {
                Some(stored) if !wanted.is_empty() => self.fetch(stored, &wanted, run)?,
                _ => return Ok(done),
            }
        }
    }

    fn fetch(&self, stored: &Stored, wanted: &[Missing], run: Run<'_>) -> Result<(), TreeError> {
        let loaded = {
            let _asking = self.turns.ask();
            stored.load(&self.scheme, wanted, run)?
        };
        install(&mut self.write().nodes, wanted, &loaded)
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        if self.turns.called_again() { self.state.read_recursive() } else { self.state.read() }
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
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

    /// Puts leaves, which ascend, each its key with the digest of its value.
    pub(super) fn put_leaves(&self, leaves: Vec<u8>, time: u64, run: Run<'_>) -> Result<(), TreeError> {
        let _writing = self.turns.write(run)?;
        let (size, width) = (self.scheme.digest_size(), self.scheme.key_size() + self.scheme.digest_size());
        if leaves.is_empty() {
            return Ok(());
        }
        let mut digests = zeroed(leaves.len() / width * size)?;
        let tasks = leaves.chunks(TASK * width).zip(digests.chunks_mut(TASK * size));
        run.each(tasks, |(leaves, out): (&[u8], &mut [u8])| {
            Ok::<_, TreeError>(self.scheme.keyed_leaves(leaves, out)?)
        })?;
        self.commit(&Sorted { leaves, digests, put: Vec::new() }, time, run).map(|_| ())
    }

    /// Lets go of all but the newest version, and gives it this number: for a tree that is made again.
    pub(super) fn begin_at(&self, number: u64) {
        let mut state = self.write();
        state.let_go(1);
        if let Some(newest) = state.versions.back_mut() {
            newest.number = number;
        }
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
            twice.map_or(Ok(()), |pair| Err(TreeError::KeyTwice(key_at(pair[0]).to_vec())))
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
        let width = self.scheme.key_size() + self.scheme.digest_size();
        let keys: Vec<&[u8]> = match self.stored {
            Some(_) => batch.leaves.chunks_exact(width).map(|leaf| &leaf[..self.scheme.key_size()]).collect(),
            None => Vec::new(),
        };
        let (changed, size) = self.with_ways(&keys, At::Newest, run, |state, newest| {
            let of = Context {
                scheme: &self.scheme,
                nodes: &state.nodes,
                top: &newest.top,
                leaves: &batch.leaves,
                digests: &batch.digests,
                given: &[],
            };
            let changed = change(Batch { of, put: &batch.put }, newest.root, run)?;
            let gone = changed.patches.iter().flat_map(|patch| &patch.retired).filter(|node| node.is_lone()).count();
            let all = batch.leaves.len() / state.nodes.leaves_width();
            let put = if batch.put.is_empty() { all } else { batch.put.iter().filter(|put| **put).count() };
            Ok((changed, newest.head.size() + put as u64 - gone as u64))
        })?;
        let head = TreeHead::of_top(self.scheme.clone(), size, Some(&changed.top))?;
        let retired: Vec<Ref> = changed.patches.iter().flat_map(|patch| &patch.retired).copied().collect();
        match &self.stored {
            None => self.put_in_place(batch, changed, retired, Facts { time, head }),
            Some(stored) => self.put_in_store(stored, batch, changed, retired, Facts { time, head }),
        }
    }

    fn put_in_place(&self, batch: &Sorted, changed: Change, retired: Vec<Ref>, of: Facts) -> Result<u64, TreeError> {
        let mut state = self.write();
        let mut retired = retired;
        let root = if self.keep == Some(1) && state.versions.len() == 1 {
            // Nobody reads the version before any more, and what it leaves lies in the caches.
            for node in &retired {
                state.nodes.free(*node);
            }
            let added = batch.add(&mut state.nodes, &changed);
            let added = added.inspect_err(|_| state.nodes.keep(&retired))?;
            retired.clear();
            added.root
        } else {
            batch.add(&mut state.nodes, &changed)?.root
        };
        let number = state.newest()?.number + 1;
        let (Facts { time, head }, top) = (of, changed.top);
        state.versions.push_back(Version { number, time, head, root, top, retired, stamp: None, restored: false });
        if let Some(keep) = self.keep {
            state.let_go(keep);
        }
        Ok(number)
    }

    /// The same in a store. New nodes are out of every version's sight until the head is published.
    fn put_in_store(
        &self,
        stored: &Stored,
        batch: &Sorted,
        changed: Change,
        retired: Vec<Ref>,
        of: Facts,
    ) -> Result<u64, TreeError> {
        let added = batch.add(&mut self.write().nodes, &changed)?;
        let kept = self.keep.unwrap_or(usize::MAX);
        let published = {
            let state = self.read();
            let number = state.newest()?.number + 1;
            // With the new one there is one more.
            let gone = (state.versions.len() + 1).saturating_sub(kept);
            let oldest = state.versions.get(gone).map_or(number, |version| version.number);
            let before = state.versions.iter().rev().take(NAMED).filter_map(|version| version.stamp).collect();
            let draft = Draft { number, time: of.time, head: &of.head, top: &changed.top, retired: &retired, oldest };
            stored.publish(&state.nodes, &draft, added.root, &added.inner(), before)
        };
        let mut state = self.write();
        let published = match published {
            Ok(published) => published,
            Err(error) => {
                added.undo(&mut state.nodes, &batch.put);
                return Err(error);
            }
        };
        published.remember(&mut state.nodes);
        let (number, root, Facts { time, head }) = (state.newest()?.number + 1, added.root, of);
        let stamp = Some(published.stamp);
        let top = changed.top;
        state.versions.push_back(Version { number, time, head, root, top, retired, stamp, restored: false });
        let (gone, followers) = state.leaving(kept);
        state.let_go(kept);
        drop(state);
        stored.sweep(&gone, &followers)?;
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
    pub fn value(&self, key: &[u8], at: At<'_>, run: Run<'_>) -> Result<Option<Vec<u8>>, TreeError> {
        self.check_key(key)?;
        self.with_ways(&[key], at, run, |state, version| {
            let found = state.nodes.find(version.root, key);
            Ok(found.map(|leaf| state.nodes.leaf_value(leaf).to_vec()))
        })
    }

    /// At most `most` entries, ascending, of keys with a prefix; those behind `after`, if it is given.
    pub fn entries(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        most: usize,
        at: At<'_>,
        run: Run<'_>,
    ) -> Result<Vec<Entry>, TreeError> {
        if prefix.len() > self.scheme.key_size() {
            return Err(TreeError::KeySize { found: prefix.len(), expected: self.scheme.key_size() });
        }
        let wanted = Wanted { prefix, after, most };
        self.with_pages(run, |state, missing| {
            let version = state.find(at)?;
            Ok(state.nodes.entries(Start { at: version.root, digest: &version.top }, wanted, missing))
        })
    }

    /// What differs between two versions, ascending by key.
    pub fn differences(&self, old: u64, new: u64, run: Run<'_>) -> Result<Vec<Difference>, TreeError> {
        self.with_pages(run, |state, missing| {
            let (old, new) = (state.find(At::Version(old))?, state.find(At::Version(new))?);
            let start = |version: &'_ Version| (version.root, version.top.clone());
            Ok(state.nodes.differences(start(old), start(new), missing))
        })
    }

    /// Lets go of all versions before this one, which there must be.
    pub fn prune(&self, before: u64, run: Run<'_>) -> Result<(), TreeError> {
        let _writing = self.turns.write(run)?;
        let state = self.read();
        let last = state.newest()?.number;
        state.find(At::Version(before.min(last)))?;
        if before > last {
            let first = state.versions.front().map_or(0, |version| version.number);
            return Err(TreeError::NoVersion { version: before, first, last });
        }
        let kept = usize::try_from(last - before).unwrap_or(usize::MAX).saturating_add(1);
        let (gone, followers) = state.leaving(kept);
        let stamp = state.newest()?.stamp;
        drop(state);
        if let (Some(stored), Some(stamp)) = (&self.stored, stamp) {
            stored.set_oldest(&self.scheme, before, last, stamp)?;
        }
        self.write().let_go(kept);
        self.stored.as_ref().map_or(Ok(()), |stored| stored.sweep(&gone, &followers))
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
