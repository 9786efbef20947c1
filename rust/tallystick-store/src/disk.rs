//! The operations on a file that a store is made of: the seam at which tests stand in for a disk.

use std::fs::File;
use std::io;

/// A file. Nothing that was written is safe before a sync.
pub trait Disk: Send + Sync {
    /// Fills `buffer` from `at` on; an error if the file ends before.
    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
    /// Writes all bytes at `at`.
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything that was written is safe.
    fn sync(&self) -> io::Result<()>;
    /// Number of bytes.
    fn length(&self) -> io::Result<u64>;
    /// Cuts the file.
    fn cut(&self, length: u64) -> io::Result<()>;
}

impl Disk for File {
    #[cfg(unix)]
    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, at)
    }

    #[cfg(unix)]
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self, bytes, at)
    }

    #[cfg(not(unix))]
    fn read(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(not(unix))]
    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}
