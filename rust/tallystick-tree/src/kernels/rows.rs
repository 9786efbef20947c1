//! Rows of one length, hashed a group at a time: what every kernel shares.
//!
//! Rows of one length behind one prefix need the same number of blocks, and differ from each other only in where their bytes
//! lie. So a group of as many rows as a kernel has lanes goes through its blocks in step. Whole blocks are read where they
//! lie; the rest of a row, with what stands before it and with the padding, is laid out first. A block that holds
//! padding alone is the same in every lane, and is prepared once.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use tallystick_proof::hash::{HashError, Seeded, check_ragged, check_rows};

/// Bytes of a digest of every hash that has kernels.
pub(super) const DIGEST: usize = 32;

/// How far ahead of its use memory is asked for: rows that are hashed, and digests that are written.
pub(super) const ROWS_AHEAD: usize = 8192;
pub(super) const DIGESTS_AHEAD: usize = 2048;

/// Prefetches as many bytes as `bytes` has, from `ahead` bytes behind where it begins: what a loop over adjacent rows comes
/// to next. A processor does so by itself only up to the end of a page.
#[allow(clippy::inline_always)] // one instruction a line
#[inline(always)]
pub(super) fn fetch(bytes: &[u8], ahead: usize) {
    const LINE: usize = 64;
    for line in (0..bytes.len()).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[allow(unsafe_code)]
        // SAFETY: a prefetch reads nothing; an address that is no memory is passed over.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(ahead + line).cast());
        }
    }
}

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
    type Shared: Send + Sync;

    /// The states after the blocks of the prefix that were absorbed when the kernel was seeded.
    fn start(&self) -> Self::States;
    /// Blocks that a message of this length takes, padding included; at least one.
    fn blocks(&self, length: usize) -> usize;
    /// Writes the padding into the blocks of a message; `from` is where it begins, `length` is the whole message's.
    fn pad(&self, blocks: &mut [u8], from: usize, length: usize);
    /// One block in each lane.
    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], place: Place);
    /// One block in each lane, where `part` of the row lies at `at`. What stands around it is in every block of `layout`;
    /// what these hold at the place of the part does not count, and may be overwritten.
    fn absorb_part(
        &self,
        states: &mut Self::States,
        layout: &mut [[u8; BLOCK]; N],
        at: usize,
        rows: &[&[u8]; N],
        part: Range<usize>,
        place: Place,
    ) {
        for (block, row) in layout.iter_mut().zip(rows) {
            block[at..at + part.len()].copy_from_slice(&row[part.clone()]);
        }
        self.absorb(states, layout.each_ref(), place);
    }
    /// Prepares a block for [`absorb_shared`](Self::absorb_shared).
    fn prepare(&self, block: &[u8; BLOCK], place: Place) -> Self::Shared;
    /// One block, the same in each lane.
    fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared);
    /// The digests.
    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; N]);

    /// Groups of rows of one block each, which nothing stands before but what was absorbed, with the blocks of padding
    /// that follow: nodes, mostly. Kernels that gain by seeing many groups at once do it themselves.
    fn blocks_alone(
        &self,
        groups: &[[[u8; BLOCK]; N]],
        place: Place,
        padding: &[Self::Shared],
        out: &mut [[[u8; DIGEST]; N]],
    ) {
        for (group, out) in groups.iter().zip(out) {
            fetch(group.as_flattened(), ROWS_AHEAD);
            fetch(out.as_flattened(), DIGESTS_AHEAD);
            let mut states = self.start();
            self.absorb(&mut states, group.each_ref(), place);
            for block in padding {
                self.absorb_shared(&mut states, block);
            }
            self.finish(&states, out);
        }
    }
}

/// Rows through a kernel, `N` at a time.
pub(super) trait InGroups<const N: usize>: Send + Sync {
    /// The next best way, for rows that do not fill a group.
    fn next(&self) -> &dyn Seeded;
    /// Whether rows of this width are taken.
    fn takes(&self, width: usize) -> bool;
    /// Rows one behind the other, as many as `out` takes; `data` may go on behind them.
    fn adjacent(&self, data: &[u8], width: usize, out: &mut [[[u8; DIGEST]; N]]);
    /// Rows of one width wherever they lie, as many as `out` takes.
    fn scattered(&self, rows: &[&[u8]], width: usize, out: &mut [[[u8; DIGEST]; N]]);
}

/// [`Seeded::rows`] in groups.
#[inline]
pub(super) fn rows_in_groups<const N: usize>(
    kernel: &impl InGroups<N>,
    data: &[u8],
    width: usize,
    out: &mut [u8],
) -> Result<(), HashError> {
    if out.len() < N * DIGEST || !kernel.takes(width) {
        return kernel.next().rows(data, width, out);
    }
    check_rows(data, width, out, DIGEST)?;
    let (groups, last) = out.as_chunks_mut::<DIGEST>().0.as_chunks_mut::<N>();
    kernel.adjacent(data, width, groups);
    let rest = &data[groups.len() * N * width..];
    if rest.is_empty() { Ok(()) } else { kernel.next().rows(rest, width, last.as_flattened_mut()) }
}

/// [`Seeded::ragged`] in groups of rows of one length that follow each other.
#[inline]
pub(super) fn ragged_in_groups<const N: usize>(
    kernel: &impl InGroups<N>,
    rows: &[&[u8]],
    out: &mut [u8],
) -> Result<(), HashError> {
    if rows.len() < N {
        return kernel.next().ragged(rows, out);
    }
    check_ragged(rows, out, DIGEST)?;
    let mut out = out;
    for run in rows.chunk_by(|left, right| left.len() == right.len()) {
        let (own, rest) = out.split_at_mut(run.len() * DIGEST);
        out = rest;
        let width = run[0].len();
        if !kernel.takes(width) {
            kernel.next().ragged(run, own)?;
            continue;
        }
        let (groups, last) = own.as_chunks_mut::<DIGEST>().0.as_chunks_mut::<N>();
        let (grouped, left) = run.split_at(groups.len() * N);
        if !groups.is_empty() {
            kernel.scattered(grouped, width, groups);
        }
        if !left.is_empty() {
            kernel.next().ragged(left, last.as_flattened_mut())?;
        }
    }
    Ok(())
}

/// How a row lies in blocks.
struct Plan<S, const BLOCK: usize> {
    /// What every row's blocks have in common.
    template: Vec<[u8; BLOCK]>,
    places: Vec<Place>,
    /// Blocks before this one lie in the row as they are.
    direct: usize,
    /// Blocks from here on are padding alone; those between are laid out.
    shared: usize,
    padding: Vec<S>,
}

/// Rows through a kernel. Rows that do not fill its lanes, and long ones, go to `next`.
pub(super) struct Grouped<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> {
    kernel: K,
    /// What of the prefix stands before every row, after the blocks that the kernel has absorbed.
    rest: Vec<u8>,
    /// Bytes that the kernel has absorbed.
    absorbed: usize,
    /// The next best way.
    next: Arc<dyn Seeded>,
    /// The first width that was asked for, and its plan: behind one prefix, most rows have one width.
    usual: OnceLock<(usize, Plan<K::Shared, BLOCK>)>,
}

impl<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> Grouped<K, N, BLOCK> {
    /// `absorbed` is a multiple of `BLOCK`.
    pub(super) fn new(kernel: K, absorbed: usize, rest: &[u8], next: Arc<dyn Seeded>) -> Self {
        Self { kernel, rest: rest.to_vec(), absorbed, next, usual: OnceLock::new() }
    }

    /// Does something by the plan for rows of this width.
    fn planned(&self, width: usize, act: impl FnOnce(&Plan<K::Shared, BLOCK>)) {
        let (usual, plan) = self.usual.get_or_init(|| (width, self.new_plan(width)));
        if *usual == width { act(plan) } else { act(&self.new_plan(width)) }
    }

    fn new_plan(&self, width: usize) -> Plan<K::Shared, BLOCK> {
        let length = self.absorbed + self.rest.len() + width;
        let count = self.kernel.blocks(length) - self.absorbed / BLOCK;
        let mut template = vec![[0; BLOCK]; count];
        template.as_flattened_mut()[..self.rest.len()].copy_from_slice(&self.rest);
        self.kernel.pad(template.as_flattened_mut(), self.rest.len() + width, length);
        let direct = if self.rest.is_empty() { width / BLOCK } else { 0 };
        let shared = (self.rest.len() + width).div_ceil(BLOCK);
        let places: Vec<Place> = (0..count)
            .map(|block| {
                let begin = self.absorbed + block * BLOCK;
                let until = length.min(begin + BLOCK);
                let (first, last) = (begin == 0, block + 1 == count);
                Place { first, last, length: until.saturating_sub(begin), until: until as u64 }
            })
            .collect();
        let padding = (shared..count).map(|block| self.kernel.prepare(&template[block], places[block])).collect();
        Plan { template, places, direct, shared, padding }
    }

    /// Hashes rows of one width that fill whole groups.
    fn groups<'a>(
        &self,
        plan: &Plan<K::Shared, BLOCK>,
        width: usize,
        mut rows: impl Iterator<Item = &'a [u8]>,
        out: &mut [[[u8; DIGEST]; N]],
    ) {
        let &Plan { ref template, ref places, direct, shared, ref padding } = plan;
        let mut layouts: Vec<[[u8; BLOCK]; N]> = template[direct..shared].iter().map(|block| [*block; N]).collect();
        for out in out {
            let group: [&[u8]; N] = std::array::from_fn(|_| rows.next().unwrap_or_default());
            for row in group {
                fetch(row, ROWS_AHEAD);
            }
            fetch(out.as_flattened(), DIGESTS_AHEAD);
            let mut states = self.kernel.start();
            for (block, place) in places[..direct].iter().enumerate() {
                let blocks = group.map(|row| &row.as_chunks::<BLOCK>().0[block]);
                self.kernel.absorb(&mut states, blocks, *place);
            }
            for (block, layout) in (direct..).zip(&mut layouts) {
                let (begin, end) = (block * BLOCK, (block + 1) * BLOCK);
                let at = self.rest.len().clamp(begin, end);
                let part = at - self.rest.len().min(at)..end.saturating_sub(self.rest.len()).min(width);
                self.kernel.absorb_part(&mut states, layout, at - begin, &group, part, places[block]);
            }
            for block in padding {
                self.kernel.absorb_shared(&mut states, block);
            }
            self.kernel.finish(&states, out);
        }
    }
}

impl<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> InGroups<N> for Grouped<K, N, BLOCK> {
    fn next(&self) -> &dyn Seeded {
        &*self.next
    }

    fn takes(&self, width: usize) -> bool {
        self.absorbed + self.rest.len() + width <= K::LONGEST
    }

    fn adjacent(&self, data: &[u8], width: usize, out: &mut [[[u8; DIGEST]; N]]) {
        self.planned(width, |plan| {
            if plan.direct == 1 && plan.shared == 1 {
                let blocks = data.as_chunks::<BLOCK>().0.as_chunks::<N>().0;
                self.kernel.blocks_alone(&blocks[..out.len()], plan.places[0], &plan.padding, out);
            } else {
                self.groups(plan, width, data.chunks_exact(width), out);
            }
        });
    }

    fn scattered(&self, rows: &[&[u8]], width: usize, out: &mut [[[u8; DIGEST]; N]]) {
        self.planned(width, |plan| self.groups(plan, width, rows.iter().copied(), out));
    }
}

impl<K: Lanes<N, BLOCK>, const N: usize, const BLOCK: usize> Seeded for Grouped<K, N, BLOCK> {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        rows_in_groups(self, data, width, out)
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        ragged_in_groups(self, rows, out)
    }
}
