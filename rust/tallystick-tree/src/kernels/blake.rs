//! The round that BLAKE2 and BLAKE3 share: RFC 7693, 3.1.

#![allow(clippy::inline_always)] // see `vector`

use super::vector::Vector;

/// The four rotations.
pub(super) trait Rotations {
    fn rotations<V: Vector>(step: usize, word: V) -> V;
}

/// Those of BLAKE2s and BLAKE3.
pub(super) struct Of32;
/// Those of BLAKE2b.
pub(super) struct Of64;

impl Rotations for Of32 {
    #[inline(always)]
    fn rotations<V: Vector>(step: usize, word: V) -> V {
        match step {
            0 => word.rotate::<16, 16>(),
            1 => word.rotate::<12, 20>(),
            2 => word.rotate::<8, 24>(),
            _ => word.rotate::<7, 25>(),
        }
    }
}

impl Rotations for Of64 {
    #[inline(always)]
    fn rotations<V: Vector>(step: usize, word: V) -> V {
        match step {
            0 => word.rotate::<32, 32>(),
            1 => word.rotate::<24, 40>(),
            2 => word.rotate::<16, 48>(),
            _ => word.rotate::<63, 1>(),
        }
    }
}

/// One round: columns, then diagonals. `order` says which word of the message each step takes.
#[inline(always)]
pub(super) fn round<R: Rotations, V: Vector>(v: &mut [V; 16], words: &[V; 16], order: &[usize; 16]) {
    half::<R, V, 0>(v, words, order);
    half::<R, V, 1>(v, words, order);
}

/// The four quarter rounds of a half depend on nothing of each other and go in step. The word is added before what the
/// step before has only just made.
#[inline(always)]
fn half<R: Rotations, V: Vector, const HALF: usize>(v: &mut [V; 16], words: &[V; 16], order: &[usize; 16]) {
    let place = |row: usize, column: usize| row * 4 + (column + row * HALF) % 4;
    let word = |column: usize, second: usize| words[order[HALF * 8 + column * 2 + second]];
    for i in 0..4 {
        let (a, b, d) = (place(0, i), place(1, i), place(3, i));
        v[a] = v[a] + word(i, 0) + v[b];
        v[d] = R::rotations(0, v[d] ^ v[a]);
    }
    for i in 0..4 {
        let (b, c, d) = (place(1, i), place(2, i), place(3, i));
        v[c] = v[c] + v[d];
        v[b] = R::rotations(1, v[b] ^ v[c]);
    }
    for i in 0..4 {
        let (a, b, d) = (place(0, i), place(1, i), place(3, i));
        v[a] = v[a] + word(i, 1) + v[b];
        v[d] = R::rotations(2, v[d] ^ v[a]);
    }
    for i in 0..4 {
        let (b, c, d) = (place(1, i), place(2, i), place(3, i));
        v[c] = v[c] + v[d];
        v[b] = R::rotations(3, v[b] ^ v[c]);
    }
}
