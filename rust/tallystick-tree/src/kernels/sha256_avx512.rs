//! SHA-256 of sixteen rows in the lanes of AVX-512, one or two such groups in step.
//!
//! Lane `i` of a vector is a word of row `i`. A round waits for its own results, so the rounds of two groups are
//! interleaved where there are rows enough. Rotations and functions of three bits are one instruction each. Blocks are read
//! where they lie, by masked loads where a row fills a block in part, and transposed in registers. Words of a block that
//! is the same in all lanes are added from memory by broadcast. Method: Gueron and Krasnov, *Simultaneous hashing of
//! multiple messages* (2012).
//!
//! Measured on Zen 5, cycles a row in bulk: a 64-byte node 56, a 65-byte node 77, a leaf of one block 43; sixteen rows
//! alone 85 a node. The bound by ports is 42 for a node. The second block of a 65-byte node is expanded like any other:
//! to read schedules from a table and transpose them took 87 cycles, to leave out the terms that are 0 took 80.

#![allow(unsafe_code)]

mod layout;

use std::arch::asm;
use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_maskz_loadu_epi8, _mm512_ror_epi32,
    _mm512_set1_epi32, _mm512_setzero_si512, _mm512_srli_epi32, _mm512_sub_epi32, _mm512_ternarylogic_epi32,
};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use layout::{finish, reversed, transpose};

use super::rows::{DIGEST, Lanes, Place};
use super::sha256::{self, BLOCK, ROUNDS, Schedule};

/// Rows in one vector.
const WIDE: usize = 16;

/// SHA-256 behind the whole blocks of a prefix, `GROUPS` times sixteen rows in step.
struct Sha256<const GROUPS: usize>([u32; 8]);

/// Sixteen rows at a time.
pub(super) fn seed(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
    sha256::behind::<_, WIDE>(prefix, next, Sha256::<1>)
}

/// Thirty-two rows at a time.
pub(super) fn seed_double(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
    sha256::behind::<_, { 2 * WIDE }>(prefix, next, Sha256::<2>)
}

/// Words of sixteen rows.
type Words<const COUNT: usize> = [__m512i; COUNT];

macro_rules! lanes {
    ($groups:literal) => {
        impl Lanes<{ $groups * WIDE }, BLOCK> for Sha256<$groups> {
            type States = [Words<8>; $groups];
            type Shared = Schedule;

            fn start(&self) -> Self::States {
                // SAFETY: a value of this type exists only where the processor has the features; so in all of these.
                unsafe { start(&self.0) }
            }

            fn blocks(&self, length: usize) -> usize {
                sha256::blocks(length)
            }

            fn pad(&self, blocks: &mut [u8], from: usize, length: usize) {
                sha256::pad(blocks, from, length);
            }

            fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; $groups * WIDE], _: Place) {
                // SAFETY: as above.
                unsafe { compress(states, |row| load(blocks[row])) };
            }

            fn absorb_part(
                &self,
                states: &mut Self::States,
                layout: &mut [[u8; BLOCK]; $groups * WIDE],
                at: usize,
                rows: &[&[u8]; $groups * WIDE],
                part: Range<usize>,
                _: Place,
            ) {
                // SAFETY: as above.
                unsafe { compress_part(states, &layout[0], at, rows, part) };
            }

            fn prepare(&self, block: &[u8; BLOCK], _: Place) -> Self::Shared {
                sha256::schedule(block)
            }

            fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared) {
                // SAFETY: as above.
                unsafe { compress_shared(states, block) };
            }

            fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; $groups * WIDE]) {
                // SAFETY: as above.
                unsafe { finish(states, out.as_chunks_mut().0) };
            }
        }
    };
}

lanes!(1);
lanes!(2);

/// A block as it lies.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load(block: &[u8; BLOCK]) -> __m512i {
    // SAFETY: 64 bytes are read from a reference to 64; the load takes any alignment.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
}

/// A word that is read again each time: the states fill the registers, and the compiler would rather keep copies of words
/// elsewhere in memory.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn kept(word: &__m512i) -> __m512i {
    // SAFETY: it reads what a reference refers to.
    unsafe { std::ptr::read_volatile(word) }
}

/// A sum. Written out, because the compiler would rearrange sums of many, and with them what each round waits for.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add(left: __m512i, right: __m512i) -> __m512i {
    let sum;
    // SAFETY: the instruction adds registers, and does nothing else.
    unsafe {
        asm!("vpaddd {}, {}, {}", lateout(zmm_reg) sum, in(zmm_reg) left, in(zmm_reg) right,
            options(pure, nomem, nostack, preserves_flags));
    }
    sum
}

/// Bits of `a`, `b`, `c` to one bit, by the truth table.
macro_rules! ternary {
    ($table:literal, $a:expr, $b:expr, $c:expr) => {
        _mm512_ternarylogic_epi32::<$table>($a, $b, $c)
    };
}

/// What word `t` of a schedule takes of word `t - 15`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn small_0(w: __m512i) -> __m512i {
    ternary!(0x96, _mm512_ror_epi32::<7>(w), _mm512_ror_epi32::<18>(w), _mm512_srli_epi32::<3>(w))
}

/// What word `t` of a schedule takes of word `t - 2`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn small_1(w: __m512i) -> __m512i {
    ternary!(0x96, _mm512_ror_epi32::<17>(w), _mm512_ror_epi32::<19>(w), _mm512_srli_epi32::<10>(w))
}

/// One round over all groups. The states' words stay where they are; `$i` says which is `a`.
macro_rules! round {
    ($states:ident, $i:literal, $group:ident, $word:expr) => {
        for $group in 0..GROUPS {
            let s = &mut $states[$group];
            let [a, b, c, d, e, f, g, h]: [usize; 8] = [
                (64 - $i) % 8,
                (65 - $i) % 8,
                (66 - $i) % 8,
                (67 - $i) % 8,
                (68 - $i) % 8,
                (69 - $i) % 8,
                (70 - $i) % 8,
                (71 - $i) % 8,
            ];
            let choice = ternary!(0xca, s[e], s[f], s[g]);
            let large =
                ternary!(0x96, _mm512_ror_epi32::<6>(s[e]), _mm512_ror_epi32::<11>(s[e]), _mm512_ror_epi32::<25>(s[e]));
            let next = add(add(add(add(s[h], $word), s[d]), choice), large);
            let majority = ternary!(0xe8, s[a], s[b], s[c]);
            let large =
                ternary!(0x96, _mm512_ror_epi32::<2>(s[a]), _mm512_ror_epi32::<13>(s[a]), _mm512_ror_epi32::<22>(s[a]));
            let without = _mm512_sub_epi32(majority, s[d]);
            s[h] = add(add(without, next), large);
            s[d] = next;
        }
    };
}

/// Sixteen rounds, or words.
macro_rules! sixteen {
    ($do:ident!($($arguments:tt)*)) => {
        $do!(0, $($arguments)*); $do!(1, $($arguments)*); $do!(2, $($arguments)*); $do!(3, $($arguments)*);
        $do!(4, $($arguments)*); $do!(5, $($arguments)*); $do!(6, $($arguments)*); $do!(7, $($arguments)*);
        $do!(8, $($arguments)*); $do!(9, $($arguments)*); $do!(10, $($arguments)*); $do!(11, $($arguments)*);
        $do!(12, $($arguments)*); $do!(13, $($arguments)*); $do!(14, $($arguments)*); $do!(15, $($arguments)*);
    };
}

macro_rules! own_rounds {
    ($i:literal, $states:ident, $words:ident, $constants:ident) => {
        round!($states, $i, group, _mm512_add_epi32(kept(&$words[group][$i]), constant($constants[$i])));
    };
}

macro_rules! next_words {
    ($i:literal, $words:ident) => {
        for w in $words.iter_mut() {
            let sum = add(_mm512_add_epi32(kept(&w[$i]), kept(&w[($i + 9) % 16])), small_0(kept(&w[($i + 1) % 16])));
            w[$i] = add(sum, small_1(w[($i + 14) % 16]));
        }
    };
}

macro_rules! shared_rounds {
    ($i:literal, $states:ident, $constants:ident) => {
        round!($states, $i, group, constant($constants[$i]));
    };
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn constant(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

/// Words that are written before they are read. To fill them with zeros first would cost up to a tenth of a node.
#[inline]
fn unset<const GROUPS: usize>() -> [MaybeUninit<Words<16>>; GROUPS] {
    [const { MaybeUninit::uninit() }; GROUPS]
}

/// One block of each row, which `load` gives as it lies.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn compress<const GROUPS: usize>(states: &mut [Words<8>; GROUPS], load: impl Fn(usize) -> __m512i) {
    let mut words: [_; GROUPS] = unset();
    for (group, words) in words.iter_mut().enumerate() {
        let mut rows = [_mm512_setzero_si512(); 16];
        for (row, word) in rows.iter_mut().enumerate() {
            *word = reversed(load(group * WIDE + row));
        }
        transpose(&mut rows);
        words.write(rows);
    }
    // SAFETY: all were just written.
    let words = unsafe { &mut *(&raw mut words).cast::<[Words<16>; GROUPS]>() };
    rounds(states, words);
}

/// The rounds of a block that differs from row to row.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw")]
fn rounds<const GROUPS: usize>(states: &mut [Words<8>; GROUPS], words: &mut [Words<16>; GROUPS]) {
    let mut s = *states;
    for (sixteen, constants) in ROUNDS.0.as_chunks::<16>().0.iter().enumerate() {
        if sixteen != 0 {
            sixteen!(next_words!(words));
        }
        sixteen!(own_rounds!(s, words, constants));
    }
    add_all(states, &s);
}

/// One block of each row: `part` of it at `at`, and the rest of `template`.
#[target_feature(enable = "avx512f,avx512bw")]
fn compress_part<const GROUPS: usize>(
    states: &mut [Words<8>; GROUPS],
    template: &[u8; BLOCK],
    at: usize,
    rows: &[&[u8]],
    part: Range<usize>,
) {
    assert!(at + part.len() <= BLOCK && rows.iter().all(|row| part.end <= row.len()));
    let mask = if part.is_empty() { 0 } else { (u64::MAX >> (BLOCK - part.len())) << at };
    let template = load(template);
    compress(states, |row| {
        // SAFETY: the mask reads the bytes `at..at + part.len()` from what begins `at` before the part: the part.
        let own = unsafe {
            _mm512_maskz_loadu_epi8(mask, rows[row].as_ptr().wrapping_add(part.start).wrapping_sub(at).cast())
        };
        _mm512_mask_blend_epi8(mask, template, own)
    });
}

/// One block, the same in all rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn compress_shared<const GROUPS: usize>(states: &mut [Words<8>; GROUPS], block: &Schedule) {
    let mut s = *states;
    for constants in block.0.as_chunks::<16>().0 {
        sixteen!(shared_rounds!(s, constants));
    }
    add_all(states, &s);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add_all<const GROUPS: usize>(states: &mut [Words<8>; GROUPS], after: &[Words<8>; GROUPS]) {
    for (state, after) in states.as_flattened_mut().iter_mut().zip(after.as_flattened()) {
        *state = _mm512_add_epi32(*state, *after);
    }
}

/// One state in all rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn start<const GROUPS: usize>(state: &[u32; 8]) -> [Words<8>; GROUPS] {
    let mut words = [_mm512_setzero_si512(); 8];
    for (words, word) in words.iter_mut().zip(state) {
        *words = constant(*word);
    }
    [words; GROUPS]
}
