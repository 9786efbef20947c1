//! Faster ways to hash many rows, where the processor has them. They come in by the same door as every hash, and give
//! the same digests.
//!
//! `TABLE` lists them. A kernel is one file, which implements `rows::Lanes`, or `inlined::Inlined` if it is written over
//! vectors of any width; what kernels share is there.

#[cfg(target_arch = "x86_64")]
mod blake;
#[cfg(target_arch = "x86_64")]
mod blake2;
#[cfg(target_arch = "x86_64")]
mod blake3;
#[cfg(target_arch = "x86_64")]
mod inlined;
#[cfg(target_arch = "x86_64")]
mod keccak;
mod level;
#[cfg(target_arch = "x86_64")]
mod rows;
#[cfg(target_arch = "x86_64")]
mod sha256;
#[cfg(target_arch = "x86_64")]
mod sha256_avx2;
#[cfg(target_arch = "x86_64")]
mod sha256_avx512;
#[cfg(target_arch = "x86_64")]
mod sha256_ni;
#[cfg(target_arch = "x86_64")]
mod sha512;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod vector;

use std::sync::Arc;

use tallystick_proof::hash::{Hash, Kernels, Prefix, Seeded, builtin};

#[cfg(target_arch = "x86_64")]
use vector::{Avx2, Avx512, Sse};

pub use level::{Level, NoSuchLevel};

/// A way to hash rows in lanes.
struct Kernel {
    /// The hash function.
    hash: &'static str,
    /// What it takes of the processor.
    level: Level,
    /// Whether this processor has what the level alone does not say.
    able: fn() -> bool,
    /// The function behind a prefix; rows that do not fill the lanes go to the next best way. `None` where the kernel
    /// does not take such a prefix.
    seed: fn(&Prefix, Way) -> Option<Way>,
}

/// A hash function behind a prefix, computed in some way.
type Way = Arc<dyn Seeded>;

/// All kernels; of one hash, those with fewer lanes first. A later one hands what does not fill it to the one before.
#[cfg(target_arch = "x86_64")]
const TABLE: &[Kernel] = &[
    Kernel { hash: "sha256", level: Level::Sse, able: sha256_ni::able, seed: sha256_ni::sse::seed::<1> },
    Kernel { hash: "sha256", level: Level::Sse, able: sha256_ni::able, seed: sha256_ni::sse::seed::<2> },
    Kernel { hash: "sha256", level: Level::Sse, able: sha256_ni::able, seed: sha256_ni::sse::seed::<6> },
    Kernel { hash: "sha256", level: Level::Avx2, able: sha256_avx2::able, seed: sha256_avx2::seed },
    Kernel { hash: "sha256", level: Level::Avx2, able: sha256_ni::able, seed: sha256_ni::avx::seed::<1> },
    Kernel { hash: "sha256", level: Level::Avx2, able: sha256_ni::able, seed: sha256_ni::avx::seed::<2> },
    Kernel { hash: "sha256", level: Level::Avx2, able: sha256_ni::able, seed: sha256_ni::avx::seed::<6> },
    Kernel { hash: "sha256", level: Level::Avx512, able: always, seed: sha256_avx512::seed },
    Kernel { hash: "sha256", level: Level::Avx512, able: always, seed: sha256_avx512::seed_double },
    Kernel { hash: "blake3", level: Level::Sse, able: always, seed: blake3::seed::<Sse, 4> },
    Kernel { hash: "blake3", level: Level::Avx2, able: always, seed: blake3::seed::<Avx2, 8> },
    Kernel { hash: "blake3", level: Level::Avx512, able: always, seed: blake3::seed::<Avx512, 16> },
    Kernel { hash: "blake2s_256", level: Level::Sse, able: always, seed: blake2::seed_s::<Sse, 4> },
    Kernel { hash: "blake2s_256", level: Level::Avx2, able: always, seed: blake2::seed_s::<Avx2, 8> },
    Kernel { hash: "blake2s_256", level: Level::Avx512, able: always, seed: blake2::seed_s::<Avx512, 16> },
    Kernel { hash: "blake2b_256", level: Level::Avx2, able: always, seed: blake2::seed_b::<Avx2, 4> },
    Kernel { hash: "blake2b_256", level: Level::Avx512, able: always, seed: blake2::seed_b::<Avx512, 8> },
    Kernel { hash: "keccak256", level: Level::Avx2, able: always, seed: keccak::seed::<Avx2, 4, { keccak::KECCAK }> },
    Kernel {
        hash: "keccak256",
        level: Level::Avx512,
        able: always,
        seed: keccak::seed::<Avx512, 8, { keccak::KECCAK }>,
    },
    Kernel { hash: "sha3_256", level: Level::Avx2, able: always, seed: keccak::seed::<Avx2, 4, { keccak::SHA3 }> },
    Kernel { hash: "sha3_256", level: Level::Avx512, able: always, seed: keccak::seed::<Avx512, 8, { keccak::SHA3 }> },
    Kernel { hash: "sha512_256", level: Level::Avx2, able: always, seed: sha512::seed::<Avx2, 4> },
    Kernel { hash: "sha512_256", level: Level::Avx512, able: always, seed: sha512::seed::<Avx512, 8> },
];

/// Of kernels that need no more than their level says.
#[cfg(target_arch = "x86_64")]
const fn always() -> bool {
    true
}

#[cfg(not(target_arch = "x86_64"))]
const TABLE: &[Kernel] = &[];

/// The built-in hash of this name, with the kernels that this process uses.
pub fn accelerated(name: &str) -> Option<Hash> {
    // A level that does not exist is reported by those who ask `Level::chosen`; portable code is right meanwhile.
    limited(name, Level::chosen().unwrap_or(Level::Portable))
}

/// The built-in hash of this name, with the kernels that this processor has up to `level`.
pub fn limited(name: &str, level: Level) -> Option<Hash> {
    let kernels: Kernels = match level.min(Level::detected()) {
        Level::Portable => return builtin(name),
        Level::Sse => |name, prefix| kernel(name, prefix, Level::Sse),
        Level::Avx2 => |name, prefix| kernel(name, prefix, Level::Avx2),
        Level::Avx512 => |name, prefix| kernel(name, prefix, Level::Avx512),
    };
    builtin(name).map(|hash| hash.with_kernels(kernels))
}

/// The best way up to `level` to compute a hash behind a prefix; `None` where the portable code is all there is.
fn kernel(name: &str, prefix: &Prefix, level: Level) -> Option<Arc<dyn Seeded>> {
    let fitting = |kernel: &&Kernel| kernel.hash == name && kernel.level <= level && (kernel.able)();
    let portable = builtin(name)?.seed(prefix).ok()?;
    let all = TABLE.iter().filter(fitting);
    Some(all.fold(portable, |next, kernel| (kernel.seed)(prefix, next.clone()).unwrap_or(next)))
}
