//! Records: what a tree stores of a node, and what a proof sends of it. A digest; in sum trees, the node's sum behind it; in
//! namespaced trees, the range of the namespaces below it before it.

use alloc::vec::Vec;

/// Bytes of an amount in a record or a preimage, little-endian.
pub const AMOUNT: usize = 16;

/// How a record is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    digest_size: usize,
    beside: Beside,
}

/// What is beside a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Beside {
    Nothing,
    Sum,
    /// Two namespaces of so many bytes: the lowest and the highest below the node.
    Range(u8),
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
        Self { digest_size, beside: Beside::Nothing }
    }

    /// A digest and a sum.
    pub const fn summed(digest_size: usize) -> Self {
        Self { digest_size, beside: Beside::Sum }
    }

    /// A range of namespaces of so many bytes, and a digest.
    pub const fn namespaced(digest_size: usize, namespace_size: u8) -> Self {
        Self { digest_size, beside: Beside::Range(namespace_size) }
    }

    /// Bytes of the digest.
    pub const fn digest_size(self) -> usize {
        self.digest_size
    }

    /// Bytes of a namespace; `None` where records have none.
    pub const fn namespace_size(self) -> Option<usize> {
        match self.beside {
            Beside::Range(size) => Some(size as usize),
            Beside::Nothing | Beside::Sum => None,
        }
    }

    /// Whether there is a sum.
    pub const fn is_summed(self) -> bool {
        matches!(self.beside, Beside::Sum)
    }

    /// Bytes of a record.
    pub const fn width(self) -> usize {
        match self.beside {
            Beside::Nothing => self.digest_size,
            Beside::Sum => self.digest_size.saturating_add(AMOUNT),
            Beside::Range(size) => self.digest_size.saturating_add(2 * size as usize),
        }
    }

    /// Bytes of what a root is made of: a digest, or a record whole.
    pub const fn top_size(self) -> usize {
        match self.beside {
            Beside::Nothing | Beside::Sum => self.digest_size,
            Beside::Range(_) => self.width(),
        }
    }

    /// What a root is made of, and the sum, in a record; a sum of 0 where records have none. That is the digest; where
    /// records have ranges, all of the record.
    pub fn split(self, record: &[u8]) -> (&[u8], u128) {
        let (top, sum) = record.split_at_checked(self.top_size()).unwrap_or((record, &[]));
        (top, sum.first_chunk().map_or(0, |sum| u128::from_le_bytes(*sum)))
    }

    /// The lowest and the highest namespace in a record; nothing where records have none.
    pub fn range(self, record: &[u8]) -> (&[u8], &[u8]) {
        let size = self.namespace_size().unwrap_or(0);
        let (min, rest) = record.split_at_checked(size).unwrap_or_default();
        (min, rest.get(..size).unwrap_or_default())
    }

    /// Whether two nodes can be siblings as their ranges go: none ends before it begins, or behind the beginning of the next.
    pub fn ascends(self, left: &[u8], right: &[u8]) -> bool {
        let ((left_min, left_max), (right_min, right_max)) = (self.range(left), self.range(right));
        left_min <= left_max && left_max <= right_min && right_min <= right_max
    }

    /// The sum of two nodes, 0 where records have none; `None` if it is 2^128 or more.
    pub fn add(self, left: &[u8], right: &[u8]) -> Option<u128> {
        if self.is_summed() { self.split(left).1.checked_add(self.split(right).1) } else { Some(0) }
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
