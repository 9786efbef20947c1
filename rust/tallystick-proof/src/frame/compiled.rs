//! Frames that are ready to hash: what is constant at the front is absorbed, and what varies is gathered where it does not
//! lie as it is hashed.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::{Frame, Part};
use crate::hash::{Hash, HashError, Prefix, Seeded, check_rows};
use crate::scheme::SchemeError;

/// Preimages that are gathered together: they stay in the first cache, and fill the lanes of any hash.
const TOGETHER: usize = 64;

/// Where the leaves or nodes of a call stand in their level.
#[derive(Clone, Copy, Debug)]
pub enum Places<'a> {
    /// One behind the other, from here on.
    From(u64),
    /// Here.
    These(&'a [u64]),
}

impl Places<'_> {
    fn get(self, number: usize) -> u64 {
        match self {
            Self::From(first) => first.saturating_add(number as u64),
            Self::These(places) => places.get(number).copied().unwrap_or(u64::MAX),
        }
    }
}

/// A frame whose constant front is already absorbed.
#[derive(Clone)]
pub(crate) struct Compiled {
    pub(crate) seeded: Arc<dyn Seeded>,
    rest: Vec<Part>,
    /// Hashes a digest once more.
    again: Option<Arc<dyn Seeded>>,
    /// The size of a digest, by which the two children in a body are put in order.
    sorted: Option<usize>,
    digest_size: usize,
}

/// What the parts of a frame stand for in one preimage.
#[derive(Clone, Copy, Default)]
pub(crate) struct Values<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) params: &'a [u8],
    pub(crate) top: &'a [u8],
    pub(crate) level: u32,
    pub(crate) index: u64,
    pub(crate) size: u64,
}

impl Compiled {
    pub(crate) fn new(frame: &Frame, hash: &Hash) -> Result<Self, SchemeError> {
        let parts: &[Part] = frame.parts();
        let (prefix, rest) = match parts.split_first() {
            Some((Part::Tag(label), rest)) => (hash.tag(label)?, rest),
            Some((Part::Lit(bytes), rest)) => (Prefix::Bytes(bytes.to_vec()), rest),
            _ => (Prefix::Bytes(Vec::new()), parts),
        };
        if rest.iter().any(|part| matches!(part, Part::Tag(_))) {
            return Err(SchemeError::MisplacedTag);
        }
        Ok(Self {
            seeded: hash.seed(&prefix)?,
            rest: rest.to_vec(),
            again: if frame.is_twice() { Some(hash.unseeded()?) } else { None },
            sorted: None,
            digest_size: hash.digest_size(),
        })
    }

    /// The same over a body of two children in ascending order.
    pub(crate) fn sorted(self, digest_size: usize) -> Self {
        Self { sorted: Some(digest_size), ..self }
    }

    /// Whether bodies are hashed where they lie, once.
    fn is_straight(&self) -> bool {
        self.rest == [Part::Body] && self.again.is_none() && self.sorted.is_none()
    }

    /// Hashes bodies of one width.
    #[inline]
    pub(crate) fn rows(
        &self,
        level: u32,
        places: Places<'_>,
        bodies: &[u8],
        width: usize,
        out: &mut [u8],
    ) -> Result<(), HashError> {
        if self.is_straight() {
            self.seeded.rows(bodies, width, out)
        } else {
            self.gathered(level, places, bodies, width, out)
        }
    }

    fn gathered(
        &self,
        level: u32,
        places: Places<'_>,
        bodies: &[u8],
        width: usize,
        out: &mut [u8],
    ) -> Result<(), HashError> {
        check_rows(bodies, width, out, self.digest_size)?;
        let gathers = self.rest != [Part::Body] || self.sorted.is_some();
        let mut scratch = Vec::new();
        let mut number = 0_usize;
        let together = (width.saturating_mul(TOGETHER), self.digest_size.saturating_mul(TOGETHER));
        for (bodies, out) in bodies.chunks(together.0).zip(out.chunks_mut(together.1)) {
            if gathers {
                scratch.clear();
                for body in bodies.chunks_exact(width) {
                    let values = Values { body, level, index: places.get(number), ..Values::default() };
                    self.put(&values, &mut scratch)?;
                    number = number.saturating_add(1);
                }
                let preimage = scratch.len().checked_div(bodies.len() / width).unwrap_or(0);
                self.seeded.rows(&scratch, preimage, out)?;
            } else {
                self.seeded.rows(bodies, width, out)?;
            }
            self.once_more(&mut scratch, out)?;
        }
        Ok(())
    }

    /// Hashes bodies of any length.
    pub(crate) fn ragged(
        &self,
        level: u32,
        places: Places<'_>,
        bodies: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), HashError> {
        if self.is_straight() {
            return self.seeded.ragged(bodies, out);
        }
        let mut scratch = Vec::new();
        if self.rest == [Part::Body] && self.sorted.is_none() {
            self.seeded.ragged(bodies, out)?;
            return self.once_more(&mut scratch, out);
        }
        let mut ends = vec![0_usize];
        for (number, body) in bodies.iter().enumerate() {
            let values = Values { body, level, index: places.get(number), ..Values::default() };
            self.put(&values, &mut scratch)?;
            ends.push(scratch.len());
        }
        let ranges = ends.iter().zip(ends.iter().skip(1));
        let rows: Vec<&[u8]> = ranges.map(|(begin, end)| scratch.get(*begin..*end).unwrap_or_default()).collect();
        self.seeded.ragged(&rows, out)?;
        self.once_more(&mut Vec::new(), out)
    }

    /// Hashes one preimage.
    pub(crate) fn digest(&self, values: &Values<'_>, out: &mut [u8]) -> Result<(), HashError> {
        let mut preimage = Vec::new();
        self.put(values, &mut preimage)?;
        self.seeded.ragged(&[&preimage], out)?;
        self.once_more(&mut preimage, out)
    }

    /// Hashes digests once more, where the frame says so.
    fn once_more(&self, scratch: &mut Vec<u8>, out: &mut [u8]) -> Result<(), HashError> {
        let Some(again) = &self.again else { return Ok(()) };
        scratch.clear();
        scratch.extend_from_slice(out);
        if scratch.is_empty() { Ok(()) } else { again.rows(scratch, self.digest_size, out) }
    }

    /// Appends what varies of one preimage, in order.
    fn put(&self, values: &Values<'_>, out: &mut Vec<u8>) -> Result<(), HashError> {
        for part in &self.rest {
            match part {
                Part::Lit(bytes) => out.extend_from_slice(bytes),
                Part::Body => self.put_body(values.body, out),
                Part::Number(number, int) => int.put(number.value(values)?, out)?,
                Part::Params => out.extend_from_slice(values.params),
                Part::Top => out.extend_from_slice(values.top),
                // `new` refuses a tag here.
                Part::Tag(_) => {}
            }
        }
        Ok(())
    }

    fn put_body(&self, body: &[u8], out: &mut Vec<u8>) {
        let children = self.sorted.and_then(|size| body.split_at_checked(size));
        match children {
            Some((left, right)) if right < left => {
                out.extend_from_slice(right);
                out.extend_from_slice(left);
            }
            _ => out.extend_from_slice(body),
        }
    }
}
