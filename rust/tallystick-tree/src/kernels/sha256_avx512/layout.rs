//! Between rows of bytes and words in lanes.

use std::arch::x86_64::{
    __m512i, _mm256_storeu_si256, _mm256_zeroupper, _mm512_castsi512_si256, _mm512_extracti64x4_epi64,
    _mm512_permutex2var_epi64, _mm512_set_epi64, _mm512_setr_epi64, _mm512_shuffle_epi8, _mm512_shuffle_i32x4,
    _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

use super::super::rows::DIGEST;
use super::{WIDE, Words};

/// The bytes of each word, reversed.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn reversed(words: __m512i) -> __m512i {
    let (low, high) = (0x0405_0607_0001_0203, 0x0c0d_0e0f_0809_0a0b);
    _mm512_shuffle_epi8(words, _mm512_set_epi64(high, low, high, low, high, low, high, low))
}

/// Transposes 4 times 4 words, each four in 128 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn quartered(&[a, b, c, d]: &Words<4>) -> Words<4> {
    let (low, high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (low_2, high_2) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(low, low_2),
        _mm512_unpackhi_epi64(low, low_2),
        _mm512_unpacklo_epi64(high, high_2),
        _mm512_unpackhi_epi64(high, high_2),
    ]
}

/// From sixteen words of each row to each word of sixteen rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn transpose(rows: &mut Words<16>) {
    // Within each 128 bits: four rows' words side by side.
    for four in rows.as_chunks_mut::<4>().0 {
        *four = quartered(four);
    }
    // Vector `4 * i + j` now holds words j, j + 4, j + 8, j + 12 of rows 4i to 4i + 3: transposed as 4 times 4.
    for j in 0..4 {
        let [a, b, c, d] = [rows[j], rows[4 + j], rows[8 + j], rows[12 + j]];
        let (low, high) = (_mm512_shuffle_i32x4::<0x44>(a, b), _mm512_shuffle_i32x4::<0xee>(a, b));
        let (low_2, high_2) = (_mm512_shuffle_i32x4::<0x44>(c, d), _mm512_shuffle_i32x4::<0xee>(c, d));
        rows[j] = _mm512_shuffle_i32x4::<0x88>(low, low_2);
        rows[4 + j] = _mm512_shuffle_i32x4::<0xdd>(low, low_2);
        rows[8 + j] = _mm512_shuffle_i32x4::<0x88>(high, high_2);
        rows[12 + j] = _mm512_shuffle_i32x4::<0xdd>(high, high_2);
    }
}

/// The states of sixteen rows as their digests.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn finish(states: &[Words<8>], out: &mut [[[u8; DIGEST]; WIDE]]) {
    let lower = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    let upper = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    for (state, out) in states.iter().zip(out) {
        let mut words = *state;
        for word in &mut words {
            *word = reversed(*word);
        }
        // Vector j of each holds half a digest of rows j, j + 4, j + 8, j + 12.
        let [abcd, efgh] = words.as_chunks::<4>().0 else { return };
        let (abcd, efgh) = (quartered(abcd), quartered(efgh));
        for row in 0..4 {
            store_pair(_mm512_permutex2var_epi64(abcd[row], lower, efgh[row]), out, row);
            store_pair(_mm512_permutex2var_epi64(abcd[row], upper, efgh[row]), out, row + 8);
        }
    }
    _mm256_zeroupper();
}

/// Two digests: of a row, and of the one four after it.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn store_pair(digests: __m512i, out: &mut [[u8; DIGEST]; WIDE], row: usize) {
    // SAFETY: each store writes 32 bytes to a digest; it takes any alignment.
    unsafe {
        _mm256_storeu_si256(out[row].as_mut_ptr().cast(), _mm512_castsi512_si256(digests));
        _mm256_storeu_si256(out[row + 4].as_mut_ptr().cast(), _mm512_extracti64x4_epi64::<1>(digests));
    }
}
