//! Rows of one length, hashed a group at a time: what every kernel shares.
//!
//! Rows of one length behind one prefix need the same number of blocks, and differ from each other only in where their bytes
//! lie. So a group of as many rows as a kernel has lanes goes through its blocks in step. Whole blocks are read where they
//! lie; the rest of a row, with what stands before it and with the padding, is laid out first. A block that holds
//! padding alone is the same in every lane, and is prepared once.

use std::sync::Arc;

use tallystick_proof::hash::{HashError, Seeded, check_ragged, check_rows};

/// Bytes of a digest of every hash that has kernels.
pub(super) const DIGEST: usize = 32;

/// Where a block stands in its message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Whether it is the message's first block.
    pub(super) first: bool,
    /// Whether it is the message's last block.
    pub(super) last: bool,
    /// Bytes of the message in this block: below `BLOCK` in a last block only.
    pub(super) length: usize,
    /// Bytes of the message up to the end of this block.
    pub(super) until: u64,
}

/// One hash function behind one prefix or key, in `N` lanes.
pub(super) trait Lanes<const N: usize, const BLOCK: usize>: Send + Sync + 'static {
    /// Longer messages are not taken. Laying rows out in blocks costs more than lanes gain when rows are long.
    const LONGEST: usize = 1024;

    /// The states of all lanes, in whatever arrangement suits the kernel.
    type States;
    /// A block that is the same in all lanes, prepared.
    type Shared;

    /// The states after the blocks of the prefix that were absorbed when the kernel was seeded.
    fn start(&self) -> Self::States;
    /// Blocks that a message of this length takes, padding included; at least one.
    fn blocks(&self, length: usize) -> usize;
    /// Writes the padding into the blocks of a message; `from` is where it begins, `length` is the whole message's.
    fn pad(&self, blocks: &mut [u8], from: usize, length: usize);
    /// One block in each lane.
    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], place: Place);
    /// Prepares a block for [`absorb_shared`](Self::absorb_shared).
    fn prepare(&self, block: &[u8; BLOCK], place: Place) -> Self::Shared;
    /// One block, the same in each lane.
    fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared);
    /// The digests.
    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; N]);
}

/// Rows through a kernel. Rows that do not fill its lanes, and long ones, go to `next`.
pub(super) struct Grouped<K, const N: usize, const BLOCK: usize> {
    kernel: K,
    /// What of the prefix stands before every row, after the blocks that the kernel has absorbed.
    rest: Vec<u8>,
    /// Bytes that the kernel has absorbed.
    absorbed: usize,
    /// The next best way.
    next: Arc<dyn Seeded>,
}

impl<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> Grouped<K, N, BLOCK> {
    /// `absorbed` is a multiple of `BLOCK`.
    pub(super) fn new(kernel: K, absorbed: usize, rest: &[u8], next: Arc<dyn Seeded>) -> Self {
        Self { kernel, rest: rest.to_vec(), absorbed, next }
    }

    fn takes(&self, width: usize) -> bool {
        self.absorbed + self.rest.len() + width <= K::LONGEST
    }

    /// Hashes rows of one width that fill whole groups.
    fn groups<'a>(&self, width: usize, mut rows: impl Iterator<Item = &'a [u8]>, out: &mut [[[u8; DIGEST]; N]]) {
        if out.is_empty() {
            return;
        }
        let length = self.absorbed + self.rest.len() + width;
        let count = self.kernel.blocks(length) - self.absorbed / BLOCK;
        let mut template = vec![[0; BLOCK]; count];
        template.as_flattened_mut()[..self.rest.len()].copy_from_slice(&self.rest);
        self.kernel.pad(template.as_flattened_mut(), self.rest.len() + width, length);
        let place = |block: usize| {
            let until = length.min(self.absorbed + (block + 1) * BLOCK);
            let begin = self.absorbed + block * BLOCK;
            let (first, last) = (begin == 0, block + 1 == count);
            Place { first, last, length: until.saturating_sub(begin), until: until as u64 }
        };
        // Blocks `..direct` lie in the row as they are; blocks `..shared` are laid out; the others are padding alone.
        let direct = if self.rest.is_empty() { width / BLOCK } else { 0 };
        let shared = (self.rest.len() + width).div_ceil(BLOCK);
        let padding: Vec<K::Shared> =
            (shared..count).map(|block| self.kernel.prepare(&template[block], place(block))).collect();
        let mut layout: [Vec<[u8; BLOCK]>; N] = std::array::from_fn(|_| template[direct..shared].to_vec());
        let from = if direct == 0 { self.rest.len() } else { 0 };
        for out in out {
            let group: [&[u8]; N] = std::array::from_fn(|_| rows.next().unwrap_or_default());
            if direct < shared {
                for (blocks, row) in layout.iter_mut().zip(group) {
                    let own = &row[direct * BLOCK..];
                    blocks.as_flattened_mut()[from..from + own.len()].copy_from_slice(own);
                }
            }
            let mut states = self.kernel.start();
            for block in 0..direct {
                let blocks = group.map(|row| &row.as_chunks::<BLOCK>().0[block]);
                self.kernel.absorb(&mut states, blocks, place(block));
            }
            for block in direct..shared {
                let blocks = layout.each_ref().map(|blocks| &blocks[block - direct]);
                self.kernel.absorb(&mut states, blocks, place(block));
            }
            for block in &padding {
                self.kernel.absorb_shared(&mut states, block);
            }
            self.kernel.finish(&states, out);
        }
    }
}

impl<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> Seeded for Grouped<K, N, BLOCK> {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        check_rows(data, width, out, DIGEST)?;
        if !self.takes(width) {
            return self.next.rows(data, width, out);
        }
        let (digests, _) = out.as_chunks_mut::<DIGEST>();
        let (groups, last) = digests.as_chunks_mut::<N>();
        let (own, rest) = data.split_at(groups.len() * N * width);
        self.groups(width, own.chunks_exact(width), groups);
        if rest.is_empty() { Ok(()) } else { self.next.rows(rest, width, last.as_flattened_mut()) }
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        check_ragged(rows, out, DIGEST)?;
        let mut out = out;
        for run in rows.chunk_by(|left, right| left.len() == right.len()) {
            let (own, rest) = out.split_at_mut(run.len() * DIGEST);
            out = rest;
            let width = run[0].len();
            if !self.takes(width) {
                self.next.ragged(run, own)?;
                continue;
            }
            let (groups, last) = own.as_chunks_mut::<DIGEST>().0.as_chunks_mut::<N>();
            let (grouped, left) = run.split_at(groups.len() * N);
            self.groups(width, grouped.iter().copied(), groups);
            if !left.is_empty() {
                self.next.ragged(left, last.as_flattened_mut())?;
            }
        }
        Ok(())
    }
}
