//! Frames that are ready to hash: what is constant at the front is absorbed, and what varies is gathered where it does not
//! lie as it is hashed.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

use super::{Frame, Int, Number, Part};
use crate::hash::{Hash, HashError, Prefix, Seeded, check_rows};
use crate::scheme::SchemeError;

/// Preimages that are gathered together: they stay in the first cache, and fill the lanes of any hash.
const TOGETHER: usize = 128;

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
        let together = TOGETHER.min(bodies.len() / width);
        let gather = self.gather(level, width)?;
        let mut preimages = gather.as_ref().map_or_else(Vec::new, |gather| gather.template.repeat(together));
        let mut digests = vec![0; if self.again.is_some() { self.digest_size.saturating_mul(together) } else { 0 }];
        let mut first = 0_usize;
        let chunk = (width.saturating_mul(TOGETHER), self.digest_size.saturating_mul(TOGETHER));
        for (bodies, out) in bodies.chunks(chunk.0).zip(out.chunks_mut(chunk.1)) {
            let (rows, row) = match &gather {
                Some(gather) => {
                    let stride = gather.template.len();
                    let used = stride.saturating_mul(bodies.len() / width);
                    let preimages = preimages.get_mut(..used).unwrap_or_default();
                    gather.fill(self.sorted, (level, places, first), bodies, width, preimages)?;
                    (&*preimages, stride)
                }
                None => (bodies, width),
            };
            match &self.again {
                Some(again) => {
                    let digests = digests.get_mut(..out.len()).unwrap_or_default();
                    self.seeded.rows(rows, row, digests)?;
                    again.rows(digests, self.digest_size, out)?;
                }
                None => self.seeded.rows(rows, row, out)?,
            }
            first = first.saturating_add(TOGETHER);
        }
        Ok(())
    }

    /// How preimages over bodies of this width are put together; `None` if the body is the whole of it.
    fn gather(&self, level: u32, width: usize) -> Result<Option<Gather>, HashError> {
        if self.rest == [Part::Body] && self.sorted.is_none() {
            return Ok(None);
        }
        let mut gather = Gather { template: Vec::new(), body: 0, numbers: Vec::new() };
        for part in &self.rest {
            let at = gather.template.len();
            match part {
                Part::Body => {
                    gather.body = at;
                    gather.template.resize(at.saturating_add(width), 0);
                }
                // The same in all of a call.
                Part::Number(Number::Level, int) => int.put(level.into(), &mut gather.template)?,
                Part::Number(number, int) => {
                    gather.numbers.push((at, *number, *int));
                    gather.template.resize(at.saturating_add(int.bytes()), 0);
                }
                Part::Lit(bytes) => gather.template.extend_from_slice(bytes),
                Part::Tag(_) | Part::Params | Part::Top => {}
            }
        }
        Ok(Some(gather))
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

/// Where the parts of preimages of one width lie.
struct Gather {
    /// A preimage with what is the same in all of them.
    template: Vec<u8>,
    /// Where its body begins.
    body: usize,
    /// Where the other numbers begin.
    numbers: Vec<(usize, Number, Int)>,
}

impl Gather {
    /// Writes what varies into preimages that hold the template each; `at` is their level, their places, and how many came
    /// before them.
    fn fill(
        &self,
        sorted: Option<usize>,
        at: (u32, Places<'_>, usize),
        bodies: &[u8],
        width: usize,
        preimages: &mut [u8],
    ) -> Result<(), HashError> {
        let stride = self.template.len();
        if sorted == Some(32) && stride == 64 {
            sort_pairs(bodies, preimages);
            return Ok(());
        }
        for (body, preimage) in bodies.chunks_exact(width).zip(preimages.chunks_exact_mut(stride)) {
            let own = preimage.get_mut(self.body..).and_then(|rest| rest.get_mut(..width)).unwrap_or_default();
            match sorted.and_then(|size| body.split_at_checked(size)) {
                Some((left, right)) if right < left => {
                    let (front, back) = own.split_at_mut(right.len().min(width));
                    front.copy_from_slice(right);
                    back.copy_from_slice(left);
                }
                _ => copy(body, own),
            }
        }
        let (level, places, first) = at;
        for (at, stated, int) in &self.numbers {
            for (number, preimage) in (first..).zip(preimages.chunks_exact_mut(stride)) {
                let values = Values { level, index: places.get(number), ..Values::default() };
                int.write(stated.value(&values)?, preimage.get_mut(*at..).unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

/// Copies a body; of the usual widths without a call.
fn copy(body: &[u8], out: &mut [u8]) {
    match (body.as_chunks::<64>(), out.as_chunks_mut::<64>()) {
        (([body], []), ([out], [])) => *out = *body,
        _ => out.copy_from_slice(body),
    }
}

/// Copies pairs of digests of 32 bytes, each pair ascending. Which is smaller nobody can foresee, so nothing branches on it.
fn sort_pairs(pairs: &[u8], out: &mut [u8]) {
    let front = |digest: &[u8; 32]| digest.first_chunk().map_or(0, |front| u64::from_be_bytes(*front));
    let pairs = pairs.as_chunks::<32>().0.as_chunks::<2>().0;
    let out = out.as_chunks_mut::<32>().0.as_chunks_mut::<2>().0;
    for ([left, right], [first, second]) in pairs.iter().zip(out) {
        let (before, behind) = (front(left), front(right));
        let swap = if before == behind { left > right } else { before > behind };
        *first = *select_unpredictable(swap, right, left);
        *second = *select_unpredictable(swap, left, right);
    }
}
