//! Which rows of two tables differ: a tree of digests over each, compared from the top down.
//!
//! It proves nothing to anybody, so any hash will do, and it has no head and no scheme.

use std::ops::Range;

use tallystick_proof::hash::Hash;

use crate::digest::digest_many;
use crate::error::TreeError;
use crate::leaves::{FixedRows, Leaves};
use crate::memory::{bytes, room};
use crate::pool::Run;

/// Children of a node.
const ARITY: usize = 16;

/// A tree of digests over the rows of a table.
#[derive(Debug)]
pub struct Fingerprint {
    hash: Hash,
    /// Digests of rows, then of sixteen digests each below, up to one digest. The last node of a level may have fewer children.
    levels: Vec<Vec<u8>>,
}

impl Fingerprint {
    /// The tree over rows.
    pub fn new(hash: Hash, rows: &dyn Leaves, run: Run<'_>) -> Result<Self, TreeError> {
        let leaves = digest_many(&hash, rows, run)?;
        Self::of_digests(hash, leaves, run)
    }

    /// The tree over digests of rows, one behind the other.
    pub fn of_digests(hash: Hash, leaves: Vec<u8>, run: Run<'_>) -> Result<Self, TreeError> {
        let width = hash.digest_size();
        if !leaves.len().is_multiple_of(width) {
            return Err(TreeError::DigestSize(width));
        }
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > width) {
            let family = ARITY * width;
            let whole = below.len() / family * family;
            let (families, rest) = below.split_at(whole);
            let mut above = room(bytes(below.len().div_ceil(family), width)?)?;
            let (most, last) = above.split_at_mut(whole / ARITY);
            if let Some(families) = FixedRows::new(families, family) {
                most.copy_from_slice(&digest_many(&hash, &families, run)?);
            }
            if !rest.is_empty() {
                hash.unseeded()?.ragged(&[rest], last)?;
            }
            levels.push(above);
        }
        Ok(Self { hash, levels })
    }

    /// What rows are hashed with.
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// Number of rows.
    pub fn size(&self) -> usize {
        self.digests().len() / self.hash.digest_size()
    }

    /// Digests of the rows, one behind the other.
    pub fn digests(&self) -> &[u8] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The digest of everything; none of no rows.
    pub fn top(&self) -> &[u8] {
        self.levels.last().map_or(&[], Vec::as_slice)
    }

    /// The places, ascending, at which rows differ or only one of the two tables has any.
    pub fn differences(&self, other: &Self) -> Vec<u64> {
        let (width, common) = (self.hash.digest_size(), self.size().min(other.size()));
        let mut places = Vec::new();
        let mut open = vec![Range { start: 0, end: 1 }];
        for level in (0..self.levels.len().max(other.levels.len())).rev() {
            let span = ARITY.saturating_pow(level as u32);
            let node = |tree: &Self, at: usize| {
                let level = tree.levels.get(level)?;
                level.get(at * width..(at + 1) * width).map(<[u8]>::to_vec)
            };
            let mut below = Vec::new();
            for at in open.into_iter().flatten().take_while(|at| at * span < common) {
                // Nodes at the end of the shorter table have other children in the longer.
                let whole = (at + 1) * span <= common || self.size() == other.size();
                if whole && node(self, at) == node(other, at) {
                    continue;
                }
                if level == 0 {
                    places.push(at as u64);
                } else {
                    below.push(at * ARITY..(at + 1) * ARITY);
                }
            }
            open = below;
        }
        places.extend(common as u64..self.size().max(other.size()) as u64);
        places
    }
}

#[cfg(test)]
mod tests {
    use tallystick_proof::hash::builtin;

    use super::*;
    use crate::leaves::RaggedRows;
    use crate::pool::{Pool, never};

    fn of(rows: &[Vec<u8>]) -> Result<Fingerprint, TreeError> {
        let hash = builtin("xxh3_128").ok_or(TreeError::Defect("a hash"))?;
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        Fingerprint::new(hash, &RaggedRows(&rows), Run { pool: &Pool::serial(), interrupt: &never })
    }

    #[test]
    fn differences_are_those_of_rows() -> Result<(), TreeError> {
        let table = |size: usize| -> Vec<Vec<u8>> { (0..size).map(|row| row.to_le_bytes().to_vec()).collect() };
        for (old, new, changed) in [
            (0, 0, vec![]),
            (0, 5, vec![]),
            (1, 1, vec![0]),
            (16, 16, vec![15]),
            (17, 16, vec![3]),
            (300, 300, vec![]),
            (300, 300, vec![0, 1, 17, 255, 256, 299]),
            (300, 4500, vec![0, 299]),
            (5000, 4097, vec![16, 4095, 4096]),
        ] {
            let (first, mut second) = (table(old), table(new));
            for place in &changed {
                second[*place] = b"other".to_vec();
            }
            let mut expected: Vec<u64> = changed.iter().map(|place| *place as u64).collect();
            expected.extend(old.min(new) as u64..old.max(new) as u64);
            assert_eq!(of(&first)?.differences(&of(&second)?), expected, "{old} {new}");
            assert_eq!(of(&second)?.differences(&of(&first)?), expected, "{new} {old}");
        }
        Ok(())
    }
}
