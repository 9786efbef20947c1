//! Ethereum's Merkle Patricia trie in memory: readable from many threads while one writes.
//!
//! A write makes the changed nodes of another trie, which shares all others with the old one, and then takes the lock for
//! as long as it takes to exchange two roots. Readers keep the trie that they began with.

mod drafts;
mod merge;
mod node;
mod walk;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;
use tallystick_proof::hash::{Hash, Seeded};
use tallystick_proof::patricia::{DIGEST, EMPTY_ROOT, PatriciaHead, PatriciaProof, keccak256};

use crate::asking::Turns;
use crate::digest::digest_many;
use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::order::sorted;
use crate::pool::{Pool, Run, never};

use merge::{Item, merge};
use node::Node;

pub use walk::{Items, KeyValue};

/// Keys and values have at most so many bytes, so that every node has less than 2^32.
pub const LONGEST: usize = 1 << 30;
/// Keys of one batch.
const MOST: usize = u32::MAX as usize;

/// Keys that one task looks up.
const CHUNK: usize = 1024;

/// A trie of some moment.
#[derive(Clone, Debug)]
struct State {
    root: Option<Arc<Node>>,
    digest: [u8; DIGEST],
    count: u64,
}

/// Keys and their values, under a root.
pub struct PatriciaTree {
    secure: bool,
    hash: Hash,
    keccak: Arc<dyn Seeded>,
    turns: Turns,
    state: RwLock<State>,
}

impl std::fmt::Debug for PatriciaTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PatriciaTree").field("secure", &self.secure).finish_non_exhaustive()
    }
}

impl PatriciaTree {
    /// A trie without keys; a secure one hashes them. `hash` is Keccak-256.
    pub fn new(secure: bool, hash: Hash) -> Result<Self, TreeError> {
        if hash != keccak256()? {
            return Err(TreeError::Defect("tries are hashed with Keccak-256"));
        }
        let keccak = hash.unseeded()?;
        let state = RwLock::new(State { root: None, digest: EMPTY_ROOT, count: 0 });
        Ok(Self { secure, hash, keccak, turns: Turns::default(), state })
    }

    fn state(&self) -> State {
        self.state.read().clone()
    }

    /// Whether keys are hashed.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Number of keys.
    pub fn count(&self) -> u64 {
        self.state.read().count
    }

    /// The head.
    pub fn head(&self) -> PatriciaHead {
        PatriciaHead::new(self.state.read().digest, self.secure)
    }

    /// Sets the value of each key, all at once. There are as many values as keys.
    pub fn update(&self, keys: &dyn Leaves, values: &dyn Leaves, run: Run<'_>) -> Result<(), TreeError> {
        if keys.len() != values.len() {
            return Err(TreeError::Defect("there is a value for each key"));
        }
        let block = values.block(0..values.len());
        let values = block.rows();
        if let Some(place) = values.iter().position(|value| value.is_empty()) {
            return Err(TreeError::EmptyValue(place));
        }
        check_lengths(&values)?;
        let _writing = self.turns.write(run)?;
        let paths = self.paths(keys, run)?;
        let order = ascending(&paths.rows(), run)?;
        self.change(&paths.rows(), &order, |place| values.get(place).copied(), run)
    }

    /// Takes keys away, all at once.
    pub fn remove(&self, keys: &dyn Leaves, run: Run<'_>) -> Result<(), TreeError> {
        let _writing = self.turns.write(run)?;
        let paths = self.paths(keys, run)?;
        let rows = paths.rows();
        let order = ascending(&rows, run)?;
        let state = self.state();
        let missing = AtomicUsize::new(usize::MAX);
        run.each(rows.chunks(CHUNK).zip((0..).step_by(CHUNK)), |(keys, begin)| {
            for (key, place) in keys.iter().zip(begin..) {
                if walk::find(state.root.as_ref(), key)?.is_none() {
                    missing.fetch_min(place, Ordering::Relaxed);
                    break;
                }
            }
            Ok::<_, TreeError>(())
        })?;
        match missing.into_inner() {
            usize::MAX => {}
            place => return Err(TreeError::KeyNotFound(place)),
        }
        self.change(&rows, &order, |_| None, run)
    }

    /// What the trie's keys are made from: the rows themselves, or their digests.
    fn paths<'a>(&self, keys: &'a dyn Leaves, run: Run<'_>) -> Result<Paths<'a>, TreeError> {
        if keys.len() > MOST {
            return Err(TreeError::TooManyLeaves);
        }
        if self.secure {
            return Ok(Paths::Hashed(digest_many(&self.hash, keys, run)?));
        }
        let block = keys.block(0..keys.len());
        check_lengths(&block.rows())?;
        Ok(Paths::Plain(block))
    }

    fn change<'a>(
        &self,
        keys: &[&'a [u8]],
        order: &[u32],
        value: impl Fn(usize) -> Option<&'a [u8]>,
        run: Run<'_>,
    ) -> Result<(), TreeError> {
        let old = self.state();
        let item = |place: &u32| Item { key: keys[*place as usize], value: value(*place as usize) };
        let items: Vec<Item<'_>> = order.iter().map(item).collect();
        let merged = merge(old.root.as_ref(), &items, run)?;
        let added = items.iter().filter(|item| item.value.is_some()).count() as u64;
        let count = (old.count + added).checked_sub(merged.met).ok_or(TreeError::Defect("keys are counted"))?;
        let root = match merged.top {
            Some(top) => Some(merged.drafts.hash(&top, &*self.keccak, run)?),
            None => None,
        };
        let digest = self.root_digest(root.as_deref())?;
        let gone = std::mem::replace(&mut *self.state.write(), State { root, digest, count });
        drop(gone);
        Ok(())
    }

    fn root_digest(&self, root: Option<&Node>) -> Result<[u8; DIGEST], TreeError> {
        let Some(root) = root else { return Ok(EMPTY_ROOT) };
        let mut digest = [0; DIGEST];
        self.keccak.ragged(&[&root.encoded], &mut digest)?;
        Ok(digest)
    }

    fn path<'a>(&self, key: &'a [u8]) -> Result<Cow<'a, [u8]>, TreeError> {
        Ok(if self.secure { self.hash.digest(key)?.into() } else { key.into() })
    }

    /// The value of a key.
    pub fn find(&self, key: &[u8]) -> Result<Option<Vec<u8>>, TreeError> {
        let path = self.path(key)?;
        Ok(walk::find(self.state().root.as_ref(), &path)?.map(<[u8]>::to_vec))
    }

    /// Whether a key has a value.
    pub fn contains(&self, key: &[u8]) -> Result<bool, TreeError> {
        let path = self.path(key)?;
        Ok(walk::find(self.state().root.as_ref(), &path)?.is_some())
    }

    /// The trie of a head, which is the present one.
    fn state_of(&self, head: Option<&PatriciaHead>) -> Result<State, TreeError> {
        let state = self.state();
        match head {
            Some(head) if *head.root() != state.digest || head.secure() != self.secure => Err(TreeError::OtherRoot),
            _ => Ok(state),
        }
    }

    /// The proof that a key has its value, or that it has none.
    pub fn prove(&self, key: &[u8], head: Option<&PatriciaHead>) -> Result<PatriciaProof, TreeError> {
        let state = self.state_of(head)?;
        let path = self.path(key)?;
        let run = Run { pool: &Pool::serial(), interrupt: &never };
        proof(walk::shown(state.root.as_ref(), &[&path], run)?)
    }

    /// The same for many keys together, each node once.
    pub fn prove_many(
        &self,
        keys: &dyn Leaves,
        head: Option<&PatriciaHead>,
        run: Run<'_>,
    ) -> Result<PatriciaProof, TreeError> {
        if keys.is_empty() {
            return Err(TreeError::NoKeys);
        }
        let state = self.state_of(head)?;
        let paths = self.paths(keys, run)?;
        let rows = paths.rows();
        let order = ascending(&rows, run)?;
        let ascending: Vec<&[u8]> = order.iter().map(|place| rows[*place as usize]).collect();
        proof(walk::shown(state.root.as_ref(), &ascending, run)?)
    }

    /// The keys that begin with a prefix, in order, of the trie as it is now. Those of a secure trie are digests.
    pub fn items(&self, prefix: &[u8]) -> Items {
        Items::new(self.state().root, prefix)
    }
}

fn proof(nodes: tallystick_proof::codec::Strings) -> Result<PatriciaProof, TreeError> {
    PatriciaProof::new(nodes).map_err(|_| TreeError::Defect("nodes are shorter than 2^32 bytes"))
}

fn check_lengths(rows: &[&[u8]]) -> Result<(), TreeError> {
    match rows.iter().position(|row| row.len() > LONGEST) {
        Some(place) => Err(TreeError::TooLong(place)),
        None => Ok(()),
    }
}

/// Keys as paths.
enum Paths<'a> {
    Plain(Block<'a>),
    Hashed(Vec<u8>),
}

impl Paths<'_> {
    fn rows(&self) -> Vec<&[u8]> {
        match self {
            Self::Plain(block) => block.rows(),
            Self::Hashed(digests) => digests.chunks_exact(DIGEST).collect(),
        }
    }
}

/// The places of the keys in ascending order; no key stands twice.
fn ascending(keys: &[&[u8]], run: Run<'_>) -> Result<Vec<u32>, TreeError> {
    let prefix = |key: &&[u8]| {
        let mut bytes = [0; 8];
        let length = key.len().min(8);
        bytes[..length].copy_from_slice(&key[..length]);
        u64::from_be_bytes(bytes)
    };
    let prefixes: Vec<u64> = keys.iter().map(prefix).collect();
    sorted(&prefixes, run, |places| {
        places.sort_by_key(|place| keys[*place as usize]);
        match places.windows(2).find(|two| keys[two[0] as usize] == keys[two[1] as usize]) {
            Some(two) => Err(TreeError::DuplicateKey(two[1] as usize)),
            None => Ok(()),
        }
    })
}
