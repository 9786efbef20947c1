//! BLAKE2s-256 and BLAKE2b-256, a row a lane.
//!
//! As BLAKE3's kernel: every word of the state is a vector, so rounds need no shuffles. A key is a first block, absorbed
//! once. Saarinen and Aumasson, RFC 7693.
//!
//! Nanoseconds a keyed node of 64 bytes on one Zen 5 core, in one run: BLAKE2s 8.1 with AVX-512, 20.7 with AVX2, 36.9 with
//! SSE4.1, 163 one by one; BLAKE2b 18.5 with AVX-512, 44.7 with AVX2, 201 one by one.

#![allow(clippy::inline_always)] // see `vector`

use std::marker::PhantomData;
use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use super::blake::{Of32, Of64, Rotations, round};
use super::inlined::{Grouped, Inlined, Job, Mask};
use super::rows::{DIGEST, Place};
use super::vector::{Scalar, Vector, Words};

#[rustfmt::skip]
const ORDER: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// BLAKE2s or BLAKE2b, of words of `B` bytes.
pub(super) trait Variant<const B: usize>: Rotations + Send + Sync + 'static {
    const INITIAL: [u64; 8];
    const ROUNDS: usize;

    /// The low bytes.
    fn bytes(word: u64) -> [u8; B];
}

impl Variant<4> for Of32 {
    const INITIAL: [u64; 8] =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    const ROUNDS: usize = 10;

    #[inline(always)]
    fn bytes(word: u64) -> [u8; 4] {
        (word as u32).to_le_bytes()
    }
}

impl Variant<8> for Of64 {
    #[rustfmt::skip]
    const INITIAL: [u64; 8] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ];
    const ROUNDS: usize = 12;

    #[inline(always)]
    fn bytes(word: u64) -> [u8; 8] {
        word.to_le_bytes()
    }
}

/// BLAKE2s-256 over vectors of `S`.
pub(super) fn seed_s<S: Words<4, N>, const N: usize>(
    prefix: &Prefix,
    next: Arc<dyn Seeded>,
) -> Option<Arc<dyn Seeded>> {
    seed::<S, Of32, 4, N, 64>(prefix, next)
}

/// BLAKE2b-256 over vectors of `S`.
pub(super) fn seed_b<S: Words<8, N>, const N: usize>(
    prefix: &Prefix,
    next: Arc<dyn Seeded>,
) -> Option<Arc<dyn Seeded>> {
    seed::<S, Of64, 8, N, 128>(prefix, next)
}

/// BLAKE2 behind a key, or behind the whole blocks of a prefix.
struct Blake2<S, F, const B: usize> {
    simd: S,
    start: [[u8; B]; 8],
    variant: PhantomData<F>,
}

fn seed<S, F, const B: usize, const N: usize, const BLOCK: usize>(
    prefix: &Prefix,
    next: Arc<dyn Seeded>,
) -> Option<Arc<dyn Seeded>>
where
    S: Words<B, N>,
    F: Variant<B>,
    Scalar: Words<B, 1>,
{
    let simd = S::detected()?;
    let mut key_block = [0; BLOCK];
    let (prefix, key_length) = match prefix {
        Prefix::Bytes(bytes) => (bytes.as_slice(), 0),
        Prefix::Key(key) => {
            key_block[..key.len()].copy_from_slice(key);
            (key_block.as_slice(), key.len() as u64)
        }
    };
    let mut initial = F::INITIAL;
    // The parameter block: digest length, key length, fanout and depth of one.
    initial[0] ^= 0x0101_0000 | key_length << 8 | DIGEST as u64;
    let (blocks, rest) = prefix.as_chunks::<BLOCK>();
    let mut states = initial.map(|word| Scalar.splat(F::bytes(word)));
    for (index, block) in blocks.iter().enumerate() {
        compress::<_, F, B, 1>(Scalar, &mut states, &Scalar.splat_all(block), ((index + 1) * BLOCK) as u64, false);
    }
    let mut start = [[0; B]; 8];
    for (bytes, word) in start.iter_mut().zip(states) {
        let mut out = [[0; DIGEST]];
        Scalar.digests(&[word], &mut out);
        bytes.copy_from_slice(&out[0][..B]);
    }
    let kernel = Blake2::<S, F, B> { simd, start, variant: PhantomData };
    Some(Arc::new(Grouped::<_, N, BLOCK>::new(kernel, blocks.len() * BLOCK, rest, next)))
}

impl<S, F, const B: usize, const N: usize, const BLOCK: usize> Inlined<N, BLOCK> for Blake2<S, F, B>
where
    S: Words<B, N>,
    F: Variant<B>,
{
    type States = [S::V; 8];
    type Shared = ([S::V; 16], Place);

    #[inline(always)]
    fn start(&self) -> Self::States {
        let mut states = [self.simd.splat([0; B]); 8];
        for (state, word) in states.iter_mut().zip(self.start) {
            *state = self.simd.splat(word);
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
        compress::<S, F, B, N>(self.simd, states, &self.simd.load(blocks, BLOCK), place.until, place.last);
    }

    #[inline(always)]
    fn absorb_masked(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], mask: &Mask<BLOCK>, place: Place) {
        compress::<S, F, B, N>(self.simd, states, &self.simd.load_masked(blocks, mask), place.until, place.last);
    }

    #[inline(always)]
    fn prepare(&self, block: &[u8; BLOCK], place: Place) -> Self::Shared {
        (self.simd.splat_all(block), place)
    }

    #[inline(always)]
    fn absorb_shared(&self, states: &mut Self::States, (words, place): &Self::Shared) {
        compress::<S, F, B, N>(self.simd, states, words, place.until, place.last);
    }

    #[inline(always)]
    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; N]) {
        self.simd.digests(states, out);
    }
}

/// One block into the state of each lane.
#[inline(always)]
fn compress<S, F, const B: usize, const N: usize>(
    simd: S,
    states: &mut [S::V; 8],
    words: &[S::V; 16],
    until: u64,
    last: bool,
) where
    S: Words<B, N>,
    F: Variant<B>,
{
    let mut tail = F::INITIAL;
    tail[4] ^= until;
    tail[6] ^= if last { u64::MAX } else { 0 };
    let mut v = [states[0]; 16];
    for i in 0..8 {
        (v[i], v[i + 8]) = (states[i], simd.splat(F::bytes(tail[i])));
    }
    round::<F, _>(&mut v, words, &ORDER[0]);
    round::<F, _>(&mut v, words, &ORDER[1]);
    round::<F, _>(&mut v, words, &ORDER[2]);
    round::<F, _>(&mut v, words, &ORDER[3]);
    round::<F, _>(&mut v, words, &ORDER[4]);
    round::<F, _>(&mut v, words, &ORDER[5]);
    round::<F, _>(&mut v, words, &ORDER[6]);
    round::<F, _>(&mut v, words, &ORDER[7]);
    round::<F, _>(&mut v, words, &ORDER[8]);
    round::<F, _>(&mut v, words, &ORDER[9]);
    if F::ROUNDS == 12 {
        round::<F, _>(&mut v, words, &ORDER[0]);
        round::<F, _>(&mut v, words, &ORDER[1]);
    }
    for i in 0..8 {
        states[i] = states[i].xor3(v[i], v[i + 8]);
    }
}
