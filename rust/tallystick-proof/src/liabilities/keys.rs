//! What stays with the operator: customers' keys, and what follows from them for each leaf.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::leaf::SALT;
use crate::codec::put_lp;
use crate::hash::{Hash, HashError, Seeded};

/// Bytes of a secret and of a customer's key.
pub const KEY: usize = 32;

/// A customer's key in one snapshot, where keys come from a secret: BLAKE3 keyed with it. The secret is not kept.
pub fn customer_key(secret: &[u8; KEY], snapshot_id: &str, id: &[u8]) -> [u8; KEY] {
    let length = u32::try_from(snapshot_id.len()).unwrap_or(u32::MAX);
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(&length.to_le_bytes()).update(snapshot_id.as_bytes()).update(id);
    *hasher.finalize().as_bytes()
}

/// What a customer's key gives for one leaf. Only the salt leaves the operator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LeafKeys {
    /// Part of the leaf's data.
    pub salt: [u8; SALT],
    /// What leaves are sorted by.
    pub order: [u8; SALT],
}

/// Says nothing of what is secret.
impl fmt::Debug for LeafKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeafKeys").finish_non_exhaustive()
    }
}

/// Derives salts and order keys in the tree of one asset.
pub struct Derivation {
    seeded: Arc<dyn Seeded>,
    digest_size: usize,
    /// Group and code, as they end each message.
    tail: Vec<u8>,
}

impl fmt::Debug for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Derivation").finish_non_exhaustive()
    }
}

impl Derivation {
    /// For the tree of this asset, by the hash of its scheme.
    pub fn new(hash: &Hash, code: &str, group: &str) -> Result<Self, HashError> {
        let seeded = hash.seed(&hash.tag("tallystick/v1/liability")?)?;
        let mut tail = Vec::new();
        put_lp(&mut tail, group.as_bytes());
        put_lp(&mut tail, code.as_bytes());
        Ok(Self { seeded, digest_size: hash.digest_size(), tail })
    }

    /// Of many leaves, given the customer's key and the number of the part of each. One call of the hash.
    pub fn leaves<'a>(
        &self,
        leaves: impl IntoIterator<Item = (&'a [u8; KEY], u16)>,
    ) -> Result<Vec<LeafKeys>, HashError> {
        let leaves = leaves.into_iter();
        let width = KEY.saturating_add(2).saturating_add(self.tail.len());
        let mut messages = Vec::with_capacity(leaves.size_hint().0.saturating_mul(width));
        let mut count = 0_usize;
        for (key, part) in leaves {
            let mut head = [0; KEY + 2];
            let (first, last) = head.split_at_mut(KEY);
            first.copy_from_slice(key);
            last.copy_from_slice(&part.to_le_bytes());
            messages.extend_from_slice(&head);
            messages.extend_from_slice(&self.tail);
            count = count.saturating_add(1);
        }
        let mut digests = vec![0; count.saturating_mul(self.digest_size)];
        self.seeded.rows(&messages, width, &mut digests)?;
        Ok(digests.chunks_exact(self.digest_size.max(1)).filter_map(cut).collect())
    }

    /// Of one leaf.
    pub fn leaf(&self, key: &[u8; KEY], part: u16) -> Result<LeafKeys, HashError> {
        let short = HashError::Shape { rows: 1, width: 0, out: self.digest_size };
        self.leaves([(key, part)])?.pop().ok_or(short)
    }
}

/// Salt and order key, the first and the second 16 bytes. Every digest has as many: schemes take none shorter.
fn cut(digest: &[u8]) -> Option<LeafKeys> {
    let (salt, rest) = digest.split_first_chunk()?;
    Some(LeafKeys { salt: *salt, order: *rest.first_chunk()? })
}
