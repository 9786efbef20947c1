//! Faster ways to hash many rows, where the processor has them. They come in by the same door as every hash, and give
//! the same digests.
//!
//! [`TABLE`] lists them. A kernel is one file, which implements [`rows::Lanes`]; what kernels share is in [`rows`].

mod level;
mod rows;
#[cfg(target_arch = "x86_64")]
mod sha256;
#[cfg(target_arch = "x86_64")]
mod sha256_avx2;
#[cfg(target_arch = "x86_64")]
mod sha256_avx512;
#[cfg(target_arch = "x86_64")]
mod sha256_ni;

use std::sync::Arc;

use tallystick_proof::hash::{Hash, Kernels, Prefix, Seeded, builtin};

pub use level::{Level, NoSuchLevel, VARIABLE};

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
    Kernel { hash: "sha256", level: Level::Avx512, able: sha256_avx512::able, seed: sha256_avx512::seed },
    Kernel { hash: "sha256", level: Level::Avx512, able: sha256_avx512::able, seed: sha256_avx512::seed_double },
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use tallystick_proof::hash::{HashError, Tagging, builtin_names};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    /// Rows of one width, alone and in runs, and one that does not fit in.
    fn compare(plain: &dyn Seeded, fast: &dyn Seeded, rows: &[u8], width: usize, size: usize) -> Outcome {
        let count = rows.len() / width;
        let (mut expected, mut found) = (vec![0; count * size], vec![1; count * size]);
        plain.rows(rows, width, &mut expected)?;
        fast.rows(rows, width, &mut found)?;
        assert_eq!(expected, found, "{width} {count}");
        let mut ragged: Vec<&[u8]> = rows.chunks_exact(width).collect();
        found.fill(1);
        fast.ragged(&ragged, &mut found)?;
        assert_eq!(expected, found, "{width} {count}");
        if let Some(last) = ragged.last_mut() {
            *last = &last[1..];
            plain.ragged(&ragged, &mut expected)?;
            fast.ragged(&ragged, &mut found)?;
            assert_eq!(expected, found, "{width} {count}");
        }
        assert!(fast.rows(rows, width + 1, &mut found).is_err() || count == 0);
        Ok(())
    }

    /// Rows of many widths behind many prefixes, in every number up to a few groups of the widest kernel.
    fn agrees(
        name: &str,
        counts: &[usize],
        seed: impl Fn(&Prefix) -> Result<Option<Arc<dyn Seeded>>, HashError>,
    ) -> Outcome {
        let data: Vec<u8> = (0..120_000_u32).map(|byte| (byte * 31 % 251) as u8).collect();
        let plain = builtin(name).ok_or(name)?;
        let size = plain.digest_size();
        let mut prefixes =
            [0, 1, 15, 16, 63, 64, 65, 128, 136, 200].map(|end| Prefix::Bytes(data[..end].to_vec())).to_vec();
        if plain.info().tagging == Tagging::Keyed {
            prefixes.push(Prefix::Key(std::array::from_fn(|byte| byte as u8 * 7)));
        }
        for prefix in prefixes {
            let Some(fast) = seed(&prefix)? else { continue };
            let plain = plain.seed(&prefix)?;
            for width in (1..70).chain([118, 119, 120, 127, 128, 129, 135, 136, 137, 1000, 1023, 1024, 1025]) {
                for count in counts {
                    compare(&*plain, &*fast, &data[width..][..width * count], width, size)?;
                }
            }
            // Empty rows are no rows of a width.
            let (mut expected, mut found) = (vec![0; 40 * size], vec![1; 40 * size]);
            plain.ragged(&[&[][..]; 40], &mut expected)?;
            fast.ragged(&[&[][..]; 40], &mut found)?;
            assert_eq!(expected, found);
        }
        Ok(())
    }

    #[test]
    fn every_level_agrees_with_the_plain_hash() -> Outcome {
        for (name, level) in builtin_names().flat_map(|name| Level::ALL.map(|level| (name, level))) {
            let fast = limited(name, level).ok_or(name)?;
            assert_eq!(builtin(name).as_ref(), Some(&fast));
            agrees(name, &[0, 1, 2, 3, 5, 11, 39], |prefix| fast.seed(prefix).map(Some))
                .map_err(|error| format!("{name} {level}: {error}"))?;
        }
        Ok(())
    }

    /// Kernels that this processor would not choose.
    #[cfg(target_arch = "x86_64")]
    const SPARE: &[Kernel] = &[Kernel { hash: "sha256", level: Level::Avx2, able: || true, seed: sha256_avx2::seed }];
    #[cfg(not(target_arch = "x86_64"))]
    const SPARE: &[Kernel] = &[];

    #[test]
    fn every_kernel_agrees_with_the_plain_hash() -> Outcome {
        let possible = |kernel: &&Kernel| kernel.level <= Level::detected() && (kernel.able)();
        for Kernel { hash, seed, .. } in TABLE.iter().chain(SPARE).filter(possible) {
            let next = builtin(hash).ok_or(*hash)?;
            // Each alone, before the portable code.
            agrees(hash, &[1, 6, 33], |prefix| Ok(seed(prefix, next.seed(prefix)?)))
                .map_err(|error| format!("{hash}: {error}"))?;
        }
        Ok(())
    }

    /// The schedules of a 65-byte node's second block, by every last byte.
    #[test]
    fn nodes_of_65_bytes_agree_by_every_last_byte() -> Outcome {
        let mut data: Vec<u8> = (0..256 * 64_u32).map(|byte| (byte * 37 % 241) as u8).collect();
        for (last, row) in (0..=255).zip(data.chunks_exact_mut(64)) {
            row[63] = last;
        }
        for (level, first) in Level::ALL.into_iter().flat_map(|level| [(level, 0), (level, 1), (level, 255)]) {
            let prefix = Prefix::Bytes(vec![first]);
            let (plain, fast) = (builtin("sha256").ok_or("plain")?, limited("sha256", level).ok_or("fast")?);
            compare(&*plain.seed(&prefix)?, &*fast.seed(&prefix)?, &data, 64, 32)?;
        }
        Ok(())
    }

    #[test]
    fn levels_have_names() {
        for level in Level::ALL {
            assert_eq!(level.name().parse(), Ok(level));
        }
        assert_eq!("AVX2".parse::<Level>().map_err(|error| error.to_string()), {
            Err("TALLYSTICK_SIMD must be portable, sse, avx2 or avx512, not \"AVX2\"".into())
        });
        assert!(Level::Portable < Level::Avx512);
    }
}
