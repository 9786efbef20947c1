//! BLAKE3 of messages of one chunk, a row a lane.
//!
//! Every word of the state is a vector with a lane for each row, so rounds need no shuffles: only the message is
//! transposed on its way in and the digest on its way out. A message of at most 1,024 bytes is one chunk, whose last block
//! is the root: no tree, no counter. O'Connor, Aumasson, Neves, Wilcox-O'Hearn, *BLAKE3* (2020).
//!
//! Nanoseconds a keyed node of 64 bytes on one Zen 5 core, in one run: 6.0 with AVX-512, 14.6 with AVX2, 26.6 with SSE4.1,
//! 66.6 one by one; a node of 65 bytes, two blocks, takes 11.8 with AVX-512. Beside it, the `hash_many` of the `blake3`
//! crate took 1.05 times as long with AVX-512, as long with AVX2, 1.08 times as long with SSE4.1; it takes whole blocks
//! only.

#![allow(clippy::inline_always)] // see `vector`

use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use super::blake::{Of32, round};
use super::inlined::{Grouped, Inlined, Job, LONGEST, Mask};
use super::rows::{DIGEST, Place};
use super::vector::{Scalar, Words};

const BLOCK: usize = 64;

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const ROOT: u32 = 8;
const KEYED: u32 = 16;

/// Which word of the message each step of each round takes: every round permutes the one before.
const ORDER: [[usize; 16]; 7] = {
    let permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
    let mut order = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]; 7];
    let mut place = 16;
    while place < 7 * 16 {
        order[place / 16][place % 16] = order[place / 16 - 1][permutation[place % 16]];
        place += 1;
    }
    order
};

/// BLAKE3 behind a key, or behind the whole blocks of a prefix.
struct Blake3<S> {
    simd: S,
    start: [u32; 8],
    flags: u32,
}

pub(super) fn seed<S: Words<4, N>, const N: usize>(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
    let simd = S::detected()?;
    let (prefix, mut start, flags) = match prefix {
        Prefix::Bytes(bytes) => (bytes.as_slice(), INITIAL, 0),
        Prefix::Key(key) => {
            let words = key.as_chunks().0;
            (&[][..], std::array::from_fn(|word| u32::from_le_bytes(words[word])), KEYED)
        }
    };
    if prefix.len() >= LONGEST {
        return None;
    }
    let (blocks, rest) = prefix.as_chunks::<BLOCK>();
    for (index, block) in blocks.iter().enumerate() {
        let mut states = start.map(|word| Scalar.splat(word.to_le_bytes()));
        let place = Place { first: index == 0, last: false, length: BLOCK, until: 0 };
        let words = Words::<4, 1>::splat_all(Scalar, block);
        compress(Scalar, &mut states, &words, BLOCK as u32, flags_of(place, flags));
        start = states.map(|word| word.0);
    }
    Some(Arc::new(Grouped::<_, N, BLOCK>::new(Blake3 { simd, start, flags }, blocks.len() * BLOCK, rest, next)))
}

impl<S: Words<4, N>, const N: usize> Inlined<N, BLOCK> for Blake3<S> {
    type States = [S::V; 8];
    type Shared = ([S::V; 16], Place);

    #[inline(always)]
    fn start(&self) -> Self::States {
        let mut states = [self.simd.splat([0; 4]); 8];
        for (state, word) in states.iter_mut().zip(self.start) {
            *state = self.simd.splat(word.to_le_bytes());
        }
        states
    }

    fn blocks(&self, length: usize) -> usize {
        length.div_ceil(BLOCK).max(1)
    }

    fn pad(&self, _: &mut [u8], _: usize, _: usize) {}

    #[inline(always)]
    fn enter(&self, job: impl Job) {
        self.simd.enter(job);
    }

    #[inline(always)]
    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], place: Place) {
        self.compress(states, &self.simd.load(blocks, BLOCK), place);
    }

    #[inline(always)]
    fn absorb_masked(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], mask: &Mask<BLOCK>, place: Place) {
        self.compress(states, &self.simd.load_masked(blocks, mask), place);
    }

    #[inline(always)]
    fn prepare(&self, block: &[u8; BLOCK], place: Place) -> Self::Shared {
        (self.simd.splat_all(block), place)
    }

    #[inline(always)]
    fn absorb_shared(&self, states: &mut Self::States, (words, place): &Self::Shared) {
        self.compress(states, words, *place);
    }

    #[inline(always)]
    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; N]) {
        self.simd.digests(states, out);
    }
}

impl<S> Blake3<S> {
    #[inline(always)]
    fn compress<const N: usize>(&self, states: &mut [S::V; 8], words: &[S::V; 16], place: Place)
    where
        S: Words<4, N>,
    {
        compress(self.simd, states, words, place.length as u32, flags_of(place, self.flags));
    }
}

fn flags_of(place: Place, flags: u32) -> u32 {
    let first = if place.first { CHUNK_START } else { 0 };
    let last = if place.last { CHUNK_END | ROOT } else { 0 };
    first | last | flags
}

/// One block into the state of each lane.
#[inline(always)]
fn compress<S: Words<4, N>, const N: usize>(
    simd: S,
    states: &mut [S::V; 8],
    words: &[S::V; 16],
    length: u32,
    flags: u32,
) {
    let tail = [INITIAL[0], INITIAL[1], INITIAL[2], INITIAL[3], 0, 0, length, flags];
    let mut v = [states[0]; 16];
    for i in 0..8 {
        (v[i], v[i + 8]) = (states[i], simd.splat(tail[i].to_le_bytes()));
    }
    round::<Of32, _>(&mut v, words, &ORDER[0]);
    round::<Of32, _>(&mut v, words, &ORDER[1]);
    round::<Of32, _>(&mut v, words, &ORDER[2]);
    round::<Of32, _>(&mut v, words, &ORDER[3]);
    round::<Of32, _>(&mut v, words, &ORDER[4]);
    round::<Of32, _>(&mut v, words, &ORDER[5]);
    round::<Of32, _>(&mut v, words, &ORDER[6]);
    for i in 0..8 {
        states[i] = v[i] ^ v[i + 8];
    }
}
