//! 512 bits: sixteen words of 32, or eight of 64.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_storeu_si256, _mm512_add_epi32, _mm512_add_epi64,
    _mm512_and_si512, _mm512_andnot_si512, _mm512_castsi128_si512, _mm512_castsi512_si256, _mm512_extracti64x4_epi64,
    _mm512_loadu_si512, _mm512_mask_broadcast_i32x4, _mm512_or_si512, _mm512_permutex2var_epi64, _mm512_ror_epi32,
    _mm512_ror_epi64, _mm512_set_epi64, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_shuffle_epi8,
    _mm512_srl_epi32, _mm512_srl_epi64, _mm512_ternarylogic_epi64, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64, _mm512_xor_si512,
};

use super::super::inlined::Job;
use super::super::level::Level;
use super::super::rows::DIGEST;
use super::{Vector, Words, operators};

/// Shows that the processor has AVX-512 F, BW, DQ and VL.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx512(());

#[derive(Clone, Copy)]
pub(in super::super) struct U32x16(__m512i);
#[derive(Clone, Copy)]
pub(in super::super) struct U64x8(__m512i);

operators!(U32x16, _mm512_add_epi32, _mm512_xor_si512, _mm512_and_si512, _mm512_or_si512);
operators!(U64x8, _mm512_add_epi64, _mm512_xor_si512, _mm512_and_si512, _mm512_or_si512);

macro_rules! vector {
    ($vector:ident, $ror:ident, $srl:ident, $swap:expr) => {
        impl Vector for $vector {
            #[inline(always)]
            fn rotate<const R: i32, const L: i32>(self) -> Self {
                // SAFETY: a value of this type exists only where the processor has the instructions.
                Self(unsafe { $ror::<R>(self.0) })
            }

            #[inline(always)]
            fn shift<const R: i32>(self) -> Self {
                // SAFETY: as above.
                Self(unsafe { $srl(self.0, _mm_cvtsi32_si128(R)) })
            }

            #[inline(always)]
            fn not_and(self, other: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_andnot_si512(self.0, other.0) })
            }

            #[inline(always)]
            fn swap(self) -> Self {
                let [low, high] = $swap;
                // SAFETY: as above.
                Self(unsafe {
                    _mm512_shuffle_epi8(self.0, _mm512_set_epi64(high, low, high, low, high, low, high, low))
                })
            }

            #[inline(always)]
            fn xor3(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn chi(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi64::<0xd2>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn choose(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi64::<0xca>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn majority(self, b: Self, c: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi64::<0xe8>(self.0, b.0, c.0) })
            }

            #[inline(always)]
            fn mask(self, keep: Self, fill: Self) -> Self {
                // SAFETY: as above.
                Self(unsafe { _mm512_ternarylogic_epi64::<0xea>(self.0, keep.0, fill.0) })
            }
        }
    };
}

vector!(U32x16, _mm512_ror_epi32, _mm512_srl_epi32, [0x0405_0607_0001_0203, 0x0c0d_0e0f_0809_0a0b]);
vector!(U64x8, _mm512_ror_epi64, _mm512_srl_epi64, [0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f]);

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn enter<J: Job>(job: J) {
    job.run();
}

fn detected() -> Option<Avx512> {
    (Level::detected() >= Level::Avx512).then_some(Avx512(()))
}

impl Words<4, 16> for Avx512 {
    type V = U32x16;

    fn detected() -> Option<Self> {
        detected()
    }

    #[inline(always)]
    fn enter<J: Job>(self, job: J) {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe { enter(job) };
    }

    #[inline(always)]
    fn splat(self, word: [u8; 4]) -> U32x16 {
        // SAFETY: as above.
        U32x16(unsafe { _mm512_set1_epi32(i32::from_le_bytes(word)) })
    }

    #[inline(always)]
    fn gather(self, words: [&[u8; 4]; 16]) -> U32x16 {
        let words = words.map(|word| u32::from_le_bytes(*word));
        // SAFETY: as above; 64 bytes are read from a reference to 64.
        U32x16(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn tile(self, rows: [&[[u8; 4]; 16]; 16], used: usize) -> [U32x16; 16] {
        let mut words = [self.splat([0; 4]); 16];
        for (index, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            if index * 16 >= used {
                break;
            }
            for (row, word) in words.iter_mut().enumerate() {
                let piece = |row: usize| &rows[row].as_flattened().as_chunks().0[index];
                *word = U32x16(self.pack([piece(row), piece(row + 4), piece(row + 8), piece(row + 12)]));
            }
            *words = self.transpose(*words);
        }
        words
    }

    #[inline(always)]
    fn digests(self, words: &[U32x16], out: &mut [[u8; DIGEST]; 16]) {
        let [low, high] = words.as_chunks::<4>().0 else { return };
        let (low, high) = (self.transpose(*low), self.transpose(*high));
        for first in 0..4 {
            self.store::<4>(low[first].0, high[first].0, &mut out[first..]);
        }
    }
}

impl Words<8, 8> for Avx512 {
    type V = U64x8;

    fn detected() -> Option<Self> {
        detected()
    }

    #[inline(always)]
    fn enter<J: Job>(self, job: J) {
        // SAFETY: as above.
        unsafe { enter(job) };
    }

    #[inline(always)]
    fn splat(self, word: [u8; 8]) -> U64x8 {
        // SAFETY: as above.
        U64x8(unsafe { _mm512_set1_epi64(i64::from_le_bytes(word)) })
    }

    #[inline(always)]
    fn gather(self, words: [&[u8; 8]; 8]) -> U64x8 {
        let [a, b, c, d, e, f, g, h] = words.map(|word| i64::from_le_bytes(*word));
        // SAFETY: as above.
        U64x8(unsafe { _mm512_setr_epi64(a, b, c, d, e, f, g, h) })
    }

    #[inline(always)]
    fn tile(self, rows: [&[[u8; 8]; 8]; 8], used: usize) -> [U64x8; 8] {
        let mut words = [self.splat([0; 8]); 8];
        for (index, words) in words.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            if index * 16 >= used {
                break;
            }
            let piece = |row: usize| &rows[row].as_flattened().as_chunks().0[index];
            let even = self.pack([piece(0), piece(2), piece(4), piece(6)]);
            let odd = self.pack([piece(1), piece(3), piece(5), piece(7)]);
            // SAFETY: as above.
            unsafe {
                *words = [U64x8(_mm512_unpacklo_epi64(even, odd)), U64x8(_mm512_unpackhi_epi64(even, odd))];
            }
        }
        words
    }

    #[inline(always)]
    fn digests(self, words: &[U64x8], out: &mut [[u8; DIGEST]; 8]) {
        let [U64x8(a), U64x8(b), U64x8(c), U64x8(d), ..] = *words else { return };
        // SAFETY: as above.
        unsafe {
            self.store::<2>(_mm512_unpacklo_epi64(a, b), _mm512_unpacklo_epi64(c, d), out);
            self.store::<2>(_mm512_unpackhi_epi64(a, b), _mm512_unpackhi_epi64(c, d), &mut out[1..]);
        }
    }
}

impl Avx512 {
    /// Four pieces of 16 bytes side by side. Loads with a mask cost no shuffle.
    #[inline(always)]
    fn pack(self, pieces: [&[u8; 16]; 4]) -> __m512i {
        // SAFETY: the token exists only where the processor has the instructions; each access is to a reference to as many
        // bytes, and takes any alignment.
        unsafe {
            let [a, b, c, d] = pieces;
            let (a, b) = (_mm_loadu_si128(a.as_ptr().cast()), _mm_loadu_si128(b.as_ptr().cast()));
            let (c, d) = (_mm_loadu_si128(c.as_ptr().cast()), _mm_loadu_si128(d.as_ptr().cast()));
            let both = _mm512_mask_broadcast_i32x4(_mm512_castsi128_si512(a), 0x00f0, b);
            _mm512_mask_broadcast_i32x4(_mm512_mask_broadcast_i32x4(both, 0x0f00, c), 0xf000, d)
        }
    }

    /// Transposes four times four words of 32 bits in each 128 bits.
    #[inline(always)]
    fn transpose(self, [U32x16(a), U32x16(b), U32x16(c), U32x16(d)]: [U32x16; 4]) -> [U32x16; 4] {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe {
            let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
            let (high_ab, high_cd) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
            [
                U32x16(_mm512_unpacklo_epi64(ab, cd)),
                U32x16(_mm512_unpackhi_epi64(ab, cd)),
                U32x16(_mm512_unpacklo_epi64(high_ab, high_cd)),
                U32x16(_mm512_unpackhi_epi64(high_ab, high_cd)),
            ]
        }
    }

    /// Stores the four digests whose halves are the 128 bits of `low` and `high`, to every `STEP`th place.
    #[inline(always)]
    fn store<const STEP: usize>(self, low: __m512i, high: __m512i, out: &mut [[u8; DIGEST]]) {
        // SAFETY: the token exists only where the processor has the instructions; each access is to a reference to as many
        // bytes, and takes any alignment.
        unsafe {
            let first = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high);
            let second = _mm512_permutex2var_epi64(low, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), high);
            let digests = [
                _mm512_castsi512_si256(first),
                _mm512_extracti64x4_epi64::<1>(first),
                _mm512_castsi512_si256(second),
                _mm512_extracti64x4_epi64::<1>(second),
            ];
            for (digest, out) in digests.into_iter().zip(out.iter_mut().step_by(STEP)) {
                _mm256_storeu_si256(out.as_mut_ptr().cast(), digest);
            }
        }
    }
}
