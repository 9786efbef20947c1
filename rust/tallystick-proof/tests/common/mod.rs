//! A tree by the definition alone, and a hash with longer digests.
#![allow(dead_code)] // each test takes what it needs

pub(crate) mod vectors;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use tallystick_proof::frame::Places;
use tallystick_proof::hash::{BatchHash, Hash, HashError, HashInfo, Prefix, Seeded, Tagging, builtin};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Kind, Scheme};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Two SHA-256 digests, cut to 48 bytes.
#[derive(Debug)]
struct Wide(HashInfo);

struct WideSeeded(Vec<u8>);

impl WideSeeded {
    fn one(&self, row: &[u8]) -> Result<Vec<u8>, HashError> {
        let sha256 = builtin("sha256").ok_or(HashError::NotKeyed("sha256".into()))?;
        let half = |which: u8| sha256.digest(&[&[which], &self.0[..], row].concat());
        let mut digest = [half(0)?, half(1)?].concat();
        digest.truncate(48);
        Ok(digest)
    }
}

impl Seeded for WideSeeded {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        let rows: Vec<&[u8]> = data.chunks(width).collect();
        self.ragged(&rows, out)
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let digests: Vec<Vec<u8>> = rows.iter().map(|row| self.one(row)).collect::<Result<_, _>>()?;
        out.copy_from_slice(&digests.concat());
        Ok(())
    }
}

impl BatchHash for Wide {
    fn info(&self) -> &HashInfo {
        &self.0
    }

    fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError> {
        match prefix {
            Prefix::Bytes(bytes) => Ok(Arc::new(WideSeeded(bytes.clone()))),
            Prefix::Key(_) => Err(HashError::NotKeyed(self.0.name.clone())),
        }
    }
}

/// A hash that is not built in, of digests of this size: 48 makes it work.
pub(crate) fn foreign(digest_size: usize, cryptographic: bool) -> Hash {
    named("wide", digest_size, 64, cryptographic)
}

/// A hash that is not built in.
pub(crate) fn named(name: &'static str, digest_size: usize, block_size: usize, cryptographic: bool) -> Hash {
    let tagging = Tagging::Block;
    let info = HashInfo { name: name.into(), digest_size, block_size, cryptographic, tagging, serial: false };
    Hash::foreign(Arc::new(Wide(info)))
}

/// Schemes of a kind that differ in family, mode, digest size and context.
pub(crate) fn schemes_of(kind: Kind) -> Result<Vec<Scheme>, Box<dyn Error>> {
    let mut schemes = Vec::new();
    for family in ["native", "native_sum", "rfc6962"] {
        for hash in [builtin("blake3").ok_or("a hash")?, builtin("sha256").ok_or("a hash")?, foreign(48, true)] {
            let scheme = Scheme::of_family(family, hash)?;
            if scheme.kind() == kind {
                schemes.push(scheme);
            }
        }
    }
    schemes.push(schemes[0].with_context(b"day 1".to_vec())?);
    Ok(schemes)
}

/// Those of dense trees.
pub(crate) fn schemes() -> Result<Vec<Scheme>, Box<dyn Error>> {
    schemes_of(Kind::Dense)
}

/// A tree by recursion, RFC 6962 section 2.1.
pub(crate) struct Oracle {
    pub(crate) scheme: Scheme,
    pub(crate) leaves: Vec<Vec<u8>>,
}

impl Oracle {
    pub(crate) fn new(scheme: Scheme, size: usize) -> Self {
        Self { scheme, leaves: (0..size).map(|index| format!("leaf {index}").into_bytes()).collect() }
    }

    pub(crate) fn row(&self, index: u64) -> &[u8] {
        &self.leaves[index as usize]
    }

    pub(crate) fn rows(&self, indices: &[u64]) -> Vec<&[u8]> {
        indices.iter().map(|index| self.row(*index)).collect()
    }

    pub(crate) fn leaf(&self, index: u64) -> Result<Vec<u8>, HashError> {
        let mut digest = vec![0; self.scheme.width()];
        self.scheme.leaves(Places::From(0), &[self.row(index)], &mut digest)?;
        Ok(digest)
    }

    /// The digest over leaves `[begin, end)`, at least one.
    pub(crate) fn top(&self, begin: u64, end: u64) -> Result<Vec<u8>, HashError> {
        if end - begin == 1 {
            return self.leaf(begin);
        }
        let middle = begin + split(end - begin);
        let mut digest = vec![0; self.scheme.width()];
        self.scheme.nodes(
            1,
            Places::From(0),
            &[self.top(begin, middle)?, self.top(middle, end)?].concat(),
            &mut digest,
        )?;
        Ok(digest)
    }

    pub(crate) fn head(&self, size: u64) -> Result<TreeHead, HashError> {
        let top = (size > 0).then(|| self.top(0, size)).transpose()?;
        TreeHead::of_top(self.scheme.clone(), size, top.as_deref())
    }

    /// PATH(index, D[size]).
    pub(crate) fn path(&self, index: u64, size: u64) -> Result<Vec<u8>, HashError> {
        self.proof(&[index], size)
    }

    /// The proof of some leaves: unknown siblings, found from the top down and sorted by level, then by place.
    pub(crate) fn proof(&self, indices: &[u64], size: u64) -> Result<Vec<u8>, HashError> {
        let mut needed = BTreeMap::new();
        self.needed(indices, (0, size), &mut needed)?;
        Ok(needed.into_values().collect::<Vec<_>>().concat())
    }

    fn needed(
        &self,
        indices: &[u64],
        (begin, end): (u64, u64),
        out: &mut BTreeMap<(u32, u64), Vec<u8>>,
    ) -> Result<(), HashError> {
        if end - begin < 2 {
            return Ok(());
        }
        let middle = begin + split(end - begin);
        // Both children are known or needed at the level of the left one, which is full.
        let level = (middle - begin).ilog2();
        for (begin, end) in [(begin, middle), (middle, end)] {
            if indices.iter().any(|index| (begin..end).contains(index)) {
                self.needed(indices, (begin, end), out)?;
            } else {
                out.insert((level, begin), self.top(begin, end)?);
            }
        }
        Ok(())
    }

    /// PROOF(older, D[newer]) for 0 < older < newer; with the first node also where RFC 6962 leaves it out, if `bound`.
    pub(crate) fn growth(&self, older: u64, newer: u64, bound: bool) -> Result<Vec<u8>, HashError> {
        self.subproof(older, (0, newer), !bound)
    }

    fn subproof(&self, older: u64, (begin, end): (u64, u64), whole: bool) -> Result<Vec<u8>, HashError> {
        if older == end - begin {
            return if whole { Ok(Vec::new()) } else { self.top(begin, end) };
        }
        let left = split(end - begin);
        let middle = begin + left;
        if older <= left {
            Ok([self.subproof(older, (begin, middle), whole)?, self.top(middle, end)?].concat())
        } else {
            Ok([self.subproof(older - left, (middle, end), false)?, self.top(begin, middle)?].concat())
        }
    }
}

/// The largest power of two below `size`, which is at least 2.
pub(crate) fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Every non-empty subset of the leaves below `size`.
pub(crate) fn subsets(size: u64) -> impl Iterator<Item = Vec<u64>> {
    (1..1_u64 << size).map(move |subset| (0..size).filter(|bit| subset >> bit & 1 == 1).collect())
}
