//! The sparse tree: keys with digests of values, in versions that share what is the same in them.
//!
//! Every call finds its version under a read lock, and has read what it needs of a store before. Writing is in `commit`.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{RwLock, RwLockWriteGuard};
use tallystick_proof::codec::Resolve;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::nodes::{Nodes, Ref};
use super::page::Stamp;
use super::store::TileStore;
use super::stored::{Missing, Stored, install, missing};
use super::walk::{Difference, Entry, Start, Wanted};
use crate::asking::{Reading, Turns};
use crate::error::TreeError;
use crate::pool::Run;

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
    pub(super) keep: Option<usize>,
    pub(super) turns: Turns,
    state: RwLock<State>,
    pub(super) stored: Option<Stored>,
}

impl State {
    /// The stamps of versions that go when so many are kept, and of the versions that follow each.
    pub(super) fn leaving(&self, versions: usize) -> (Vec<Stamp>, Vec<Stamp>) {
        let gone = self.versions.len().saturating_sub(versions.max(1));
        let stamps = |from: usize| self.versions.iter().skip(from).take(gone).filter_map(|version| version.stamp);
        (stamps(0).collect(), stamps(1).collect())
    }

    pub(super) fn newest(&self) -> Result<&Version, TreeError> {
        self.versions.back().ok_or(TreeError::Defect("a sparse tree has a version"))
    }

    /// The oldest version's number.
    fn oldest(&self) -> u64 {
        self.versions.front().map_or(0, |version| version.number)
    }

    pub(super) fn find(&self, at: At<'_>) -> Result<&Version, TreeError> {
        let newest = self.newest()?;
        let (first, last) = (self.oldest(), newest.number);
        match at {
            At::Newest => Ok(newest),
            At::Version(version) => {
                let place = version.checked_sub(first).and_then(|place| usize::try_from(place).ok());
                let found = place.and_then(|place| self.versions.get(place));
                found.ok_or(TreeError::NoVersion { version, first, last })
            }
            At::Head(head) => {
                let found = self.versions.iter().rev().find(|version| version.head == *head);
                found.ok_or(TreeError::OtherHead { first, last })
            }
        }
    }

    /// Lets go of the oldest versions, down to so many; never of the newest.
    pub(super) fn let_go(&mut self, versions: usize) {
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
        if self.turns.reads() {
            return Err(TreeError::CalledAgain);
        }
        let loaded = {
            let _asking = self.turns.ask();
            stored.load(&self.scheme, wanted, run)?
        };
        install(&mut self.write().nodes, wanted, &loaded)
    }

    pub(super) fn read(&self) -> Reading<'_, State> {
        self.turns.read(&self.state, &self.scheme)
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
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
            return Err(TreeError::NoVersion { version: before, first: state.oldest(), last });
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
