//! Frames: the bytes that are hashed for a leaf, a node, the root's parameters and the root, as data.
//!
//! A frame is written down as parts and compiled once a scheme: what is constant at its front becomes the prefix that
//! the hash absorbs ahead of time, so that a leaf or a node costs only what varies.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::hash::{Hash, HashError, Prefix, Seeded};
use crate::scheme::SchemeError;

/// A piece of a preimage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Lit(Cow<'static, [u8]>),
    /// A tag, see `docs/spec/schemes.md`. Only at the front of a frame.
    Tag(Cow<'static, str>),
    /// What varies: the data of a leaf, the children of a node.
    Body,
    /// The digest of the root's parameters.
    Params,
    /// The topmost node.
    Top,
}

/// The parts of a preimage, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Cow<'static, [Part]>);

impl Frame {
    /// A frame of these parts.
    pub const fn new(parts: &'static [Part]) -> Self {
        Self(Cow::Borrowed(parts))
    }

    /// Whether a part is anywhere in the frame.
    pub fn contains(&self, part: &Part) -> bool {
        self.0.contains(part)
    }

    /// Whether no preimage of this frame is one of `other`: their fronts are different tags, or literals that part ways.
    pub fn excludes(&self, other: &Self) -> bool {
        match (self.0.first(), other.0.first()) {
            (Some(Part::Tag(left)), Some(Part::Tag(right))) => left != right,
            (Some(Part::Lit(left)), Some(Part::Lit(right))) => !left.starts_with(right) && !right.starts_with(left),
            _ => false,
        }
    }

    /// `Tag(label, body)`.
    pub fn tagged(label: &'static str, body: &[Part]) -> Self {
        let mut parts = vec![Part::Tag(Cow::Borrowed(label))];
        parts.extend_from_slice(body);
        Self(Cow::Owned(parts))
    }
}

/// A frame whose constant front is already absorbed.
#[derive(Clone)]
pub(crate) struct Compiled {
    pub(crate) seeded: Arc<dyn Seeded>,
    rest: Vec<Part>,
}

/// What the parts of a frame stand for in one preimage.
#[derive(Clone, Copy, Default)]
pub(crate) struct Values<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) params: &'a [u8],
    pub(crate) top: &'a [u8],
}

impl Compiled {
    pub(crate) fn new(frame: &Frame, hash: &Hash) -> Result<Self, SchemeError> {
        let parts: &[Part] = &frame.0;
        let (prefix, rest) = match parts.split_first() {
            Some((Part::Tag(label), rest)) => (hash.tag(label)?, rest),
            Some((Part::Lit(bytes), rest)) => (Prefix::Bytes(bytes.to_vec()), rest),
            _ => (Prefix::Bytes(Vec::new()), parts),
        };
        if rest.iter().any(|part| matches!(part, Part::Tag(_))) {
            return Err(SchemeError::MisplacedTag);
        }
        Ok(Self { seeded: hash.seed(&prefix)?, rest: rest.to_vec() })
    }

    /// Whether what varies is the body alone, so that rows can be hashed where they lie.
    pub(crate) fn is_body(&self) -> bool {
        self.rest == [Part::Body]
    }

    /// Hashes one preimage.
    pub(crate) fn digest(&self, values: Values<'_>, out: &mut [u8]) -> Result<(), HashError> {
        let mut preimage = Vec::new();
        for part in &self.rest {
            preimage.extend_from_slice(match part {
                Part::Lit(bytes) => bytes,
                Part::Body => values.body,
                Part::Params => values.params,
                Part::Top => values.top,
                // `new` refuses a tag here.
                Part::Tag(_) => &[],
            });
        }
        self.seeded.ragged(&[&preimage], out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_keep_frames_apart_only_when_they_part_ways() {
        let lit = |bytes: &'static [u8]| Frame(vec![Part::Lit(Cow::Borrowed(bytes)), Part::Body].into());
        let tag = |label| Frame::tagged(label, &[Part::Body]);
        let raw = || Frame::new(&[Part::Body]);
        assert!(lit(&[0]).excludes(&lit(&[1])) && tag("a").excludes(&tag("b")));
        // Raw data may begin with any bytes, a shorter literal goes on with any, and a tag is some bytes too.
        for (left, right) in
            [(raw(), lit(&[1])), (lit(&[1]), lit(&[1, 2])), (tag("a"), lit(&[1])), (tag("a"), tag("a"))]
        {
            assert!(!left.excludes(&right) && !right.excludes(&left));
        }
    }
}
