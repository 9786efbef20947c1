//! A sparse tree with its values, and what is true of it.

use std::collections::BTreeMap;

use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::sparse::{KEY_SIZE, SparseMultiProof, SparseProof};
use tallystick_proof::verify::{KeyClaims, Refusal, verify_key, verify_key_absent, verify_keys};
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::sparse::{At, SparseTree};

use crate::rng::Rng;
use crate::subjects::alone;
use crate::tally::{Fault, Tally};

pub(super) type Key = [u8; KEY_SIZE];

/// A tree, and what a forger knows of it: everything.
pub(super) struct World {
    pub(super) head: TreeHead,
    pub(super) values: BTreeMap<Key, Vec<u8>>,
    tree: SparseTree,
}

/// That a key has a value, or none.
pub(super) type Claims<'a> = [(Key, Option<&'a [u8]>)];

/// The key that differs in this bit alone.
pub(super) fn flipped(key: &Key, bit: usize) -> Key {
    let mut other = *key;
    other[bit / 8] ^= 128 >> (bit % 8);
    other
}

/// Rows of this width, each with a byte more.
pub(super) fn widened(rows: &[u8], width: usize) -> Vec<u8> {
    rows.chunks(width).flat_map(|row| row.iter().copied().chain([0])).collect()
}

pub(super) fn random_key(rng: &mut Rng) -> Key {
    let mut key = [0; KEY_SIZE];
    key.copy_from_slice(&rng.bytes(KEY_SIZE));
    key
}

impl World {
    pub(super) fn new(scheme: &Scheme, size: u64, rng: &mut Rng) -> Result<Self, Fault> {
        let mut values = BTreeMap::new();
        while (values.len() as u64) < size {
            let near = values.keys().nth(rng.place(values.len().max(1))).filter(|_| rng.below(4) == 0);
            let key = match near {
                Some(key) => flipped(key, rng.place(256)),
                None => random_key(rng),
            };
            let length = rng.place(70);
            values.insert(key, rng.bytes(length));
        }
        let tree = SparseTree::new(scheme.clone(), Some(1), 0)?;
        if size > 0 {
            let keys: Vec<u8> = values.keys().flatten().copied().collect();
            let rows: Vec<&[u8]> = values.values().map(Vec::as_slice).collect();
            tree.update(&keys, &RaggedRows(&rows), 0, alone())?;
        }
        let head = tree.info(At::Newest)?.head;
        Ok(Self { head, values, tree })
    }

    pub(super) fn value(&self, key: &Key) -> Option<&[u8]> {
        self.values.get(key).map(Vec::as_slice)
    }

    pub(super) fn prove(&self, key: &Key) -> Result<SparseProof, Fault> {
        Ok(self.tree.prove(key, At::Newest, alone())?)
    }

    pub(super) fn prove_many(&self, keys: &[Key]) -> Result<SparseMultiProof, Fault> {
        Ok(self.tree.prove_many(keys.as_flattened(), At::Newest, alone())?)
    }

    /// So many present keys, and absent ones: neighbours of present ones, and others.
    pub(super) fn some_keys(&self, count: usize, rng: &mut Rng) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for place in 0..2 * count {
            let near = self.values.keys().nth(rng.place(self.values.len().max(1)));
            let key = match near {
                Some(near) if place < count => *near,
                Some(near) if rng.below(3) > 0 => flipped(near, rng.place(256)),
                _ => random_key(rng),
            };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The leaf of a key as a witness would show it.
    pub(super) fn leaf(&self, key: &Key) -> Result<Vec<u8>, Fault> {
        let mut digest = vec![0; self.head.scheme().digest_size()];
        self.head.scheme().values(&[self.value(key).unwrap_or_default()], &mut digest)?;
        Ok([&key[..], &digest].concat())
    }

    pub(super) fn what(&self, how: &str) -> String {
        format!("{} of {}: {how}", self.head.scheme().name(), self.head.size())
    }
}

pub(super) fn verify(head: &TreeHead, key: &[u8], value: Option<&[u8]>, proof: &SparseProof) -> Verdict {
    Verdict(match value {
        Some(value) => verify_key(head, key, value, proof),
        None => verify_key_absent(head, key, proof),
    })
}

pub(super) fn verify_many(head: &TreeHead, claims: &Claims<'_>, proof: &SparseMultiProof) -> Verdict {
    let shown = claims.iter().filter_map(|(key, value)| Some((&key[..], (*value)?)));
    let (present, values): (Vec<&[u8]>, Vec<&[u8]>) = shown.unzip();
    let absent: Vec<&[u8]> = claims.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| &key[..]).collect();
    Verdict(verify_keys(
        head,
        KeyClaims { present: &present, values: &values, prehashed: false, absent: &absent },
        proof,
    ))
}

/// What a verifier said.
pub(super) struct Verdict(Result<(), Refusal>);

impl Verdict {
    /// Counts a verdict of something that is accepted exactly if it is true.
    pub(super) fn count(self, is_true: bool, tally: &mut Tally, what: impl FnOnce() -> String) {
        if is_true {
            tally.honest(self.0.is_ok(), what);
        } else {
            tally.note(self.0.as_ref().err().map_or("accepted", Refusal::reason), 1);
            tally.forged(self.0.is_ok(), what);
        }
    }
}
