//! 256 bits: eight words of 32, or four of 64.

#![allow(unsafe_code)]

use std::arch::asm;
use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256,
    _mm256_castsi128_si256, _mm256_inserti128_si256, _mm256_or_si256, _mm256_permute2x128_si256, _mm256_set_epi64x,
    _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_setr_epi32, _mm256_setr_epi64x, _mm256_shuffle_epi32,
    _mm256_slli_epi32, _mm256_slli_epi64, _mm256_srli_epi32, _mm256_srli_epi64, _mm256_storeu_si256,
    _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::super::inlined::Job;
use super::super::level::Level;
use super::super::rows::DIGEST;
use super::{Vector, Words, operators};

/// Shows that the processor has AVX2.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx2(());

#[derive(Clone, Copy)]
pub(in super::super) struct U32x8(__m256i);
#[derive(Clone, Copy)]
pub(in super::super) struct U64x4(__m256i);

operators!(U32x8, _mm256_add_epi32, _mm256_xor_si256, _mm256_and_si256, _mm256_or_si256);
operators!(U64x4, _mm256_add_epi64, _mm256_xor_si256, _mm256_and_si256, _mm256_or_si256);

impl Vector for U32x8 {
    #[inline(always)]
    fn rotate<const R: i32, const L: i32>(self) -> Self {
        match R {
            8 => self.bytes(0x0407_0605_0003_0201, 0x0c0f_0e0d_080b_0a09),
            16 => self.bytes(0x0504_0706_0100_0302, 0x0d0c_0f0e_0908_0b0a),
            // SAFETY: a value of this type exists only where the processor has the instructions.
            _ => Self(unsafe { _mm256_or_si256(_mm256_srli_epi32::<R>(self.0), _mm256_slli_epi32::<L>(self.0)) }),
        }
    }

    #[inline(always)]
    fn shift<const R: i32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_srli_epi32::<R>(self.0) })
    }

    #[inline(always)]
    fn not_and(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_andnot_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn swap(self) -> Self {
        self.bytes(0x0405_0607_0001_0203, 0x0c0d_0e0f_0809_0a0b)
    }
}

impl U32x8 {
    /// Moves bytes within each 128 bits.
    #[inline(always)]
    fn bytes(self, low: i64, high: i64) -> Self {
        // SAFETY: as above.
        Self(unsafe { bytes(self.0, _mm256_set_epi64x(high, low, high, low)) })
    }
}

impl Vector for U64x4 {
    #[inline(always)]
    fn rotate<const R: i32, const L: i32>(self) -> Self {
        match R {
            8 => self.bytes(0x0007_0605_0403_0201, 0x080f_0e0d_0c0b_0a09),
            16 => self.bytes(0x0100_0706_0504_0302, 0x0908_0f0e_0d0c_0b0a),
            24 => self.bytes(0x0201_0007_0605_0403, 0x0a09_080f_0e0d_0c0b),
            // SAFETY: as above.
            32 => Self(unsafe { _mm256_shuffle_epi32::<0xb1>(self.0) }),
            48 => self.bytes(0x0504_0302_0100_0706, 0x0d0c_0b0a_0908_0f0e),
            56 => self.bytes(0x0605_0403_0201_0007, 0x0e0d_0c0b_0a09_080f),
            // SAFETY: as above.
            63 => Self(unsafe { _mm256_or_si256(_mm256_srli_epi64::<R>(self.0), _mm256_add_epi64(self.0, self.0)) }),
            // SAFETY: as above.
            _ => Self(unsafe { _mm256_or_si256(_mm256_srli_epi64::<R>(self.0), _mm256_slli_epi64::<L>(self.0)) }),
        }
    }

    #[inline(always)]
    fn shift<const R: i32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_srli_epi64::<R>(self.0) })
    }

    #[inline(always)]
    fn not_and(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_andnot_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn swap(self) -> Self {
        self.bytes(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f)
    }
}

impl U64x4 {
    /// Moves bytes within each 128 bits.
    #[inline(always)]
    fn bytes(self, low: i64, high: i64) -> Self {
        // SAFETY: as above.
        Self(unsafe { bytes(self.0, _mm256_set_epi64x(high, low, high, low)) })
    }
}

#[target_feature(enable = "avx2")]
fn enter<J: Job>(job: J) {
    job.run();
}

fn detected() -> Option<Avx2> {
    (Level::detected() >= Level::Avx2).then_some(Avx2(()))
}

impl Words<4, 8> for Avx2 {
    type V = U32x8;

    fn detected() -> Option<Self> {
        detected()
    }

    #[inline(always)]
    fn enter<J: Job>(self, job: J) {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe { enter(job) };
    }

    #[inline(always)]
    fn splat(self, word: [u8; 4]) -> U32x8 {
        // SAFETY: as above.
        U32x8(unsafe { _mm256_set1_epi32(i32::from_le_bytes(word)) })
    }

    #[inline(always)]
    fn gather(self, words: [&[u8; 4]; 8]) -> U32x8 {
        let [a, b, c, d, e, f, g, h] = words.map(|word| i32::from_le_bytes(*word));
        // SAFETY: as above.
        U32x8(unsafe { _mm256_setr_epi32(a, b, c, d, e, f, g, h) })
    }

    #[inline(always)]
    fn tile(self, rows: [&[[u8; 4]; 8]; 8], used: usize) -> [U32x8; 8] {
        let mut words = [self.splat([0; 4]); 8];
        for (index, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            if index * 16 >= used {
                break;
            }
            for (row, word) in words.iter_mut().enumerate() {
                let piece = |row: usize| &rows[row].as_flattened().as_chunks().0[index];
                *word = U32x8(self.pack([piece(row), piece(row + 4)]));
            }
            *words = self.transpose(*words);
        }
        words
    }

    #[inline(always)]
    fn digests(self, words: &[U32x8], out: &mut [[u8; DIGEST]; 8]) {
        let [low, high] = words.as_chunks::<4>().0 else { return };
        let (low, high) = (self.transpose(*low), self.transpose(*high));
        for first in 0..4 {
            self.store::<4>(low[first].0, high[first].0, &mut out[first..]);
        }
    }
}

impl Words<8, 4> for Avx2 {
    type V = U64x4;

    fn detected() -> Option<Self> {
        detected()
    }

    #[inline(always)]
    fn enter<J: Job>(self, job: J) {
        // SAFETY: as above.
        unsafe { enter(job) };
    }

    #[inline(always)]
    fn splat(self, word: [u8; 8]) -> U64x4 {
        // SAFETY: as above.
        U64x4(unsafe { _mm256_set1_epi64x(i64::from_le_bytes(word)) })
    }

    #[inline(always)]
    fn gather(self, words: [&[u8; 8]; 4]) -> U64x4 {
        let [a, b, c, d] = words.map(|word| i64::from_le_bytes(*word));
        // SAFETY: as above.
        U64x4(unsafe { _mm256_setr_epi64x(a, b, c, d) })
    }

    #[inline(always)]
    fn tile(self, rows: [&[[u8; 8]; 4]; 4], used: usize) -> [U64x4; 4] {
        let mut words = [self.splat([0; 8]); 4];
        for (index, words) in words.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            if index * 16 >= used {
                break;
            }
            let piece = |row: usize| &rows[row].as_flattened().as_chunks().0[index];
            // SAFETY: as above.
            unsafe {
                let even = self.pack([piece(0), piece(2)]);
                let odd = self.pack([piece(1), piece(3)]);
                *words = [U64x4(_mm256_unpacklo_epi64(even, odd)), U64x4(_mm256_unpackhi_epi64(even, odd))];
            }
        }
        words
    }

    #[inline(always)]
    fn digests(self, words: &[U64x4], out: &mut [[u8; DIGEST]; 4]) {
        let [U64x4(a), U64x4(b), U64x4(c), U64x4(d), ..] = *words else { return };
        // SAFETY: as above.
        unsafe {
            self.store::<2>(_mm256_unpacklo_epi64(a, b), _mm256_unpacklo_epi64(c, d), out);
            self.store::<2>(_mm256_unpackhi_epi64(a, b), _mm256_unpackhi_epi64(c, d), &mut out[1..]);
        }
    }
}

/// Moves bytes within each 128 bits. Not by the intrinsic: the compiler would make three shuffles of one.
#[inline]
#[target_feature(enable = "avx2")]
fn bytes(vector: __m256i, order: __m256i) -> __m256i {
    let out;
    // SAFETY: the instruction reads and writes registers alone.
    unsafe {
        asm!("vpshufb {}, {}, {}", lateout(ymm_reg) out, in(ymm_reg) vector, in(ymm_reg) order,
            options(pure, nomem, nostack, preserves_flags));
    }
    out
}

impl Avx2 {
    /// Two pieces of 16 bytes side by side.
    #[inline(always)]
    fn pack(self, pieces: [&[u8; 16]; 2]) -> __m256i {
        // SAFETY: the token exists only where the processor has the instructions; each access is to a reference to as many
        // bytes, and takes any alignment.
        unsafe {
            let [a, b] = [_mm_loadu_si128(pieces[0].as_ptr().cast()), _mm_loadu_si128(pieces[1].as_ptr().cast())];
            _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b)
        }
    }

    /// Transposes four times four words of 32 bits in each 128 bits.
    #[inline(always)]
    fn transpose(self, [U32x8(a), U32x8(b), U32x8(c), U32x8(d)]: [U32x8; 4]) -> [U32x8; 4] {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe {
            let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
            let (high_ab, high_cd) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
            [
                U32x8(_mm256_unpacklo_epi64(ab, cd)),
                U32x8(_mm256_unpackhi_epi64(ab, cd)),
                U32x8(_mm256_unpacklo_epi64(high_ab, high_cd)),
                U32x8(_mm256_unpackhi_epi64(high_ab, high_cd)),
            ]
        }
    }

    /// Stores the two digests whose halves are the 128 bits of `low` and `high`, to every `STEP`th place.
    #[inline(always)]
    fn store<const STEP: usize>(self, low: __m256i, high: __m256i, out: &mut [[u8; DIGEST]]) {
        // SAFETY: the token exists only where the processor has the instructions; each access is to a reference to as many
        // bytes, and takes any alignment.
        unsafe {
            let digests = [_mm256_permute2x128_si256::<0x20>(low, high), _mm256_permute2x128_si256::<0x31>(low, high)];
            for (digest, out) in digests.into_iter().zip(out.iter_mut().step_by(STEP)) {
                _mm256_storeu_si256(out.as_mut_ptr().cast(), digest);
            }
        }
    }
}
