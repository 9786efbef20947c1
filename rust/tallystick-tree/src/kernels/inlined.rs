//! Rows of one length, hashed a group at a time by kernels that are inlined into the loop over the groups.
//!
//! As `rows`, with two differences. The whole loop is compiled for the kernel's instructions, so that states stay in
//! registers and a kernel may consist of small generic functions. And blocks are read where they lie even if a row fills
//! them in part: they are read together with what stands beside the row, which is then replaced by prefix and padding, by
//! a mask that is the same in every lane. Only where a block would reach out of the data are rows copied first.

#![allow(unsafe_code)]

use std::sync::{Arc, OnceLock};

use tallystick_proof::hash::{HashError, Seeded};

use super::rows::{DIGEST, DIGESTS_AHEAD, InGroups, Place, ROWS_AHEAD, fetch, ragged_in_groups, rows_in_groups};

/// Longer messages are not taken; BLAKE3 makes more than one chunk of them.
pub(super) const LONGEST: usize = 1024;

/// What of a block, as it was read, is not the row's.
#[derive(Clone, Debug)]
pub(super) struct Mask<const BLOCK: usize> {
    /// Ones in the bytes that are the row's, zeros elsewhere.
    pub(super) keep: [u8; BLOCK],
    /// The other bytes; zeros in the row's.
    pub(super) fill: [u8; BLOCK],
    /// Where the row's bytes end.
    pub(super) used: usize,
}

/// What [`Inlined::enter`] runs.
pub(super) trait Job {
    /// To be inlined always, so that it is compiled for the instructions of its caller.
    fn run(self);
}

/// One hash function behind one prefix or key, in `N` lanes; the methods are those of `rows::Lanes`. All that take or give
/// states are to be inlined always.
pub(super) trait Inlined<const N: usize, const BLOCK: usize>: Send + Sync + 'static {
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
    /// Runs `job`, compiled for the kernel's instructions.
    fn enter(&self, job: impl Job);
    /// One block in each lane.
    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], place: Place);
    /// One block in each lane, of which not all is the rows'.
    fn absorb_masked(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], mask: &Mask<BLOCK>, place: Place);
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
    /// The first width that was asked for, and its plan: behind one prefix, most rows have one width.
    usual: OnceLock<(usize, Plan<BLOCK>)>,
}

impl<K: Inlined<N, BLOCK>, const N: usize, const BLOCK: usize> Grouped<K, N, BLOCK> {
    /// `absorbed` is a multiple of `BLOCK`.
    pub(super) fn new(kernel: K, absorbed: usize, rest: &[u8], next: Arc<dyn Seeded>) -> Self {
        Self { kernel, rest: rest.to_vec(), absorbed, next, usual: OnceLock::new() }
    }

    /// Does something by the plan for rows of this width.
    fn planned(&self, width: usize, act: impl FnOnce(&Plan<BLOCK>)) {
        let (usual, plan) = self.usual.get_or_init(|| (width, self.plan(width)));
        if *usual == width { act(plan) } else { act(&self.plan(width)) }
    }

    /// The blocks of rows of one width.
    fn plan(&self, width: usize) -> Plan<BLOCK> {
        let (from, end) = (self.rest.len(), self.rest.len() + width);
        let length = self.absorbed + end;
        let count = self.kernel.blocks(length) - self.absorbed / BLOCK;
        let mut template = vec![[0; BLOCK]; count];
        template.as_flattened_mut()[..from].copy_from_slice(&self.rest);
        self.kernel.pad(template.as_flattened_mut(), end, length);
        let mut blocks: Vec<Block<BLOCK>> = Vec::with_capacity(count);
        for (index, fill) in template.into_iter().enumerate() {
            let begin = self.absorbed + index * BLOCK;
            let until = length.min(begin + BLOCK);
            let place = Place {
                first: begin == 0,
                last: index + 1 == count,
                length: until.saturating_sub(begin),
                until: until as u64,
            };
            let own = |byte: usize| (from..end).contains(&(index * BLOCK + byte));
            let mask = Mask {
                keep: std::array::from_fn(|byte| if own(byte) { 0xff } else { 0 }),
                fill,
                used: end.saturating_sub(index * BLOCK).min(BLOCK),
            };
            blocks.push(Block { place, whole: own(0) && own(BLOCK - 1), mask });
        }
        Plan { blocks, data: end.div_ceil(BLOCK) }
    }

    /// Hashes rows of one width, one after another, that fill whole groups. `data` may go on behind them.
    fn strided(&self, plan: &Plan<BLOCK>, data: &[u8], width: usize, out: &mut [[[u8; DIGEST]; N]]) {
        let reach = plan.data * BLOCK;
        // Groups whose blocks begin, and those whose blocks end, in the data.
        let begin = self.rest.len().div_ceil(N * width).min(out.len());
        let room = (data.len() + self.rest.len() + width).saturating_sub(reach) / (N * width);
        let end = room.clamp(begin, out.len());
        let (left, out) = out.split_at_mut(begin);
        let (out, right) = out.split_at_mut(end - begin);
        self.copied(plan, data.chunks_exact(width), left);
        if !out.is_empty() {
            let from = begin * N * width - self.rest.len();
            self.kernel.enter(Groups { grouped: self, plan, data: &data[from..], stride: width, out });
        }
        self.copied(plan, data.chunks_exact(width).skip(end * N), right);
    }

    /// Hashes rows of one width that fill whole groups, from copies.
    fn copied<'a>(&self, plan: &Plan<BLOCK>, mut rows: impl Iterator<Item = &'a [u8]>, out: &mut [[[u8; DIGEST]; N]]) {
        let stride = plan.data * BLOCK;
        let mut copies = vec![0; stride * N * out.len().min(TOGETHER)];
        for out in out.chunks_mut(TOGETHER) {
            for (copy, row) in copies.chunks_exact_mut(stride).zip(rows.by_ref().take(out.len() * N)) {
                let copy = &mut copy[self.rest.len()..];
                // Most rows are digests; a copy of a known length is a few instructions.
                match (copy.first_chunk_mut::<DIGEST>(), <&[u8; DIGEST]>::try_from(row)) {
                    (Some(copy), Ok(row)) => *copy = *row,
                    _ => copy[..row.len()].copy_from_slice(row),
                }
            }
            self.kernel.enter(Groups { grouped: self, plan, data: &copies, stride, out });
        }
    }
}

/// Groups whose rows are copied together.
const TOGETHER: usize = 8;

/// A block of a message.
struct Block<const BLOCK: usize> {
    place: Place,
    /// Whether all of it is the row's.
    whole: bool,
    mask: Mask<BLOCK>,
}

/// The blocks that rows of one width take, after those that the kernel has absorbed.
struct Plan<const BLOCK: usize> {
    blocks: Vec<Block<BLOCK>>,
    /// How many of them hold bytes of the row: all but those at the end that are padding alone.
    data: usize,
}

/// Rows whose first blocks lie `stride` bytes from each other, from the beginning of `data`.
struct Groups<'a, K, const N: usize, const BLOCK: usize> {
    grouped: &'a Grouped<K, N, BLOCK>,
    plan: &'a Plan<BLOCK>,
    data: &'a [u8],
    stride: usize,
    out: &'a mut [[[u8; DIGEST]; N]],
}

impl<K: Inlined<N, BLOCK>, const N: usize, const BLOCK: usize> Job for Groups<'_, K, N, BLOCK> {
    #[allow(clippy::inline_always)] // see the trait
    #[inline(always)]
    fn run(self) {
        let kernel = &self.grouped.kernel;
        let (blocks, padding) = self.plan.blocks.split_at(self.plan.data);
        // A loop, not an iterator's closure, which would not be inlined here.
        let mut shared = Vec::with_capacity(padding.len());
        for block in padding {
            shared.push(kernel.prepare(&block.mask.fill, block.place));
        }
        if let ([block], true) = (blocks, self.stride == BLOCK && blocks[0].whole && shared.is_empty()) {
            // Rows that are a block each, one after another: nodes, mostly.
            for (rows, out) in self.data.as_chunks::<BLOCK>().0.as_chunks::<N>().0.iter().zip(self.out) {
                fetch(rows.as_flattened(), ROWS_AHEAD);
                fetch(out.as_flattened(), DIGESTS_AHEAD);
                let mut states = kernel.start();
                kernel.absorb(&mut states, rows.each_ref(), block.place);
                kernel.finish(&states, out);
            }
            return;
        }
        let reach = (N - 1) * self.stride + blocks.len() * BLOCK;
        for (index, out) in self.out.iter_mut().enumerate() {
            let rows = &self.data[index * N * self.stride..][..reach];
            fetch(&rows[..(N - 1) * self.stride], ROWS_AHEAD);
            fetch(out.as_flattened(), DIGESTS_AHEAD);
            let mut states = kernel.start();
            for (index, block) in blocks.iter().enumerate() {
                let mut lanes = [&[0; BLOCK]; N];
                for (lane, own) in lanes.iter_mut().enumerate() {
                    // SAFETY: `reach` is where the last block of the last lane ends, so all of them are in `rows`.
                    *own = unsafe { &*rows.as_ptr().add(lane * self.stride + index * BLOCK).cast() };
                }
                if block.whole {
                    kernel.absorb(&mut states, lanes, block.place);
                } else {
                    kernel.absorb_masked(&mut states, lanes, &block.mask, block.place);
                }
            }
            for block in &shared {
                kernel.absorb_shared(&mut states, block);
            }
            kernel.finish(&states, out);
        }
    }
}

impl<K: Inlined<N, BLOCK>, const N: usize, const BLOCK: usize> InGroups<N> for Grouped<K, N, BLOCK> {
    fn next(&self) -> &dyn Seeded {
        &*self.next
    }

    fn takes(&self, width: usize) -> bool {
        // A function that flags the last block cannot have absorbed what an empty row makes the last one.
        width > 0 && self.absorbed + self.rest.len() + width <= LONGEST
    }

    fn adjacent(&self, data: &[u8], width: usize, out: &mut [[[u8; DIGEST]; N]]) {
        self.planned(width, |plan| self.strided(plan, data, width, out));
    }

    fn scattered(&self, rows: &[&[u8]], width: usize, out: &mut [[[u8; DIGEST]; N]]) {
        self.planned(width, |plan| self.copied(plan, rows.iter().copied(), out));
    }
}

impl<K: Inlined<N, BLOCK>, const N: usize, const BLOCK: usize> Seeded for Grouped<K, N, BLOCK> {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        rows_in_groups(self, data, width, out)
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        ragged_in_groups(self, rows, out)
    }
}
