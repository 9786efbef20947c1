//! The tree file: `docs/spec/tree-file.md`. Written front to back beside its place and renamed; read through a map.
//!
//! - [`format`], [`header`]: where things lie, and what the header states
//! - [`write`], [`disk`], [`sums`]: one sequential pass, double-buffered
//! - [`stream`]: a file from leaves that come in pieces; [`save`]: a file from a tree
//! - [`map`], [`set`]: one file or several as one tree

pub(crate) mod disk;
pub(crate) mod format;
pub(crate) mod header;
mod map;
mod save;
mod set;
mod stream;
mod sums;
pub(crate) mod temporary;
mod write;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tallystick_proof::codec::DecodeError;

pub use map::MappedFile;
pub(crate) use save::save;
pub use set::FileSet;
pub use stream::FileBuilder;
pub use temporary::Target;

/// Opens a file to read from. What is none is refused before it is opened: opening a pipe waits for a writer.
pub(crate) fn open_regular(path: &Path) -> Result<File, FileError> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    if !found.is_file() {
        return Err(FileError::Damaged("it is not a regular file"));
    }
    Ok(File::open(path)?)
}

/// A tree file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The header is not one.
    #[error("not a tree file: {0}")]
    Header(#[from] DecodeError),
    /// A file of another kind, or of none.
    #[error("this is {0}")]
    OtherKind(&'static str),
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
    /// No file can be that long, or there is no such range of leaves.
    #[error("no tree file holds these leaves and levels")]
    TooLarge,
    /// A page of the data does not match its hash.
    #[error("the file is damaged: page {page} of the data does not match its hash: {}", .path.display())]
    Page {
        /// Number of the page.
        page: u64,
        /// The file.
        path: PathBuf,
    },
}
