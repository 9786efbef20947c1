//! SHA-256 by the SHA extensions of x86-64, several rows side by side.
//!
//! One stream of rounds waits for its own results most of the time; the rounds of several rows, interleaved, fill the
//! gaps: six rows in bulk, two or one for what is left. States stay in the order in which the instructions take them. Of a
//! block that is known beforehand only the rounds are left. Instruction sequence: Gulley and others, *Intel SHA
//! Extensions* (2013).
//!
//! The code is compiled twice: with the encoding of AVX, whose other instructions take three registers and so need no
//! copies, and without, for processors that have no AVX.
//!
//! Measured on Zen 5, cycles a row in bulk: a 64-byte node 135, a 65-byte node 149; two nodes alone 171 each, one 196. The
//! bound is 128: a node takes 64 instructions of two rounds, at two cycles each.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_and_si128, _mm_blend_epi16, _mm_loadl_epi64, _mm_loadu_si128,
    _mm_or_si128, _mm_set_epi64x, _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128, _mm256_zeroupper,
};
use std::ops::Range;
use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use super::rows::{DIGEST, DIGESTS_AHEAD, Lanes, Place, ROWS_AHEAD, fetch};
use super::sha256::{self, BLOCK, ROUNDS, Schedule};

/// Words a, b, e, f and c, d, g, h, from the highest.
type State = [__m128i; 2];

/// Four rounds of each row, for each of some places in the block.
macro_rules! four_rounds {
    ($quarters:ident, $rest:ident, $message:ident, $states:ident, $($group:literal),*) => {$(
        // SAFETY: sixteen bytes are read from a reference to sixteen.
        let constants = unsafe { _mm_loadu_si128(ROUNDS.0.as_chunks::<4>().0[$group].as_ptr().cast()) };
        for row in 0..N {
            const NOW: usize = $group % 4;
            let (w, [abef, cdgh]) = (&mut $message[row], &mut $states[row]);
            if $group == 0 {
                w[NOW] = reversed($quarters[row]);
            } else if $group < 4 {
                w[NOW] = reversed(load(&$rest[row].as_chunks().0[($group + 3) % 4]));
            } else {
                let (next, third, last) = (w[(NOW + 1) % 4], w[(NOW + 2) % 4], w[(NOW + 3) % 4]);
                let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[NOW], next), _mm_alignr_epi8(last, third, 4));
                w[NOW] = _mm_sha256msg2_epu32(sum, last);
            }
            let words = _mm_add_epi32(w[NOW], constants);
            *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, words);
            *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(words, 0x0E));
        }
    )*};
}

macro_rules! encoding {
    ($name:ident, $features:literal, $clean:block) => {
        pub(super) mod $name {
            use super::*;

            /// SHA-256 behind the whole blocks of a prefix, `N` rows side by side.
            struct Sha256<const N: usize>([u32; 8]);

            pub(in super::super) fn seed<const N: usize>(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
                sha256::behind(prefix, next, Sha256::<N>)
            }

            impl<const N: usize> Lanes<N, BLOCK> for Sha256<N> {
                type States = [State; N];
                type Shared = Schedule;

                fn start(&self) -> Self::States {
                    // SAFETY: a value of this type exists only where the processor has the features; so in all of these.
                    [unsafe { start(&self.0) }; N]
                }

                fn blocks(&self, length: usize) -> usize {
                    sha256::blocks(length)
                }

                fn pad(&self, blocks: &mut [u8], from: usize, length: usize) {
                    sha256::pad(blocks, from, length);
                }

                fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; N], _: Place) {
                    // SAFETY: as above.
                    unsafe { compress(states, &blocks) };
                }

                fn absorb_part(
                    &self,
                    states: &mut Self::States,
                    layout: &mut [[u8; BLOCK]; N],
                    at: usize,
                    rows: &[&[u8]; N],
                    part: Range<usize>,
                    place: Place,
                ) {
                    if sha256::is_tail(at, &part, place) {
                        let tails = sha256::tails();
                        let schedules = rows.map(|row| &tails[usize::from(row[part.start])]);
                        // SAFETY: as above.
                        unsafe { compress_known(states, &schedules) };
                        return;
                    }
                    if at < 16 && at + part.len() == BLOCK {
                        // SAFETY: as above.
                        unsafe { compress_shifted(states, &layout[0], at, &rows.map(|row| &row[part.clone()])) };
                        return;
                    }
                    for (block, row) in layout.iter_mut().zip(rows) {
                        block[at..at + part.len()].copy_from_slice(&row[part.clone()]);
                    }
                    // SAFETY: as above.
                    unsafe { compress(states, &layout.each_ref()) };
                }

                fn prepare(&self, block: &[u8; BLOCK], _: Place) -> Self::Shared {
                    sha256::schedule(block)
                }

                fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared) {
                    // SAFETY: as above.
                    unsafe { compress_known(states, &[block; N]) };
                }

                fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; N]) {
                    // SAFETY: as above.
                    unsafe { finish(states, out) };
                }

                fn blocks_alone(
                    &self,
                    groups: &[[[u8; BLOCK]; N]],
                    _: Place,
                    padding: &[Self::Shared],
                    out: &mut [[[u8; DIGEST]; N]],
                ) {
                    // SAFETY: as above.
                    unsafe { blocks_alone(&self.0, groups, padding, out) };
                }
            }

            /// All of it in one function, so that states stay in registers and a group begins while another ends.
            #[target_feature(enable = $features)]
            fn blocks_alone<const N: usize>(
                first: &[u32; 8],
                groups: &[[[u8; BLOCK]; N]],
                padding: &[Schedule],
                out: &mut [[[u8; DIGEST]; N]],
            ) {
                $clean
                let first = start(first);
                for (group, out) in groups.iter().zip(out) {
                    fetch(group.as_flattened(), ROWS_AHEAD);
                    fetch(out.as_flattened(), DIGESTS_AHEAD);
                    let mut states = [first; N];
                    whole(&mut states, &group.each_ref());
                    for block in padding {
                        known_rounds(&mut states, &[block; N]);
                    }
                    digests(&states, out);
                }
            }

            #[target_feature(enable = $features)]
            fn compress<const N: usize>(states: &mut [State; N], blocks: &[&[u8; BLOCK]; N]) {
                $clean
                whole(states, blocks);
            }

            /// One block of each row: below 16 bytes of `template`, and a part that fills the block from there.
            #[target_feature(enable = $features)]
            fn compress_shifted<const N: usize>(
                states: &mut [State; N],
                template: &[u8; BLOCK],
                at: usize,
                parts: &[&[u8]; N],
            ) {
                $clean
                let bytes = std::array::from_fn(|byte| if byte < at { 0x80 } else { (byte - at) as u8 });
                let (shift, template) = (load(&bytes), load(&template.as_chunks().0[0]));
                let keep = load(&std::array::from_fn(|byte| if byte < at { 0xff } else { 0 }));
                let template = _mm_and_si128(template, keep);
                let mut first = [template; N];
                let mut rest = [&[0; 48]; N];
                for ((first, rest), part) in first.iter_mut().zip(&mut rest).zip(parts) {
                    let (Some(head), Some(tail)) = (part.first_chunk(), part.last_chunk()) else { return };
                    *first = _mm_or_si128(_mm_shuffle_epi8(load(head), shift), template);
                    *rest = tail;
                }
                rounds(states, first, rest);
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn load(bytes: &[u8; 16]) -> __m128i {
                // SAFETY: sixteen bytes are read from a reference to sixteen; the load takes any alignment.
                unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
            }

            #[target_feature(enable = $features)]
            fn compress_known<const N: usize>(states: &mut [State; N], blocks: &[&Schedule; N]) {
                $clean
                known_rounds(states, blocks);
            }

            #[target_feature(enable = $features)]
            fn finish<const N: usize>(states: &[State; N], out: &mut [[u8; DIGEST]; N]) {
                $clean
                digests(states, out);
            }

            #[target_feature(enable = $features)]
            fn start(state: &[u32; 8]) -> State {
                // SAFETY: two times sixteen bytes are read from a reference to 32; the loads take any alignment.
                let [abcd, efgh] = unsafe {
                    [_mm_loadu_si128(state.as_ptr().cast()), _mm_loadu_si128(state.as_ptr().add(4).cast())]
                };
                let (cdab, hgfe) = (_mm_shuffle_epi32(abcd, 0xB1), _mm_shuffle_epi32(efgh, 0x1B));
                [_mm_alignr_epi8(cdab, hgfe, 8), _mm_blend_epi16(hgfe, cdab, 0xF0)]
            }

            /// The bytes of each word, reversed.
            #[inline]
            #[target_feature(enable = $features)]
            fn reversed(words: __m128i) -> __m128i {
                _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203))
            }

            /// One block into each state.
            #[inline]
            #[target_feature(enable = $features)]
            fn whole<const N: usize>(states: &mut [State; N], blocks: &[&[u8; BLOCK]; N]) {
                let mut first = [_mm_setzero_si128(); N];
                let mut rest = [&[0; 48]; N];
                for ((first, rest), block) in first.iter_mut().zip(&mut rest).zip(blocks) {
                    let (Some(head), Some(tail)) = (block.first_chunk(), block.last_chunk()) else { return };
                    (*first, *rest) = (load(head), tail);
                }
                rounds(states, first, rest);
            }

            /// The rounds of a block: its first quarter, and where the others lie.
            #[inline]
            #[target_feature(enable = $features)]
            fn rounds<const N: usize>(states: &mut [State; N], quarters: [__m128i; N], rest: [&[u8; 48]; N]) {
                let first = *states;
                let mut message = [[_mm_setzero_si128(); 4]; N];
                // Written out, because the compiler does not unroll this, and then keeps nothing in registers.
                four_rounds!(quarters, rest, message, states, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
                add(states, &first);
            }

            /// One block, whose schedule is known, into each state.
            #[inline]
            #[target_feature(enable = $features)]
            fn known_rounds<const N: usize>(states: &mut [State; N], blocks: &[&Schedule; N]) {
                let first = *states;
                for group in 0..16 {
                    for row in 0..N {
                        let [low, high] = [0, 1].map(|half| &blocks[row].0.as_chunks::<2>().0[2 * group + half]);
                        // SAFETY: eight bytes are read from a reference to eight; the rounds take two words.
                        let low = unsafe { _mm_loadl_epi64(low.as_ptr().cast()) };
                        // SAFETY: as above.
                        let high = unsafe { _mm_loadl_epi64(high.as_ptr().cast()) };
                        let [abef, cdgh] = &mut states[row];
                        *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, low);
                        *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, high);
                    }
                }
                add(states, &first);
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn add<const N: usize>(states: &mut [State; N], first: &[State; N]) {
                for (state, first) in states.as_flattened_mut().iter_mut().zip(first.as_flattened()) {
                    *state = _mm_add_epi32(*state, *first);
                }
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn digests<const N: usize>(states: &[State; N], out: &mut [[u8; DIGEST]; N]) {
                for ([abef, cdgh], out) in states.iter().zip(out) {
                    let (feba, dchg) = (_mm_shuffle_epi32(*abef, 0x1B), _mm_shuffle_epi32(*cdgh, 0xB1));
                    let halves = [_mm_blend_epi16(feba, dchg, 0xF0), _mm_alignr_epi8(dchg, feba, 8)];
                    for (half, out) in halves.into_iter().zip(out.as_chunks_mut::<16>().0) {
                        // SAFETY: sixteen bytes are written to a reference to sixteen; the store takes any alignment.
                        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), reversed(half)) };
                    }
                }
            }
        }
    };
}

// Upper halves that other code left dirty slow every instruction of the SHA extensions down: they have no AVX encoding.
encoding!(avx, "sha,avx", { _mm256_zeroupper() });
encoding!(sse, "sha,ssse3,sse4.1", {});

pub(super) fn able() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3")
}
