//! Writing a tree file front to back: beside its place, synced, renamed.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tempfile::NamedTempFile;

use super::FileError;
use super::disk::{Buffer, Disk};
use super::format::Layout;
use super::header::{Header, header_length};
use super::sums::PageSums;
use crate::build::BLOCK_LEVEL;
use crate::error::TreeError;
use crate::memory::bytes;
use crate::pool::Run;

/// Blocks that are hashed, and then written, at once.
pub(super) const BATCH: usize = 32;
/// Digests of a whole block with all its rows, and of a part of one at most.
const BLOCK_SLOTS: usize = 2 << BLOCK_LEVEL;

/// Where a file goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its path.
    pub path: PathBuf,
    /// Whether an existing file is replaced, in one step; else it is an error.
    pub overwrite: bool,
}

/// A file under way. Dropped before its end, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Writer {
    target: Target,
    scheme: Scheme,
    temporary: NamedTempFile,
    disk: Disk,
    sums: PageSums,
    batch: Buffer,
    /// Bytes of a batch of whole blocks: a buffer has room for a partial one behind it.
    full: usize,
}

impl Writer {
    /// Begins the file, at the place of the data. An error if it exists and stays.
    pub(super) fn new(target: Target, scheme: &Scheme, lowest: u32) -> Result<Self, TreeError> {
        let begin = || {
            if !target.overwrite && target.path.symlink_metadata().is_ok() {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            let mut builder = tempfile::Builder::new();
            builder.prefix(".tallystick-").suffix(".tmp");
            let temporary = public(&mut builder).tempfile_in(folder(&target.path))?;
            let mut file = temporary.as_file().try_clone()?;
            file.write_all(&vec![0; header_length(scheme) as usize])?;
            Ok((temporary, file))
        };
        let (temporary, file) = begin().map_err(FileError::from)?;
        let width = scheme.width();
        let full = bytes(BATCH * (BLOCK_SLOTS >> lowest), width)?;
        let disk = Disk::new(file, bytes(BLOCK_SLOTS, width)? + full).map_err(FileError::from)?;
        let (scheme, sums, batch) = (scheme.clone(), PageSums::default(), Buffer::default());
        Ok(Self { target, scheme, temporary, disk, sums, batch, full })
    }

    /// What is filled next. At least one block fits, whole or a part.
    pub(super) fn room(&mut self, run: Run<'_>) -> Result<&mut [u8], TreeError> {
        if self.batch.filled >= self.full {
            self.flush(run)?;
        }
        if self.batch.bytes.is_empty() {
            self.batch = self.disk.buffer(run)?;
        }
        Ok(self.batch.rest())
    }

    /// The front of [`room`](Self::room) was filled.
    pub(super) fn filled(&mut self, bytes: usize) {
        self.batch.filled += bytes;
    }

    /// Writes a row, or as much data as there may be.
    pub(super) fn write(&mut self, mut data: &[u8], run: Run<'_>) -> Result<(), TreeError> {
        while !data.is_empty() {
            let room = self.room(run)?;
            let (now, later) = data.split_at(data.len().min(room.len()));
            room[..now.len()].copy_from_slice(now);
            self.filled(now.len());
            data = later;
        }
        Ok(())
    }

    /// Hands the batch over to be written.
    fn flush(&mut self, run: Run<'_>) -> Result<(), TreeError> {
        let batch = std::mem::take(&mut self.batch);
        self.sums.add(run, batch.bytes.get(..batch.filled).unwrap_or_default())?;
        self.disk.write(batch)
    }

    /// Ends the file over these leaves, all of whose data was written, and puts it in its place.
    pub(super) fn finish(
        mut self,
        leaves: Range<u64>,
        lowest: u32,
        head: Option<&TreeHead>,
        run: Run<'_>,
    ) -> Result<(), TreeError> {
        if self.batch.filled > 0 {
            self.flush(run)?;
        }
        let width = self.scheme.width();
        let layout = Layout::of(width, leaves.start, leaves.end, lowest).ok_or(FileError::TooLarge)?;
        let sums = self.sums.end();
        let root = head.map_or_else(|| vec![0; self.scheme.digest_size()], |head| head.root().to_vec());
        let header = Header { scheme: self.scheme, root, sums_hash: blake3::hash(&sums).into() };
        let front = header.encode(&layout).ok_or(FileError::TooLarge)?;
        self.disk.finish(sums, front, run)?;
        let Target { path, overwrite } = &self.target;
        let renamed = if *overwrite { self.temporary.persist(path) } else { self.temporary.persist_noclobber(path) };
        renamed.map_err(|error| FileError::from(error.error))?;
        sync_folder(folder(path)).map_err(FileError::from)?;
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are private by default; a tree file is as open as the user's other files.
#[cfg(unix)]
fn public<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn public<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    builder
}

/// A rename is durable once the folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
