//! Page sums of data on its way into a file.

use super::format::{PAGE, SUM};
use crate::error::TreeError;
use crate::pool::Run;

/// Pages that one task hashes.
const CHUNK: usize = 16;

/// The sums of the data so far, which comes in pieces of any length.
#[derive(Debug, Default)]
pub(super) struct PageSums {
    sums: Vec<u8>,
    /// The page that the next piece goes on with, and its bytes so far.
    open: blake3::Hasher,
    filled: usize,
}

impl PageSums {
    pub(super) fn add(&mut self, run: Run<'_>, mut data: &[u8]) -> Result<(), TreeError> {
        if self.filled > 0 {
            let (end, rest) = data.split_at(data.len().min(PAGE as usize - self.filled));
            self.begin_page(end);
            data = rest;
        }
        let (pages, begin) = data.split_at(data.len() - data.len() % PAGE as usize);
        let place = self.sums.len();
        self.sums.resize(place + pages.len() / PAGE as usize * SUM as usize, 0);
        let chunks = pages.chunks(CHUNK * PAGE as usize).zip(self.sums[place..].chunks_mut(CHUNK * SUM as usize));
        run.each(chunks, |(pages, sums): (&[u8], &mut [u8])| {
            for (page, sum) in pages.chunks(PAGE as usize).zip(sums.chunks_mut(SUM as usize)) {
                sum.copy_from_slice(blake3::hash(page).as_bytes());
            }
            Ok::<_, TreeError>(())
        })?;
        self.begin_page(begin);
        Ok(())
    }

    /// Goes on with the open page, at most to its end.
    fn begin_page(&mut self, data: &[u8]) {
        self.open.update(data);
        self.filled += data.len();
        if self.filled == PAGE as usize {
            self.close_page();
        }
    }

    fn close_page(&mut self) {
        self.sums.extend(self.open.finalize().as_bytes());
        self.open.reset();
        self.filled = 0;
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.close_page();
        }
        self.sums
    }
}
