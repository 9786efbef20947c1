//! The tree file: `docs/spec/tree-file.md`. Written once beside its place and renamed; read through a map.

mod format;
mod map;
mod write;

use std::io;

use tallystick_proof::codec::DecodeError;

pub use map::MappedTree;
pub(crate) use write::save;

/// A tree file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The header is not one.
    #[error("not a tree file: {0}")]
    Header(#[from] DecodeError),
    /// The file is longer or shorter than its header says.
    #[error("the file has {found} bytes, its header says {stated}")]
    Length {
        /// Bytes of the file.
        found: u64,
        /// Bytes by the header.
        stated: u64,
    },
    /// A part of the file does not match its hash, or contradicts another part.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// The tree's head is of a size that no file can hold.
    #[error("a tree of this size fits no file")]
    TooLarge,
    /// A page of the data does not match its hash.
    #[error("the file is damaged: page {0} of the data does not match its hash")]
    Page(u64),
}
