//! Frames: the bytes that are hashed for a leaf, a node, the root's parameters and the root, as data.
//!
//! A frame is written down as parts and compiled once a scheme: what is constant at its front becomes the prefix that
//! the hash absorbs ahead of time, so that a leaf or a node costs only what varies.

mod compiled;
mod number;

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use crate::scheme::SchemeError;

pub use compiled::Places;
pub(crate) use compiled::{Compiled, Values};
pub use number::{Int, Number, position};

/// A piece of a preimage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Lit(Cow<'static, [u8]>),
    /// A tag, see `docs/spec/schemes.md`. Only at the front of a frame.
    Tag(Cow<'static, str>),
    /// What varies: the data of a leaf, the children of a node.
    Body,
    /// A number that follows from where the node is, or from how many leaves there are.
    Number(Number, Int),
    /// The digest of the root's parameters.
    Params,
    /// The topmost node.
    Top,
}

impl Part {
    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Lit(_) => "bytes",
            Self::Tag(_) => "a tag",
            Self::Body => "data or children",
            Self::Number(number, _) => number.name(),
            Self::Params => "params",
            Self::Top => "top",
        }
    }
}

/// What a frame is for, and so which parts it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A leaf.
    Leaf,
    /// A node.
    Node,
    /// Two peaks of a mountain range.
    Bag,
    /// The root.
    Root,
}

/// Most bytes of a frame's literals: they are repeated in every preimage.
pub const MAX_LITERALS: usize = 4096;

/// The parts of a preimage, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    parts: Cow<'static, [Part]>,
    twice: bool,
}

impl Frame {
    /// A frame of these parts.
    pub const fn new(parts: &'static [Part]) -> Self {
        Self { parts: Cow::Borrowed(parts), twice: false }
    }

    /// The body and nothing else.
    pub const fn body() -> Self {
        Self::new(&[Part::Body])
    }

    /// A frame of these parts.
    pub fn of_parts(parts: Vec<Part>, twice: bool) -> Self {
        Self { parts: Cow::Owned(parts), twice }
    }

    /// The same, whose digest is hashed once more.
    #[must_use]
    pub fn twice(self) -> Self {
        Self { twice: true, ..self }
    }

    /// Whether the digest is hashed once more.
    pub fn is_twice(&self) -> bool {
        self.twice
    }

    /// Its parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether a part is anywhere in the frame.
    pub fn contains(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }

    /// Whether a number is anywhere in the frame.
    pub fn states(&self, number: Number) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Number(found, _) if *found == number))
    }

    /// Whether no leaf of this frame has a preimage in common with a node of `node`, whose children are at least two
    /// digests: their fronts are different tags, literals that part ways or numbers that no leaf shares with a node of its
    /// tree; or a leaf's last preimage is a digest, shorter than two.
    pub fn excludes(&self, node: &Self) -> bool {
        let fronts = match (self.parts.first(), node.parts.first()) {
            (Some(Part::Tag(left)), Some(Part::Tag(right))) => left != right,
            (Some(Part::Lit(left)), Some(Part::Lit(right))) => !left.starts_with(right) && !right.starts_with(left),
            (Some(Part::Number(left, first)), Some(Part::Number(right, second))) => {
                let apart = matches!(
                    (left, right),
                    (Number::Level, Number::Level) | (Number::Position, Number::Position | Number::RangeSize)
                );
                apart && first == second
            }
            _ => false,
        };
        match (self.twice, node.twice) {
            // The same hash function over both preimages, or over their digests.
            (false, false) | (true, true) => fronts,
            (true, false) => true,
            // A leaf's preimage may be the digest that a node hashes last.
            (false, true) => false,
        }
    }

    /// `Tag(label, body)`.
    pub fn tagged(label: &'static str, body: &[Part]) -> Self {
        let mut parts = vec![Part::Tag(Cow::Borrowed(label))];
        parts.extend_from_slice(body);
        Self { parts: Cow::Owned(parts), twice: false }
    }

    /// Refuses a frame that is none of this role.
    pub fn check(&self, role: Role) -> Result<(), SchemeError> {
        let varies = if role == Role::Root { Part::Top } else { Part::Body };
        if self.parts.iter().filter(|part| **part == varies).count() != 1 {
            return Err(SchemeError::Body(role));
        }
        let literals = self.parts.iter().map(|part| if let Part::Lit(bytes) = part { bytes.len() } else { 0 });
        if literals.fold(0, usize::saturating_add) > MAX_LITERALS {
            return Err(SchemeError::Literals(role));
        }
        for (place, part) in self.parts.iter().enumerate() {
            let fits = match part {
                Part::Tag(_) if place != 0 => return Err(SchemeError::MisplacedTag),
                Part::Tag(_) | Part::Lit(_) => true,
                Part::Body | Part::Top => *part == varies,
                Part::Number(number, _) => number.fits(role),
                Part::Params => role == Role::Root,
            };
            if !fits {
                return Err(SchemeError::MisplacedPart(role, part.name()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_keep_frames_apart_only_when_they_part_ways() {
        let lit = |bytes: &'static [u8]| Frame::of_parts(vec![Part::Lit(Cow::Borrowed(bytes)), Part::Body], false);
        let tag = |label| Frame::tagged(label, &[Part::Body]);
        let number = |number, int| Frame::of_parts(vec![Part::Number(number, int), Part::Body], false);
        let level = || number(Number::Level, Int::U8);
        assert!(lit(&[0]).excludes(&lit(&[1])) && tag("a").excludes(&tag("b")) && level().excludes(&level()));
        assert!(Frame::body().twice().excludes(&Frame::body()) && !Frame::body().excludes(&Frame::body().twice()));
        assert!(!Frame::body().twice().excludes(&Frame::body().twice()));
        // Raw data may begin with any bytes, a shorter literal goes on with any, and a tag is some bytes too.
        for (left, right) in [
            (Frame::body(), lit(&[1])),
            (lit(&[1]), lit(&[1, 2])),
            (tag("a"), lit(&[1])),
            (tag("a"), tag("a")),
            (level(), number(Number::Level, Int::U64Be)),
            (number(Number::Index, Int::U8), number(Number::Index, Int::U8)),
        ] {
            assert!(!left.excludes(&right) && !right.excludes(&left));
        }
    }
}
