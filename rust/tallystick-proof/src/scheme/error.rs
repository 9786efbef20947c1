//! Why there is no such scheme.

use alloc::string::String;

use super::MAX_BLOCK;
use crate::hash::{HashError, MAX_DIGEST, MIN_DIGEST};

/// A scheme that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    /// No built-in family has this name.
    #[error("there is no scheme family {0:?}")]
    UnknownFamily(String),
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
    /// A root that is said to bind parameters leaves them or the topmost node out.
    #[error("the frame of a root that binds parameters has them and the topmost node")]
    RootLeavesOut,
    /// A leaf or node frame has something behind its body.
    #[error("the frame of a leaf or node ends in its body")]
    BodyNotLast,
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}
