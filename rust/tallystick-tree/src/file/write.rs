//! Writing a tree file front to back: beside its place, synced, renamed.

use std::io::{self, Write};
use std::ops::Range;

use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::FileError;
use super::disk::{Buffer, Disk};
use super::format::Layout;
use super::format::SLOTS;
use super::header::{Header, header_length};
use super::sums::PageSums;
use super::temporary::{Target, Temporary};
use crate::error::TreeError;
use crate::memory::bytes;
use crate::pool::{Interrupted, Run};

/// Blocks that are hashed, and then written, at once.
pub(super) const BATCH: usize = 32;

/// A file under way. Dropped before its end, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Writer {
    scheme: Scheme,
    temporary: Temporary,
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
            let (temporary, mut file) = Temporary::new(target)?;
            file.write_all(&vec![0; header_length(scheme) as usize])?;
            Ok::<_, io::Error>((temporary, file))
        };
        let (temporary, file) = begin().map_err(FileError::from)?;
        let width = scheme.width();
        let full = bytes(BATCH * (SLOTS >> lowest) as usize, width)?;
        let disk = Disk::new(file, bytes(SLOTS as usize, width)? + full).map_err(FileError::from)?;
        let (scheme, sums, batch) = (scheme.clone(), PageSums::default(), Buffer::default());
        Ok(Self { scheme, temporary, disk, sums, batch, full })
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
        let root = head.map_or_else(|| vec![0; self.scheme.record().top_size()], |head| head.root().to_vec());
        let header = Header { scheme: self.scheme, root, sums_hash: blake3::hash(&sums).into() };
        let front = header.encode(&layout).ok_or(FileError::TooLarge)?;
        self.disk.finish(sums, front, run)?;
        if (run.interrupt)() {
            return Err(Interrupted.into());
        }
        self.temporary.persist().map_err(FileError::from)?;
        Ok(())
    }
}
