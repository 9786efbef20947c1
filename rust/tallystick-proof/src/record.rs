//! Records: what a tree stores of a node, and what a proof sends of it. A digest; in sum trees, the node's sum behind it.

use alloc::vec::Vec;

/// Bytes of an amount in a record or a preimage, little-endian.
pub const AMOUNT: usize = 16;

/// How a record is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    digest_size: usize,
    summed: bool,
}

/// A digest of so many bytes alone.
impl From<usize> for Record {
    fn from(digest_size: usize) -> Self {
        Self::digest(digest_size)
    }
}

impl Record {
    /// A digest alone.
    pub const fn digest(digest_size: usize) -> Self {
        Self { digest_size, summed: false }
    }

    /// A digest and a sum.
    pub const fn summed(digest_size: usize) -> Self {
        Self { digest_size, summed: true }
    }

    /// Bytes of the digest.
    pub const fn digest_size(self) -> usize {
        self.digest_size
    }

    /// Whether there is a sum.
    pub const fn is_summed(self) -> bool {
        self.summed
    }

    /// Bytes of a record.
    pub const fn width(self) -> usize {
        if self.summed { self.digest_size.saturating_add(AMOUNT) } else { self.digest_size }
    }

    /// The digest and the sum in a record; a sum of 0 where records have none.
    pub fn split(self, record: &[u8]) -> (&[u8], u128) {
        let (digest, sum) = record.split_at_checked(self.digest_size).unwrap_or((record, &[]));
        (digest, sum.first_chunk().map_or(0, |sum| u128::from_le_bytes(*sum)))
    }

    /// The sum of two nodes, 0 where records have none; `None` if it is 2^128 or more.
    pub fn add(self, left: &[u8], right: &[u8]) -> Option<u128> {
        if self.summed { self.split(left).1.checked_add(self.split(right).1) } else { Some(0) }
    }

    /// The digests in some records, one behind the other.
    pub fn digests(self, records: &[u8]) -> Vec<u8> {
        records.chunks_exact(self.width().max(1)).flat_map(|record| self.split(record).0).copied().collect()
    }

    /// The sums in some records.
    pub fn sums(self, records: &[u8]) -> Vec<u128> {
        records.chunks_exact(self.width().max(1)).map(|record| self.split(record).1).collect()
    }

    /// Records of these digests and sums; `None` if they are not as many.
    pub fn join(self, digests: &[u8], sums: &[u128]) -> Option<Vec<u8>> {
        let size = self.digest_size.max(1);
        if sums.len().checked_mul(size) != Some(digests.len()) {
            return None;
        }
        let mut records = Vec::with_capacity(digests.len().saturating_add(sums.len().saturating_mul(AMOUNT)));
        for (digest, sum) in digests.chunks_exact(size).zip(sums) {
            records.extend_from_slice(digest);
            records.extend(sum.to_le_bytes());
        }
        Some(records)
    }
}
