//! The head of a stored tree, and the record of each version: `docs/spec/sparse-pages.md`.

use tallystick_proof::codec::{DecodeError, Reader, Resolve, Wire, put_lp};
use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::{Kind, Scheme};

use super::page::{Place, STAMP, Stamp};
use crate::error::TreeError;

/// Earlier versions that a record names, so that they are read many at a time.
pub(super) const NAMED: usize = 256;
const HEAD: [u8; 4] = *b"tlyq";
const RECORD: [u8; 4] = *b"tlyv";
const CHECK: usize = 32;

/// What a store publishes as a tree's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredHead {
    pub(super) scheme: Scheme,
    /// The oldest and the newest version that are kept.
    pub(super) oldest: u64,
    pub(super) newest: u64,
    pub(super) stamp: Stamp,
}

/// Where a version's nodes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Empty,
    /// A key with its value's digest.
    Leaf(Vec<u8>),
    Page(Stamp),
}

/// A version as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) time: u64,
    pub(super) size: u64,
    pub(super) top: Vec<u8>,
    pub(super) root: Root,
    /// The versions before, the newest first.
    pub(super) before: Vec<Stamp>,
    /// Pages that the version before still had.
    pub(super) retired: Vec<(Stamp, Place)>,
}

fn check(bytes: &[u8]) -> Result<Vec<u8>, TreeError> {
    let hash = builtin("blake3").ok_or(TreeError::Defect("BLAKE3 is built in"))?;
    Ok(hash.digest(bytes)?)
}

/// What was written, without its check; `None` if it is not that.
fn checked(bytes: &[u8]) -> Result<Option<&[u8]>, TreeError> {
    let Some((body, stated)) = bytes.len().checked_sub(CHECK).and_then(|at| bytes.split_at_checked(at)) else {
        return Ok(None);
    };
    Ok((check(body)? == stated).then_some(body))
}

impl StoredHead {
    pub(super) fn encode(&self) -> Result<Vec<u8>, TreeError> {
        let mut out = HEAD.to_vec();
        out.push(1);
        put_lp(&mut out, &self.scheme.encode());
        out.extend(self.oldest.to_le_bytes());
        out.extend(self.newest.to_le_bytes());
        out.extend(self.stamp.bytes());
        let check = check(&out)?;
        out.extend(check);
        Ok(out)
    }

    pub(super) fn decode(bytes: &[u8], resolve: Resolve<'_>) -> Result<Self, TreeError> {
        let damaged = || TreeError::Damaged("the head of the store".into());
        if !bytes.starts_with(&HEAD) {
            return Err(TreeError::Damaged("the head of the store is not that of a sparse tree, or".into()));
        }
        let body = checked(bytes)?.ok_or_else(damaged)?;
        let mut input = Reader::new(body);
        let mut read = || {
            input.begin("head of a stored tree", HEAD)?;
            let scheme = Scheme::decode(input.lp("scheme")?, resolve)?;
            let (oldest, newest) = (input.u64("oldest")?, input.u64("newest")?);
            let stamp = Stamp::of(input.array::<STAMP>("stamp")?);
            input.end()?;
            Ok::<_, DecodeError>(Self { scheme, oldest, newest, stamp })
        };
        let head = read().map_err(|error| TreeError::Damaged(format!("the head of the store ({error})")))?;
        if head.scheme.kind() != Kind::Sparse || head.oldest > head.newest {
            return Err(damaged());
        }
        Ok(head)
    }
}

impl Record {
    pub(super) fn encode(&self) -> Result<Vec<u8>, TreeError> {
        let mut out = RECORD.to_vec();
        out.push(1);
        for number in [self.number, self.time, self.size] {
            out.extend(number.to_le_bytes());
        }
        put_lp(&mut out, &self.top);
        match &self.root {
            Root::Empty => out.push(0),
            Root::Leaf(leaf) => {
                out.push(1);
                put_lp(&mut out, leaf);
            }
            Root::Page(stamp) => {
                out.push(3);
                out.extend(stamp.bytes());
            }
        }
        out.extend((self.before.len() as u64).to_le_bytes());
        self.before.iter().for_each(|stamp| out.extend(stamp.bytes()));
        out.extend((self.retired.len() as u64).to_le_bytes());
        for (stamp, place) in &self.retired {
            out.extend(stamp.bytes());
            out.push(u8::try_from(place.depth).unwrap_or(u8::MAX));
            out.extend_from_slice(&place.key[..(place.depth as usize).div_ceil(8)]);
        }
        let check = check(&out)?;
        out.extend(check);
        Ok(out)
    }

    pub(super) fn decode(bytes: &[u8], name: &str) -> Result<Self, TreeError> {
        let body = checked(bytes)?.ok_or_else(|| TreeError::Damaged(name.to_owned()))?;
        Self::read(Reader::new(body)).map_err(|error| TreeError::Damaged(format!("{name} ({error})")))
    }

    fn read(mut input: Reader<'_>) -> Result<Self, DecodeError> {
        input.begin("record of a version", RECORD)?;
        let (number, time, size) = (input.u64("number")?, input.u64("time")?, input.u64("size")?);
        let top = input.lp("top")?.to_vec();
        let root = match input.u8("root")? {
            0 => Root::Empty,
            1 => Root::Leaf(input.lp("leaf")?.to_vec()),
            3 => Root::Page(Stamp::of(input.array("stamp")?)),
            other => return Err(DecodeError::Unknown { field: "root", value: other.to_string() }),
        };
        let count = input.u64("count")?;
        let mut before = Vec::new();
        for _ in 0..count {
            before.push(Stamp::of(input.array("stamp")?));
        }
        let count = input.u64("count")?;
        let mut retired = Vec::new();
        for _ in 0..count {
            let stamp = Stamp::of(input.array("stamp")?);
            let depth = u32::from(input.u8("depth")?);
            let mut key = [0; 32];
            let bytes = input.take("key", u64::from(depth.div_ceil(8)))?;
            for (to, from) in key.iter_mut().zip(bytes) {
                *to = *from;
            }
            retired.push((stamp, Place { depth, key }));
        }
        input.end()?;
        Ok(Self { number, time, size, top, root, before, retired })
    }
}
