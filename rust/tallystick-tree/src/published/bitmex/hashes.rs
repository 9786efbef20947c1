//! The hashes of the format, many rows at once, through the same kernels as every SHA-256 of this library.

use std::sync::Arc;

use tallystick_proof::hash::{Hash, HashError, Prefix, Seeded};

use super::{HASH, RECORD};
use crate::error::TreeError;
use crate::kernels::accelerated;

const BLOCK: usize = 64;

/// SHA-256 of rows.
pub(super) struct Hashes {
    sha256: Hash,
    plain: Arc<dyn Seeded>,
}

/// HMAC-SHA256 under one key.
pub(super) struct Keyed {
    inner: Arc<dyn Seeded>,
    outer: Arc<dyn Seeded>,
}

/// What a leaf is made of.
#[derive(Clone, Copy)]
pub(super) struct LeafRow<'a> {
    pub(super) key: Key<'a>,
    pub(super) amount: u64,
    pub(super) index: u64,
}

/// The key of a leaf's HMAC.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    /// Made from an account and its nonce.
    Of { nonce: &'a [u8; HASH], account: u64 },
    /// Nobody's: a leaf that fills up the tree.
    Nobody([u8; HASH]),
}

/// Rows of one task, used again from step to step.
#[derive(Default)]
struct Room {
    rows: Vec<u8>,
    keys: Vec<u8>,
    digests: Vec<u8>,
}

impl Hashes {
    pub(super) fn new() -> Result<Self, TreeError> {
        let sha256 = accelerated("sha256").ok_or(TreeError::Defect("SHA-256 is built in"))?;
        Ok(Self { plain: sha256.unseeded()?, sha256 })
    }

    /// The hash of each pair of records, one behind the other.
    pub(super) fn nodes(&self, pairs: &[u8], digests: &mut [u8]) -> Result<(), HashError> {
        self.plain.rows(pairs, 2 * RECORD, digests)
    }

    /// The key that an account's leaves of one file have.
    pub(super) fn key(&self, nonce: &[u8; HASH], height: u64, account: u64) -> Result<[u8; HASH], HashError> {
        let mut key = [0; HASH];
        self.plain.ragged(&[&[nonce.as_slice(), &height.to_le_bytes(), &account.to_le_bytes()].concat()], &mut key)?;
        Ok(key)
    }

    /// HMAC-SHA256 under this key.
    pub(super) fn keyed(&self, key: &[u8; HASH]) -> Result<Keyed, HashError> {
        let seed = |pad| self.sha256.seed(&Prefix::Bytes(block(key, pad).to_vec()));
        Ok(Keyed { inner: seed(INNER)?, outer: seed(OUTER)? })
    }

    /// The records of leaves, into `out`.
    pub(super) fn leaves(&self, height: u64, leaves: &[LeafRow<'_>], out: &mut [u8]) -> Result<(), HashError> {
        let Room { mut rows, mut keys, mut digests } = Room::default();
        for leaf in leaves {
            let (nonce, account) = match &leaf.key {
                Key::Of { nonce, account } => (*nonce, *account),
                Key::Nobody(key) => (key, 0),
            };
            rows.extend_from_slice(nonce);
            rows.extend_from_slice(&height.to_le_bytes());
            rows.extend_from_slice(&account.to_le_bytes());
        }
        keys.resize(leaves.len() * HASH, 0);
        self.plain.rows(&rows, HASH + 16, &mut keys)?;
        for (leaf, key) in leaves.iter().zip(keys.as_chunks_mut::<HASH>().0) {
            if let Key::Nobody(own) = &leaf.key {
                *key = *own;
            }
        }
        let keys = keys.as_chunks::<HASH>().0;
        rows.clear();
        for (leaf, key) in leaves.iter().zip(keys) {
            rows.extend_from_slice(&block(key, INNER));
            rows.extend_from_slice(&leaf.amount.to_le_bytes());
            rows.extend_from_slice(&leaf.index.to_le_bytes());
        }
        digests.resize(leaves.len() * HASH, 0);
        self.plain.rows(&rows, BLOCK + 16, &mut digests)?;
        rows.clear();
        for (key, inner) in keys.iter().zip(digests.as_chunks::<HASH>().0) {
            rows.extend_from_slice(&block(key, OUTER));
            rows.extend_from_slice(inner);
        }
        self.plain.rows(&rows, BLOCK + HASH, &mut digests)?;
        for ((leaf, digest), record) in
            leaves.iter().zip(digests.as_chunks::<HASH>().0).zip(out.as_chunks_mut::<RECORD>().0)
        {
            record[..HASH].copy_from_slice(digest);
            record[HASH..].copy_from_slice(&leaf.amount.to_le_bytes());
        }
        Ok(())
    }
}

impl Keyed {
    /// Which of these records are leaves under the key; the first is the leaf of index `first`.
    pub(super) fn own(&self, records: &[u8], first: u64) -> Result<Vec<usize>, HashError> {
        let records = records.as_chunks::<RECORD>().0;
        let mut rows = Vec::with_capacity(records.len() * 16);
        for (index, record) in (first..).zip(records) {
            rows.extend_from_slice(&record[HASH..]);
            rows.extend_from_slice(&index.to_le_bytes());
        }
        let mut inner = vec![0; records.len() * HASH];
        self.inner.rows(&rows, 16, &mut inner)?;
        let mut digests = vec![0; records.len() * HASH];
        self.outer.rows(&inner, HASH, &mut digests)?;
        let pairs = records.iter().zip(digests.as_chunks::<HASH>().0).enumerate();
        Ok(pairs.filter(|(_, (record, digest))| record[..HASH] == digest[..]).map(|(place, _)| place).collect())
    }
}

/// RFC 2104's two pads.
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

/// A key of 32 bytes as the first block of an HMAC's hash.
fn block(key: &[u8; HASH], pad: u8) -> [u8; BLOCK] {
    std::array::from_fn(|at| key.get(at).copied().unwrap_or(0) ^ pad)
}
