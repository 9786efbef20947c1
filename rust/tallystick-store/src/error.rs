//! What can go wrong with a store.

use std::io;

/// A call on a store that failed. That a tile is not there is no failure.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file, and none was to be made.
    #[error("there is no file {0}")]
    NotFound(String),
    /// What is there is a folder, a pipe or a device.
    #[error("{0} is no file, but a folder, a pipe or a device")]
    NoFile(String),
    /// Another object has the file open for writing.
    #[error("{0} is open for writing elsewhere")]
    Locked(String),
    /// The system refused something.
    #[error("cannot {doing}: {error}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// Bytes of the file are not what was written.
    #[error("the file is damaged: {what} at byte {at}")]
    Damaged {
        /// What is not as it must be.
        what: &'static str,
        /// Where it lies.
        at: u64,
    },
    /// The file is no store, or both of its slots are damaged.
    #[error("the file is no store, or the beginning of it is damaged")]
    NoStore,
    /// A sync failed, so that nobody knows what is on the disk.
    #[error("the disk failed while a batch was published: open the store again to see which head it has")]
    InDoubt,
    /// The process is a fork of the one that opened the store.
    #[error("a store is not used by a fork of the process that opened it")]
    Forked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The store was opened for reading only.
    #[error("the store is open for reading only")]
    ReadOnly,
    /// The system lacks the calls that the file needs.
    #[error("this system has no file stores")]
    Unsupported,
    /// What is no name of a tile.
    #[error("{0:?} is no name of a tile")]
    Name(String),
    /// A name that one call gives twice.
    #[error("{0} is there twice")]
    Twice(String),
    /// A tile that is too long.
    #[error("{name} has {length} bytes; a tile has at most 16777216")]
    LongTile {
        /// Its name.
        name: String,
        /// Its length.
        length: usize,
    },
    /// A head that is too long.
    #[error("a head of {0} bytes; it has at most 65536")]
    LongHead(usize),
}

impl StoreError {
    /// For `map_err`: the system refused it while this was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { doing, error }
    }
}
