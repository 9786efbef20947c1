//! The store of tallystick that is one file: tiles by name and one head, appended, checksummed, durable.
//!
//! [`FileStore`] is a file with a lock; [`Log`] is what it does on any [`Disk`].
#![forbid(unsafe_code)]

mod check;
mod disk;
mod error;
mod file;
mod format;
mod load;
mod log;
mod names;
mod table;

pub use disk::Disk;
pub use error::StoreError;
pub use file::{FileStore, Opening};
pub use log::Log;
