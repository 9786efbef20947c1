//! SHA-256 by the SHA extensions of x86-64, several rows side by side.
//!
//! One stream of rounds waits for its own results most of the time; the rounds of [`STREAMS`] rows, interleaved, fill the
//! gaps. Rows of one length need the same blocks, so each row is laid out behind the prefix's rest with its padding and
//! the blocks of all rows are compressed in step. Instruction sequence: Intel, *Intel SHA Extensions* (2013).

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x, _mm_sha256msg1_epu32,
    _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
    _mm256_zeroupper,
};
use std::sync::Arc;

use tallystick_proof::hash::{Prefix, Seeded};

use super::rows::{DIGEST, Grouped, Lanes, Place};

/// Rows side by side.
const STREAMS: usize = 4;
const BLOCK: usize = 64;

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// SHA-256 behind the whole blocks of a prefix, on a processor that has the extensions.
struct Sha256Ni([u32; 8]);

pub(super) fn able() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("avx")
}

pub(super) fn seed(prefix: &Prefix, next: Arc<dyn Seeded>) -> Option<Arc<dyn Seeded>> {
    let Prefix::Bytes(prefix) = prefix else { return None };
    let (blocks, rest) = prefix.as_chunks::<BLOCK>();
    let mut state = [INITIAL];
    for block in blocks {
        // SAFETY: the table asks `able` first.
        unsafe { compress(&mut state, [block]) };
    }
    let [state] = state;
    Some(Arc::new(Grouped::new(Sha256Ni(state), blocks.len() * BLOCK, rest, next)))
}

impl Lanes<STREAMS, BLOCK> for Sha256Ni {
    type States = [[u32; 8]; STREAMS];
    type Shared = [u8; BLOCK];

    fn start(&self) -> Self::States {
        [self.0; STREAMS]
    }

    fn blocks(&self, length: usize) -> usize {
        (length + 9).div_ceil(BLOCK)
    }

    fn pad(&self, blocks: &mut [u8], from: usize, length: usize) {
        blocks[from] = 0x80;
        let end = blocks.len();
        blocks[end - 8..].copy_from_slice(&(length as u64 * 8).to_be_bytes());
    }

    fn absorb(&self, states: &mut Self::States, blocks: [&[u8; BLOCK]; STREAMS], _: Place) {
        // SAFETY: a value of this type exists only where the processor has the features.
        unsafe { compress(states, blocks) };
    }

    fn prepare(&self, block: &[u8; BLOCK], _: Place) -> Self::Shared {
        *block
    }

    fn absorb_shared(&self, states: &mut Self::States, block: &Self::Shared) {
        // SAFETY: as above.
        unsafe { compress(states, [block; STREAMS]) };
    }

    fn finish(&self, states: &Self::States, out: &mut [[u8; DIGEST]; STREAMS]) {
        for (word, bytes) in states.as_flattened().iter().zip(out.as_flattened_mut().as_chunks_mut().0) {
            *bytes = word.to_be_bytes();
        }
    }
}

/// One block into each of `N` states.
#[target_feature(enable = "sha,avx")]
fn compress<const N: usize>(states: &mut [[u32; 8]; N], blocks: [&[u8; BLOCK]; N]) {
    // Upper halves that other code left dirty slow every instruction here down.
    _mm256_zeroupper();
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let load = |words: &[u32; 4]| {
        // SAFETY: sixteen bytes are read from a reference to sixteen bytes; the load takes any alignment.
        unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
    };
    let load_message = |block: &[u8; BLOCK], part: usize| {
        let bytes = &block[16 * part..][..16];
        // SAFETY: as above.
        _mm_shuffle_epi8(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }, big_endian)
    };
    let mut abef = [_mm_set_epi64x(0, 0); N];
    let mut cdgh = abef;
    let mut message: [[__m128i; 4]; N] = [[abef[0]; 4]; N];
    for stream in 0..N {
        let [abcd, efgh] = states[stream].as_chunks::<4>().0 else { return };
        let (cdab, efgh) = (_mm_shuffle_epi32(load(abcd), 0xB1), _mm_shuffle_epi32(load(efgh), 0x1B));
        abef[stream] = _mm_alignr_epi8(cdab, efgh, 8);
        cdgh[stream] = _mm_blend_epi16(efgh, cdab, 0xF0);
        message[stream] = std::array::from_fn(|part| load_message(blocks[stream], part));
    }
    let (first_abef, first_cdgh) = (abef, cdgh);
    for (group, constants) in ROUNDS.as_chunks::<4>().0.iter().enumerate() {
        let constants = load(constants);
        for stream in 0..N {
            let w = &mut message[stream];
            let [now, next, third, last] = [group % 4, (group + 1) % 4, (group + 2) % 4, (group + 3) % 4];
            if group >= 4 {
                let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[now], w[next]), _mm_alignr_epi8(w[last], w[third], 4));
                w[now] = _mm_sha256msg2_epu32(sum, w[last]);
            }
            let words = _mm_add_epi32(w[now], constants);
            cdgh[stream] = _mm_sha256rnds2_epu32(cdgh[stream], abef[stream], words);
            abef[stream] = _mm_sha256rnds2_epu32(abef[stream], cdgh[stream], _mm_shuffle_epi32(words, 0x0E));
        }
    }
    for stream in 0..N {
        let abef = _mm_add_epi32(abef[stream], first_abef[stream]);
        let cdgh = _mm_add_epi32(cdgh[stream], first_cdgh[stream]);
        let (feba, dchg) = (_mm_shuffle_epi32(abef, 0x1B), _mm_shuffle_epi32(cdgh, 0xB1));
        let (abcd, efgh) = (_mm_blend_epi16(feba, dchg, 0xF0), _mm_alignr_epi8(dchg, feba, 8));
        let state = &mut states[stream];
        // SAFETY: two times sixteen bytes are written to a reference to thirty-two; the store takes any alignment.
        unsafe {
            _mm_storeu_si128(state.as_mut_ptr().cast(), abcd);
            _mm_storeu_si128(state.as_mut_ptr().add(4).cast(), efgh);
        }
    }
}
