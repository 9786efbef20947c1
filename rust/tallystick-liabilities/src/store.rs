//! Bytes that lie in memory or in a mapped file.

use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

/// Bytes, in memory or mapped.
#[derive(Debug)]
pub(crate) enum Store {
    Memory(Vec<u8>),
    /// Some of the bytes of a file.
    Mapped(Arc<Mmap>, Range<usize>),
}

impl Store {
    /// The bytes of the file at a path.
    pub(crate) fn map(path: &Path) -> io::Result<Self> {
        Self::of(&File::open(path)?)
    }

    /// The bytes of a file.
    #[allow(unsafe_code)]
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::Memory(Vec::new())); // Nothing can be mapped there.
        }
        // SAFETY: a snapshot's files are changed by nobody but `erase`, which holds the lock that all who read take.
        let map = unsafe { Mmap::map(file) }?;
        let all = 0..map.len();
        Ok(Self::Mapped(Arc::new(map), all))
    }

    /// The first and the second half of a file; empty ones of none.
    pub(crate) fn halves(self) -> [Self; 2] {
        match self {
            Self::Memory(mut bytes) => {
                let rest = bytes.split_off(bytes.len() / 2);
                [Self::Memory(bytes), Self::Memory(rest)]
            }
            Self::Mapped(map, Range { start, end }) => {
                let middle = start + (end - start) / 2;
                [Self::Mapped(Arc::clone(&map), start..middle), Self::Mapped(map, middle..end)]
            }
        }
    }

    /// Number `index` of those that the bytes are, little-endian; 0 beyond the end.
    pub(crate) fn u32(&self, index: usize) -> u32 {
        self.chunk(index).map_or(0, u32::from_le_bytes)
    }

    /// The same of eight bytes each.
    pub(crate) fn u64(&self, index: usize) -> u64 {
        self.chunk(index).map_or(0, u64::from_le_bytes)
    }

    /// Item `index` of `N` bytes each.
    pub(crate) fn chunk<const N: usize>(&self, index: usize) -> Option<[u8; N]> {
        self.as_chunks::<N>().0.get(index).copied()
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::Memory(Vec::new())
    }
}

impl Deref for Store {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(map, range) => map.get(range.clone()).unwrap_or_default(),
        }
    }
}
