//! SHA-256 of eight rows in the lanes of AVX2, for processors without the SHA extensions.
//!
//! Lane `i` of a vector is a word of row `i`. Blocks are transposed in registers; words of a block that is the same in all
//! lanes are broadcast. Method: Gueron and Krasnov, *Simultaneous hashing of multiple messages* (2012).
//!
//! Measured on Zen 5, cycles a row in bulk: a 64-byte node 309, a 65-byte node 350.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_loadu_si256, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_set_epi64x, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_storeu_si256, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32,
    _mm256_unpacklo_epi64, _mm256_xor_si256,
};
use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use super::rows::{DIGEST, Lanes, Place};
use super::sha256::{self, BLOCK, ROUNDS, Schedule};

/// Rows in one vector.
const WIDE: usize = 8;

/// A word, or each of several, of eight rows.
type Words<const COUNT: usize> = [__m256i; COUNT];

/// SHA-256 behind the whole blocks of a prefix.
struct Sha256([u32; 8]);

/// The SHA extensions are faster.
pub(super) fn able() -> bool {
    !super::sha256_ni::able()
}

pub(super) fn seed(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
    sha256::behind::<_, WIDE>(prefix, next, Sha256)
}

impl Lanes<WIDE, BLOCK> for Sha256 {
    type States = Words<8>;
    type Shared = Schedule;

    fn start(&self) -> Self::States {
        // SAFETY: a value of this type exists only where the processor has the features; so in all of these.
        self.0.map(|word| unsafe { constant(word) })
    }

    fn blocks(&self, length: usize) -> usize {
        sha256::blocks(length)
    }

    fn pad(&self, blocks: &mut [u8], from: usize, length: usize) {
        sha256::pad(blocks, from, length);
    }

    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; WIDE], _: Place) {
        // SAFETY: as above.
        unsafe { compress(states, &blocks) };
    }

    fn prepare(&self, block: &[u8; BLOCK], _: Place) -> Self::Shared {
        sha256::schedule(block)
    }

    fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared) {
        // SAFETY: as above.
        unsafe { compress_shared(states, block) };
    }

    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; WIDE]) {
        // SAFETY: as above.
        unsafe { finish(states, out) };
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn constant(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

/// The bits that an odd number of three has.
#[inline]
#[target_feature(enable = "avx2")]
fn xor(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(a, b), c)
}

macro_rules! rotate {
    ($word:expr, $right:literal) => {
        _mm256_or_si256(_mm256_srli_epi32::<$right>($word), _mm256_slli_epi32::<{ 32 - $right }>($word))
    };
}

/// One round. The state's words stay where they are; `$i` says which is `a`.
macro_rules! round {
    ($s:ident, $i:literal, $word:expr) => {
        const PLACES: [usize; 8] = {
            let from = 64 - $i;
            [from, from + 1, from + 2, from + 3, from + 4, from + 5, from + 6, from + 7]
        };
        let [a, b, c, d, e, f, g, h] = PLACES.map(|place| place % 8);
        let choice = _mm256_xor_si256($s[g], _mm256_and_si256($s[e], _mm256_xor_si256($s[f], $s[g])));
        let large = xor(rotate!($s[e], 6), rotate!($s[e], 11), rotate!($s[e], 25));
        let first = _mm256_add_epi32(_mm256_add_epi32($s[h], $word), _mm256_add_epi32(choice, large));
        // `b ^ c` was `a ^ b` in the round before.
        let unlike = _mm256_and_si256(_mm256_xor_si256($s[a], $s[b]), _mm256_xor_si256($s[b], $s[c]));
        let large = xor(rotate!($s[a], 2), rotate!($s[a], 13), rotate!($s[a], 22));
        $s[d] = _mm256_add_epi32($s[d], first);
        $s[h] = _mm256_add_epi32(_mm256_add_epi32(large, _mm256_xor_si256(unlike, $s[b])), first);
    };
}

macro_rules! sixteen {
    ($do:ident!($($arguments:tt)*)) => {
        $do!($($arguments)*, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    };
}

macro_rules! own_rounds {
    ($s:ident, $w:ident, $constants:ident, $($i:literal),*) => {$({
        round!($s, $i, _mm256_add_epi32($w[$i], constant($constants[$i])));
    })*};
}

macro_rules! shared_rounds {
    ($s:ident, $constants:ident, $($i:literal),*) => {$({
        round!($s, $i, constant($constants[$i]));
    })*};
}

macro_rules! next_words {
    ($w:ident, $($i:literal),*) => {$({
        let (early, late) = ($w[($i + 1) % 16], $w[($i + 14) % 16]);
        let small_0 = xor(rotate!(early, 7), rotate!(early, 18), _mm256_srli_epi32::<3>(early));
        let small_1 = xor(rotate!(late, 17), rotate!(late, 19), _mm256_srli_epi32::<10>(late));
        let sum = _mm256_add_epi32($w[$i], $w[($i + 9) % 16]);
        $w[$i] = _mm256_add_epi32(_mm256_add_epi32(sum, small_0), small_1);
    })*};
}

/// One block of each row.
#[target_feature(enable = "avx2")]
fn compress(states: &mut Words<8>, blocks: &[&[u8; BLOCK]; WIDE]) {
    let mut words = [_mm256_setzero_si256(); 16];
    for (half, words) in words.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        for (word, block) in words.iter_mut().zip(blocks) {
            let bytes = &block.as_chunks::<32>().0[half];
            // SAFETY: 32 bytes are read from a reference to 32; the load takes any alignment.
            *word = reversed(unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) });
        }
        *words = transposed(words);
    }
    rounds(states, &mut words);
}

/// The rounds of a block that differs from row to row. Its words stay in memory, because the state fills the registers;
/// inlined, the compiler would move them to and fro.
#[inline(never)]
#[target_feature(enable = "avx2")]
fn rounds(states: &mut Words<8>, words: &mut Words<16>) {
    let mut s = *states;
    for (sixteen, constants) in ROUNDS.0.as_chunks::<16>().0.iter().enumerate() {
        if sixteen != 0 {
            sixteen!(next_words!(words));
        }
        sixteen!(own_rounds!(s, words, constants));
    }
    add(states, &s);
}

/// One block, the same in all rows.
#[target_feature(enable = "avx2")]
fn compress_shared(states: &mut Words<8>, block: &Schedule) {
    let mut s = *states;
    for constants in block.0.as_chunks::<16>().0 {
        sixteen!(shared_rounds!(s, constants));
    }
    add(states, &s);
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(states: &mut Words<8>, after: &Words<8>) {
    for (state, after) in states.iter_mut().zip(after) {
        *state = _mm256_add_epi32(*state, *after);
    }
}

/// The bytes of each word, reversed.
#[inline]
#[target_feature(enable = "avx2")]
fn reversed(words: __m256i) -> __m256i {
    let (low, high) = (0x0405_0607_0001_0203, 0x0c0d_0e0f_0809_0a0b);
    _mm256_shuffle_epi8(words, _mm256_set_epi64x(high, low, high, low))
}

/// Eight words of each row to each word of eight rows, and back.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(rows: &Words<8>) -> Words<8> {
    let mut out = *rows;
    // Within each 128 bits: four words side by side.
    for four in out.as_chunks_mut::<4>().0 {
        let [a, b, c, d] = *four;
        let (low, high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (low_2, high_2) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        *four = [
            _mm256_unpacklo_epi64(low, low_2),
            _mm256_unpackhi_epi64(low, low_2),
            _mm256_unpacklo_epi64(high, high_2),
            _mm256_unpackhi_epi64(high, high_2),
        ];
    }
    for row in 0..4 {
        let (first, second) = (out[row], out[row + 4]);
        out[row] = _mm256_permute2x128_si256::<0x20>(first, second);
        out[row + 4] = _mm256_permute2x128_si256::<0x31>(first, second);
    }
    out
}

/// The states of eight rows as their digests.
#[target_feature(enable = "avx2")]
fn finish(states: &Words<8>, out: &mut [[u8; DIGEST]; WIDE]) {
    for (digest, out) in transposed(states).into_iter().zip(out) {
        // SAFETY: 32 bytes are written to a reference to 32; the store takes any alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), reversed(digest)) };
    }
}
