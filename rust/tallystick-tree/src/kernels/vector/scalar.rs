//! One lane, without vectors: what a kernel does once, it does in this.

use super::super::inlined::Job;
use super::super::rows::DIGEST;
use super::{Vector, Words};

/// One lane.
#[derive(Clone, Copy)]
pub(in super::super) struct Scalar;

macro_rules! scalar {
    ($vector:ident, $word:ident, $bytes:literal) => {
        #[derive(Clone, Copy)]
        pub(in super::super) struct $vector(pub(in super::super) $word);

        impl std::ops::Add for $vector {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.wrapping_add(other.0))
            }
        }

        impl std::ops::BitXor for $vector {
            type Output = Self;
            fn bitxor(self, other: Self) -> Self {
                Self(self.0 ^ other.0)
            }
        }

        impl std::ops::BitAnd for $vector {
            type Output = Self;
            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl std::ops::BitOr for $vector {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl Vector for $vector {
            fn rotate<const R: i32, const L: i32>(self) -> Self {
                Self(self.0.rotate_left(L.unsigned_abs()))
            }

            fn shift<const R: i32>(self) -> Self {
                Self(self.0 >> R)
            }

            fn not_and(self, other: Self) -> Self {
                Self(!self.0 & other.0)
            }

            fn swap(self) -> Self {
                Self(self.0.swap_bytes())
            }
        }

        impl Words<$bytes, 1> for Scalar {
            type V = $vector;

            fn detected() -> Option<Self> {
                Some(Self)
            }

            fn enter<J: Job>(self, job: J) {
                job.run();
            }

            fn splat(self, word: [u8; $bytes]) -> $vector {
                $vector($word::from_le_bytes(word))
            }

            fn gather(self, [word]: [&[u8; $bytes]; 1]) -> $vector {
                self.splat(*word)
            }

            fn tile(self, [[word]]: [&[[u8; $bytes]; 1]; 1], _: usize) -> [$vector; 1] {
                [self.splat(*word)]
            }

            fn digests(self, words: &[$vector], out: &mut [[u8; DIGEST]; 1]) {
                for (bytes, word) in out.as_flattened_mut().as_chunks_mut().0.iter_mut().zip(words) {
                    *bytes = word.0.to_le_bytes();
                }
            }
        }
    };
}

scalar!(One32, u32, 4);
scalar!(One64, u64, 8);
