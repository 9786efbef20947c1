//! How a batch of keys becomes a version.
//!
//! A batch is hashed aside, in tasks, while the tree is only read; then a write lock is held for as long as copying takes. So
//! a batch that fails or is interrupted changes nothing, and every proof belongs to exactly one version.

use tallystick_proof::head::TreeHead;

use super::add::{Added, Addition, add};
use super::change::{Batch, Change, change};
use super::nodes::{Nodes, Ref};
use super::patch::Context;
use super::record::NAMED;
use super::stored::{Draft, Stored};
use super::tree::{At, SparseTree, Version, prefix};
use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::memory::zeroed;
use crate::order::sorted;
use crate::pool::Run;

/// Values, or leaves, that a task hashes.
const TASK: usize = 1024;

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

impl SparseTree {
    /// Inserts keys, or replaces their values, for all at once. `keys` lie one behind the other, in any order; `values` has a
    /// row for each. Gives the new version's number.
    pub fn update(&self, keys: &[u8], values: &dyn Leaves, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        let own = run.for_hash(self.scheme().hash());
        self.change(keys, Some(&|| self.value_digests(values, own)), time, run)
    }

    /// The same from digests of values.
    pub fn update_digests(&self, keys: &[u8], digests: &dyn Leaves, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        self.change(keys, Some(&|| self.given_digests(keys, digests)), time, run)
    }

    /// Removes keys. If one is absent, none is removed.
    pub fn remove(&self, keys: &[u8], time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        self.change(keys, None, time, run)
    }

    /// Puts keys with digests of values, or removes them.
    fn change(
        &self,
        keys: &[u8],
        digests: Option<&dyn Fn() -> Result<Vec<u8>, TreeError>>,
        time: u64,
        run: Run<'_>,
    ) -> Result<u64, TreeError> {
        let run = run.for_hash(self.scheme().hash());
        let _writing = self.turns.write(run)?;
        let (count, size) = (keys.len() / self.scheme().key_size().max(1), self.scheme().digest_size());
        let put = if digests.is_some() { Vec::new() } else { vec![false; count] };
        let digests = digests.map_or_else(|| zeroed(count * size), |digests| digests())?;
        if digests.len() != count * size {
            return Err(TreeError::ValueCount { keys: count, values: digests.len() / size });
        }
        if count == 0 {
            return Ok(self.read().newest()?.number);
        }
        let sorted = self.sorted(keys, &digests, put, run)?;
        drop(digests);
        self.commit(&sorted, time, run)
    }

    /// Puts leaves, which ascend, each its key with the digest of its value.
    pub(super) fn put_leaves(&self, leaves: Vec<u8>, time: u64, run: Run<'_>) -> Result<(), TreeError> {
        let run = run.for_hash(self.scheme().hash());
        let _writing = self.turns.write(run)?;
        let (size, width) = (self.scheme().digest_size(), self.scheme().key_size() + self.scheme().digest_size());
        if leaves.is_empty() {
            return Ok(());
        }
        let mut digests = zeroed(leaves.len() / width * size)?;
        let tasks = leaves.chunks(TASK * width).zip(digests.chunks_mut(TASK * size));
        run.each(tasks, |(leaves, out): (&[u8], &mut [u8])| {
            Ok::<_, TreeError>(self.scheme().keyed_leaves(leaves, out)?)
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
        let size = self.scheme().digest_size();
        let mut digests = zeroed(values.len() * size)?;
        let tasks = digests.chunks_mut(TASK * size).enumerate();
        run.each(tasks, |(place, out): (usize, &mut [u8])| {
            let begin = place * TASK;
            match values.block(begin..begin + out.len() / size) {
                Block::Fixed { data, width } => self.scheme().value_rows(&data, width, out)?,
                block => self.scheme().values(&block.rows(), out)?,
            }
            Ok::<_, TreeError>(())
        })?;
        Ok(digests)
    }

    /// Takes digests of values as they are.
    fn given_digests(&self, keys: &[u8], digests: &dyn Leaves) -> Result<Vec<u8>, TreeError> {
        let (scheme, expected) = (self.scheme(), self.scheme().digest_size());
        let mut all = Vec::new();
        all.try_reserve(digests.len() * expected).map_err(|_| TreeError::OutOfMemory(digests.len() * expected))?;
        for begin in (0..digests.len()).step_by(TASK) {
            for digest in digests.block(begin..digests.len().min(begin + TASK)).rows() {
                if digest.len() != expected {
                    return Err(TreeError::ValueDigest { found: digest.len(), expected });
                }
                if scheme.is_empty_leaf(digest) {
                    let key = keys.chunks_exact(scheme.key_size()).nth(all.len() / expected).unwrap_or_default();
                    return Err(TreeError::EmptyDigest(key.to_vec()));
                }
                all.extend_from_slice(digest);
            }
        }
        Ok(all)
    }

    /// Puts keys in order and hashes leaves.
    fn sorted(&self, keys: &[u8], digests: &[u8], put: Vec<bool>, run: Run<'_>) -> Result<Sorted, TreeError> {
        let (key, size) = (self.scheme().key_size(), self.scheme().digest_size());
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
            Ok::<_, TreeError>(self.scheme().keyed_leaves(leaves, hashed)?)
        })?;
        // Which of them are put follows the keys into their order.
        let put = if put.is_empty() { put } else { order.iter().map(|place| put[*place as usize]).collect() };
        Ok(Sorted { leaves, digests: hashed, put })
    }

    /// Makes a version of what a batch changes.
    fn commit(&self, batch: &Sorted, time: u64, run: Run<'_>) -> Result<u64, TreeError> {
        let width = self.scheme().key_size() + self.scheme().digest_size();
        let keys: Vec<&[u8]> = match self.stored {
            Some(_) => batch.leaves.chunks_exact(width).map(|leaf| &leaf[..self.scheme().key_size()]).collect(),
            None => Vec::new(),
        };
        let (changed, size) = self.with_ways(&keys, At::Newest, run, |state, newest| {
            let of = Context {
                scheme: self.scheme(),
                nodes: &state.nodes,
                top: &newest.top,
                leaves: &batch.leaves,
                digests: &batch.digests,
                given: &[],
                feet: &[],
            };
            let changed = change(Batch { of, put: &batch.put }, newest.root, run)?;
            let gone = changed.patches.iter().flat_map(|patch| &patch.retired).filter(|node| node.is_lone()).count();
            let all = batch.leaves.len() / state.nodes.leaves_width();
            let put = if batch.put.is_empty() { all } else { batch.put.iter().filter(|put| **put).count() };
            Ok((changed, newest.head.size() + put as u64 - gone as u64))
        })?;
        let head = TreeHead::of_top(self.scheme().clone(), size, Some(&changed.top))?;
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
}
