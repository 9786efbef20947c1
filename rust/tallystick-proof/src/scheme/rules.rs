//! What is hashed, as data: the rules of every built-in family of schemes.

use alloc::borrow::Cow;

use crate::frame::{Frame, Part};

/// What a tree holds beside digests, and so which kind of tree takes the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Leaves in a row.
    Dense,
    /// Leaves in a row, each with an amount; nodes with the sum of those below.
    Sum,
}

impl Kind {
    /// Its number in encodings and root parameters.
    pub const fn code(self) -> u8 {
        match self {
            Self::Dense => 1,
            Self::Sum => 2,
        }
    }

    /// The kind with this number.
    pub(crate) fn of_code(code: u8) -> Option<Self> {
        [Self::Dense, Self::Sum].into_iter().find(|kind| kind.code() == code)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Sum => "sum",
        }
    }
}

/// What becomes of a node without a sibling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It moves up unchanged, as in RFC 6962.
    MovesUp,
}

/// The topmost node of an empty tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Zero bytes, a digest long.
    Zeros,
    /// The hash of the empty string.
    HashOfNothing,
}

/// How the root follows from the topmost node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// It is the topmost node's digest, so it binds neither size nor context.
    Top,
    /// It is hashed from `root`, where [`Part::Params`] is the digest of the parameters under the tag `params`.
    Bound {
        /// Label of the parameters' tag.
        params: &'static str,
        /// What the root is the hash of.
        root: Frame,
    },
}

/// What is hashed, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether nodes carry sums. A leaf's body then begins with its amount and a node's ends in both sums, 16 bytes each.
    pub kind: Kind,
    /// Preimage of a leaf.
    pub leaf: Frame,
    /// Preimage of a node.
    pub node: Frame,
    /// What becomes of a node without a sibling.
    pub edge: Edge,
    /// The topmost node of an empty tree.
    pub empty: Empty,
    /// How the root follows.
    pub root: Root,
}

pub(super) type Family = (&'static str, fn() -> Rules);

/// The built-in families by name.
pub(super) const FAMILIES: [Family; 3] = [
    ("native", || Rules {
        kind: Kind::Dense,
        leaf: Frame::tagged("tallystick/v1/leaf", &[Part::Body]),
        node: Frame::tagged("tallystick/v1/node", &[Part::Body]),
        edge: Edge::MovesUp,
        empty: Empty::Zeros,
        root: native_root(),
    }),
    ("native_sum", || Rules {
        kind: Kind::Sum,
        leaf: Frame::tagged("tallystick/v1/sum-leaf", &[Part::Body]),
        node: Frame::tagged("tallystick/v1/sum-node", &[Part::Body]),
        edge: Edge::MovesUp,
        empty: Empty::Zeros,
        root: native_root(),
    }),
    ("rfc6962", || Rules {
        kind: Kind::Dense,
        leaf: Frame::new(&[Part::Lit(Cow::Borrowed(&[0])), Part::Body]),
        node: Frame::new(&[Part::Lit(Cow::Borrowed(&[1])), Part::Body]),
        edge: Edge::MovesUp,
        empty: Empty::HashOfNothing,
        root: Root::Top,
    }),
];

fn native_root() -> Root {
    Root::Bound {
        params: "tallystick/v1/params",
        root: Frame::tagged("tallystick/v1/head", &[Part::Params, Part::Top]),
    }
}

/// Names of the built-in families.
pub fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|(name, _)| *name)
}
