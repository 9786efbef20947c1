//! 128 bits: four words of 32.

#![allow(unsafe_code)]

use std::arch::asm;
use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_and_si128, _mm_andnot_si128, _mm_loadu_si128, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi32, _mm_setr_epi32, _mm_slli_epi32, _mm_srli_epi32, _mm_storeu_si128, _mm_unpackhi_epi32,
    _mm_unpackhi_epi64, _mm_unpacklo_epi32, _mm_unpacklo_epi64, _mm_xor_si128,
};

use super::super::inlined::Job;
use super::super::level::Level;
use super::super::rows::DIGEST;
use super::{Vector, Words, operators};

/// Shows that the processor has SSE4.1.
#[derive(Clone, Copy)]
pub(in super::super) struct Sse(());

#[derive(Clone, Copy)]
pub(in super::super) struct U32x4(__m128i);

operators!(U32x4, _mm_add_epi32, _mm_xor_si128, _mm_and_si128, _mm_or_si128);

impl Vector for U32x4 {
    #[inline(always)]
    fn rotate<const R: i32, const L: i32>(self) -> Self {
        match R {
            8 => self.bytes(0x0407_0605_0003_0201, 0x0c0f_0e0d_080b_0a09),
            16 => self.bytes(0x0504_0706_0100_0302, 0x0d0c_0f0e_0908_0b0a),
            // SAFETY: a value of this type exists only where the processor has the instructions.
            _ => Self(unsafe { _mm_or_si128(_mm_srli_epi32::<R>(self.0), _mm_slli_epi32::<L>(self.0)) }),
        }
    }

    #[inline(always)]
    fn shift<const R: i32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm_srli_epi32::<R>(self.0) })
    }

    #[inline(always)]
    fn not_and(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm_andnot_si128(self.0, other.0) })
    }

    #[inline(always)]
    fn swap(self) -> Self {
        self.bytes(0x0405_0607_0001_0203, 0x0c0d_0e0f_0809_0a0b)
    }
}

impl U32x4 {
    /// Moves bytes.
    #[inline(always)]
    fn bytes(self, low: i64, high: i64) -> Self {
        // SAFETY: as above.
        Self(unsafe { bytes(self.0, _mm_set_epi64x(high, low)) })
    }
}

#[target_feature(enable = "sse4.1")]
fn enter<J: Job>(job: J) {
    job.run();
}

impl Words<4, 4> for Sse {
    type V = U32x4;

    fn detected() -> Option<Self> {
        (Level::detected() >= Level::Sse).then_some(Self(()))
    }

    #[inline(always)]
    fn enter<J: Job>(self, job: J) {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe { enter(job) };
    }

    #[inline(always)]
    fn splat(self, word: [u8; 4]) -> U32x4 {
        // SAFETY: as above.
        U32x4(unsafe { _mm_set1_epi32(i32::from_le_bytes(word)) })
    }

    #[inline(always)]
    fn gather(self, words: [&[u8; 4]; 4]) -> U32x4 {
        let [a, b, c, d] = words.map(|word| i32::from_le_bytes(*word));
        // SAFETY: as above.
        U32x4(unsafe { _mm_setr_epi32(a, b, c, d) })
    }

    #[inline(always)]
    fn tile(self, rows: [&[[u8; 4]; 4]; 4], _: usize) -> [U32x4; 4] {
        let mut words = [self.splat([0; 4]); 4];
        for (word, row) in words.iter_mut().zip(rows) {
            // SAFETY: as above; 16 bytes are read from a reference to 16, and the load takes any alignment.
            *word = U32x4(unsafe { _mm_loadu_si128(row.as_ptr().cast()) });
        }
        self.transpose(words)
    }

    #[inline(always)]
    fn digests(self, words: &[U32x4], out: &mut [[u8; DIGEST]; 4]) {
        for (half, words) in words.as_chunks::<4>().0.iter().enumerate().take(2) {
            let pieces = self.transpose(*words);
            for (piece, out) in pieces.into_iter().zip(out.iter_mut()) {
                // SAFETY: as above; 16 bytes are written to a slice of 16, and the store takes any alignment.
                unsafe { _mm_storeu_si128(out[16 * half..][..16].as_mut_ptr().cast(), piece.0) };
            }
        }
    }
}

/// Moves bytes. Not by the intrinsic: the compiler would make three shuffles of one.
#[inline]
#[target_feature(enable = "sse4.1")]
fn bytes(mut vector: __m128i, order: __m128i) -> __m128i {
    // SAFETY: the instruction reads and writes registers alone.
    unsafe {
        asm!("pshufb {}, {}", inout(xmm_reg) vector, in(xmm_reg) order,
            options(pure, nomem, nostack, preserves_flags));
    }
    vector
}

impl Sse {
    /// Transposes four times four words.
    #[inline(always)]
    fn transpose(self, [U32x4(a), U32x4(b), U32x4(c), U32x4(d)]: [U32x4; 4]) -> [U32x4; 4] {
        // SAFETY: the token exists only where the processor has the instructions.
        unsafe {
            let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
            let (high_ab, high_cd) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
            [
                U32x4(_mm_unpacklo_epi64(ab, cd)),
                U32x4(_mm_unpackhi_epi64(ab, cd)),
                U32x4(_mm_unpacklo_epi64(high_ab, high_cd)),
                U32x4(_mm_unpackhi_epi64(high_ab, high_cd)),
            ]
        }
    }
}
