//! Every kernel against the plain hash, alone and in its chain, and every level against every other.

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
    let block = plain.info().block_size;
    let lengths = [0, 1, 15, 16, 63, 64, 65, 200, block - 1, block, block + 1, 2 * block, 1020, 1024];
    let mut prefixes = lengths.map(|end| Prefix::Bytes(data[..end].to_vec())).to_vec();
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
        agrees(hash, &[1, 6, 17, 35, 70], |prefix| Ok(seed(prefix, next.seed(prefix)?)))
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
