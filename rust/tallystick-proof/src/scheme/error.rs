//! Why there is no such scheme.

use alloc::string::String;

use super::MAX_BLOCK;
use crate::frame::{MAX_LITERALS, Role};
use crate::geometry::MAX_ARITY;
use crate::hash::{HashError, MAX_DIGEST, MIN_DIGEST};

/// A scheme that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    /// No built-in family has this name.
    #[error("there is no scheme family {0:?}")]
    UnknownFamily(String),
    /// A built-in family does not take these parameters.
    #[error("there is no scheme {0:?}: the family takes {1}")]
    Parameters(String, String),
    /// A name that a scheme of one's own cannot have.
    #[error(
        "{0:?} is no name for a scheme of one's own: printable ASCII without quotes, backslashes, parentheses, commas and slashes, 1 to 255 bytes, and no built-in family's"
    )]
    FamilyName(String),
    /// The hash offers no collision resistance.
    #[error("{0} is not a cryptographic hash: proofs made with it could be forged")]
    NotCryptographic(String),
    /// The hash's digests are too short or too long.
    #[error("{name} has digests of {size} bytes; a scheme takes {MIN_DIGEST} to {MAX_DIGEST}")]
    DigestSize {
        /// The hash.
        name: String,
        /// Bytes of its digests.
        size: usize,
    },
    /// The hash's name cannot stand in every encoding.
    #[error("{0:?} is no name for a hash: printable ASCII without quotes and backslashes, 1 to 255 bytes")]
    HashName(String),
    /// The hash's blocks are too long for a root to bind their length.
    #[error("{name} has blocks of {size} bytes; a scheme takes 1 to {MAX_BLOCK}")]
    BlockSize {
        /// The hash.
        name: String,
        /// Bytes of its blocks.
        size: usize,
    },
    /// The root does not commit to a context.
    #[error("the root of a scheme of family {0:?} does not bind a context")]
    ContextNotBound(String),
    /// A context is too long to be written down.
    #[error("a context of {0} bytes is too long: at most 4,294,967,295")]
    ContextTooLong(usize),
    /// A frame has a tag behind its front.
    #[error("a tag stands at the front of a frame only")]
    MisplacedTag,
    /// A frame without what varies, or with it more than once.
    #[error("the frame of a {} once", varies(*.0))]
    Body(Role),
    /// A part in a frame that cannot have it.
    #[error("the frame of a {} cannot have {}; it may have {}", role(*.0), .1, allowed(*.0))]
    MisplacedPart(Role, &'static str),
    /// A frame with too many bytes of its own.
    #[error("the frame of a {} has more than {MAX_LITERALS} bytes of its own", role(*.0))]
    Literals(Role),
    /// Too many children.
    #[error("a node of {0} children; there are nodes of 2 to {MAX_ARITY}")]
    Arity(u8),
    /// Rules that do not go together.
    #[error("{0}")]
    Shape(&'static str),
    /// Nodes that state where they are, though one digest has several places.
    #[error("a node states its place, and {0} has more than one")]
    StatesPlaces(&'static str),
    /// A missing leaf of another size than a digest.
    #[error("the zero has {found} bytes; digests have {expected}")]
    Zero {
        /// Its bytes.
        found: usize,
        /// Bytes of a digest.
        expected: usize,
    },
    /// A tree of fixed height that cannot have so many leaves.
    #[error("a tree of height {height} does not have room for {limit} leaves, or none at all: heights are at most 64")]
    Height {
        /// Its height.
        height: u8,
        /// Most leaves.
        limit: u64,
    },
    /// Encoded rules that are none.
    #[error("malformed rules: {0}")]
    Malformed(&'static str),
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Leaf => "leaf",
        Role::Node => "node",
        Role::Bag => "bag",
        Role::Root => "root",
    }
}

fn allowed(role: Role) -> &'static str {
    match role {
        Role::Leaf => "a tag, bytes, data, level, index and position",
        Role::Node => "a tag, bytes, children, level, index and position",
        Role::Bag => "a tag, bytes, children, size and range size",
        Role::Root => "a tag, bytes, top, size and range size",
    }
}

fn varies(of: Role) -> &'static str {
    match of {
        Role::Leaf => "leaf has the leaf's data",
        Role::Node => "node has the children",
        Role::Bag => "bag has the two peaks",
        Role::Root => "root has the topmost node",
    }
}
