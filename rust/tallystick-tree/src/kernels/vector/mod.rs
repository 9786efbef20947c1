//! Vectors of words, written once for every width: kernels are generic over them.
//!
//! A [`Words`] is a token: it exists only where the processor has the instructions, and all vectors come from it, so what
//! is built on it needs no `unsafe`. Its methods are compiled for the instructions only where they are inlined into
//! [`Words::enter`]; elsewhere they are right but slow. A closure is not sure to be inlined, nor is what takes one, such as
//! `map` of an array: what handles vectors is a loop.

#![allow(clippy::inline_always)] // a vector that crosses a call goes through memory
#![allow(clippy::unused_self)] // a token is what shows that a method may be called
#![allow(clippy::many_single_char_names)] // lanes have no better names

mod avx2;
mod avx512;
mod scalar;
mod sse;

use std::ops::{Add, BitAnd, BitOr, BitXor};

pub(super) use avx2::Avx2;
pub(super) use avx512::Avx512;
pub(super) use scalar::Scalar;
pub(super) use sse::Sse;

use super::inlined::{Job, Mask};
use super::rows::DIGEST;

/// A word in every lane. Addition wraps.
pub(super) trait Vector:
    Copy + Add<Output = Self> + BitXor<Output = Self> + BitAnd<Output = Self> + BitOr<Output = Self>
{
    /// Rotates right by `R`; `L` is the word's width less `R`.
    fn rotate<const R: i32, const L: i32>(self) -> Self;
    /// Shifts right.
    fn shift<const R: i32>(self) -> Self;
    /// `other & !self`
    fn not_and(self, other: Self) -> Self;
    /// The bytes of each word, reversed.
    fn swap(self) -> Self;

    /// `self ^ b ^ c`
    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self ^ b ^ c
    }

    /// `self ^ (!b & c)`
    #[inline(always)]
    fn chi(self, b: Self, c: Self) -> Self {
        self ^ b.not_and(c)
    }

    /// Bits of `b` where `self` has ones, of `c` elsewhere.
    #[inline(always)]
    fn choose(self, b: Self, c: Self) -> Self {
        c ^ (self & (b ^ c))
    }

    /// Bits that at least two of three have.
    #[inline(always)]
    fn majority(self, b: Self, c: Self) -> Self {
        (self & b) | (c & (self | b))
    }

    /// `(self & keep) | fill`
    #[inline(always)]
    fn mask(self, keep: Self, fill: Self) -> Self {
        (self & keep) | fill
    }
}

/// `N` words of `B` bytes.
pub(super) trait Words<const B: usize, const N: usize>: Copy + Send + Sync + 'static {
    type V: Vector;

    /// The token, where the processor has the instructions.
    fn detected() -> Option<Self>;
    /// Runs `job`, compiled for the instructions.
    fn enter<J: Job>(self, job: J);
    /// One little-endian word in every lane.
    fn splat(self, word: [u8; B]) -> Self::V;
    /// Little-endian words, one a lane.
    fn gather(self, words: [&[u8; B]; N]) -> Self::V;
    /// `N` little-endian words of each row: vector `i` has the rows' words `i`. Those behind `used` bytes may be zero.
    fn tile(self, rows: [&[[u8; B]; N]; N], used: usize) -> [Self::V; N];
    /// The first words of each lane, as little-endian bytes.
    fn digests(self, words: &[Self::V], out: &mut [[u8; DIGEST]; N]);

    /// The words of the first `used` bytes, at least, of a block in each lane; the other words are zero.
    #[inline(always)]
    fn load<const K: usize, const BLOCK: usize>(self, blocks: [&[u8; BLOCK]; N], used: usize) -> [Self::V; K] {
        let mut words = [self.splat([0; B]); K];
        let (tiles, rest) = words.as_chunks_mut::<N>();
        let done = tiles.len() * N;
        for (index, tile) in tiles.iter_mut().enumerate() {
            let before = index * N * B;
            if before < used {
                let mut rows = [&[[0; B]; N]; N];
                for (row, block) in rows.iter_mut().zip(blocks) {
                    *row = &block.as_chunks().0.as_chunks().0[index];
                }
                *tile = self.tile(rows, used - before);
            }
        }
        for (index, word) in rest.iter_mut().enumerate() {
            if (done + index) * B < used {
                let mut own = [&[0; B]; N];
                for (own, block) in own.iter_mut().zip(blocks) {
                    *own = &block.as_chunks().0[done + index];
                }
                *word = self.gather(own);
            }
        }
        words
    }

    /// The words of a block, the same in every lane.
    #[inline(always)]
    fn splat_all<const K: usize, const BLOCK: usize>(self, block: &[u8; BLOCK]) -> [Self::V; K] {
        let mut words = [self.splat([0; B]); K];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = self.splat(*bytes);
        }
        words
    }

    /// [`load`](Self::load), with the bytes outside of the rows replaced.
    #[inline(always)]
    fn load_masked<const K: usize, const BLOCK: usize>(
        self,
        blocks: [&[u8; BLOCK]; N],
        mask: &Mask<BLOCK>,
    ) -> [Self::V; K] {
        let mut words: [Self::V; K] = self.load(blocks, mask.used);
        let (keep, fill) = (mask.keep.as_chunks().0, mask.fill.as_chunks().0);
        for ((word, keep), fill) in words.iter_mut().zip(keep).zip(fill) {
            *word = word.mask(self.splat(*keep), self.splat(*fill));
        }
        words
    }
}

/// The operators of a vector from its instructions.
macro_rules! operators {
    ($vector:ident, $add:ident, $xor:ident, $and:ident, $or:ident) => {
        operators!($vector, Add, add, $add);
        operators!($vector, BitXor, bitxor, $xor);
        operators!($vector, BitAnd, bitand, $and);
        operators!($vector, BitOr, bitor, $or);
    };
    ($vector:ident, $operator:ident, $method:ident, $intrinsic:ident) => {
        impl std::ops::$operator for $vector {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a value of this type exists only where the processor has the instructions.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}
use operators;
