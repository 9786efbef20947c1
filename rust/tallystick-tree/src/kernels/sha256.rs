//! What the SHA-256 kernels share (FIPS 180-4): constants, padding, schedules of blocks known beforehand.
//!
//! A block that is the same for many rows has the same message schedule for all of them, so it is expanded once, with the
//! round constants added; then only the rounds remain. Of a 65-byte message (an RFC 6962 node: a prefix byte and two
//! digests) the second block depends on one byte, so there are 256 such schedules; [`tails`] has them all.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use tallystick_proof::hash::{Prefix, Seeded};

use super::rows::{Grouped, Lanes, Place};

pub(super) const BLOCK: usize = 64;

pub(super) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The words of a message schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Schedule(pub(super) [u32; 64]);

#[rustfmt::skip]
pub(super) static ROUNDS: Schedule = Schedule([
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]);

/// Blocks that a message takes: a one bit and a length of eight bytes follow it.
pub(super) fn blocks(length: usize) -> usize {
    (length + 9).div_ceil(BLOCK)
}

/// The padding of a message of `length` bytes, at `from` of its blocks.
pub(super) fn pad(blocks: &mut [u8], from: usize, length: usize) {
    blocks[from] = 0x80;
    let end = blocks.len();
    blocks[end - 8..].copy_from_slice(&(length as u64 * 8).to_be_bytes());
}

/// The schedule of a block, with the round constants added.
pub(super) const fn schedule(block: &[u8; BLOCK]) -> Schedule {
    let mut words = [0; 64];
    let mut at = 0;
    while at < 64 {
        words[at] = if at < 16 {
            u32::from_be_bytes([block[4 * at], block[4 * at + 1], block[4 * at + 2], block[4 * at + 3]])
        } else {
            let sum = small_0(words[at - 15]).wrapping_add(small_1(words[at - 2]));
            sum.wrapping_add(words[at - 7]).wrapping_add(words[at - 16])
        };
        at += 1;
    }
    while at > 0 {
        at -= 1;
        words[at] = words[at].wrapping_add(ROUNDS.0[at]);
    }
    Schedule(words)
}

/// What word `t` of a schedule takes of word `t - 15`.
const fn small_0(word: u32) -> u32 {
    word.rotate_right(7) ^ word.rotate_right(18) ^ (word >> 3)
}

/// What word `t` of a schedule takes of word `t - 2`.
const fn small_1(word: u32) -> u32 {
    word.rotate_right(17) ^ word.rotate_right(19) ^ (word >> 10)
}

/// The state after one more block, by plain arithmetic: for prefixes, which are absorbed once.
fn compress(state: [u32; 8], block: &[u8; BLOCK]) -> [u32; 8] {
    let after = schedule(block).0.into_iter().fold(state, |[a, b, c, d, e, f, g, h], word| {
        let large = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = [large, (e & f) ^ (!e & g), word].into_iter().fold(h, u32::wrapping_add);
        let large = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = large.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        [first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g]
    });
    std::array::from_fn(|word| state[word].wrapping_add(after[word]))
}

/// Rows behind `prefix` through the kernel that `start` makes from the state after the prefix's whole blocks.
pub(super) fn behind<K: Lanes<N, BLOCK>, const N: usize>(
    prefix: &Prefix,
    next: Arc<dyn Seeded>,
    start: impl FnOnce([u32; 8]) -> K,
) -> Option<Arc<dyn Seeded>> {
    let Prefix::Bytes(prefix) = prefix else { return None };
    let (blocks, rest) = prefix.as_chunks::<BLOCK>();
    let state = blocks.iter().fold(INITIAL, compress);
    Some(Arc::new(Grouped::new(start(state), blocks.len() * BLOCK, rest, next)))
}

/// Whether a block holds one last byte of a message of 65, and padding.
pub(super) fn is_tail(at: usize, part: &Range<usize>, place: Place) -> bool {
    place.until == 65 && at == 0 && part.len() == 1
}

/// Of each byte, the schedule of the last block of a 65-byte message that ends in it.
pub(super) fn tails() -> &'static [Schedule; 256] {
    static TAILS: LazyLock<Box<[Schedule; 256]>> = LazyLock::new(|| {
        let mut block = [0; BLOCK];
        pad(&mut block, 1, 65);
        let mut tails = vec![ROUNDS; 256].into_boxed_slice();
        for (byte, tail) in (0..=255).zip(&mut tails) {
            block[0] = byte;
            *tail = schedule(&block);
        }
        // 256 were made.
        tails.try_into().unwrap_or_else(|_| Box::new([ROUNDS; 256]))
    });
    &TAILS
}
