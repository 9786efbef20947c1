//! Faster ways to hash many rows, where the processor has them. They come in by the same door as every hash, and give
//! the same digests.

#[cfg(target_arch = "x86_64")]
mod sha256_ni;

use std::sync::Arc;

use tallystick_proof::hash::{Hash, Prefix, Seeded, builtin};

/// The built-in hash of this name, with the kernels that this processor has.
pub fn accelerated(name: &str) -> Option<Hash> {
    builtin(name).map(|hash| hash.with_kernels(kernel))
}

/// The kernel for a hash behind a prefix; `None` where the portable code is all there is.
fn kernel(name: &str, prefix: &Prefix) -> Option<Arc<dyn Seeded>> {
    match (name, prefix) {
        #[cfg(target_arch = "x86_64")]
        ("sha256", Prefix::Bytes(bytes)) => sha256_ni::seed(bytes, builtin(name)?.seed(prefix).ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_agree_with_the_plain_hash() -> Result<(), Box<dyn std::error::Error>> {
        let data: Vec<u8> = (0..40_000_u32).map(|byte| (byte * 31 % 251) as u8).collect();
        for name in tallystick_proof::hash::builtin_names() {
            let (plain, fast) = (builtin(name).ok_or(name)?, accelerated(name).ok_or(name)?);
            assert_eq!(plain, fast);
            let size = plain.digest_size();
            for prefix in [0, 1, 63, 64, 65, 128, 200].map(|length| Prefix::Bytes(data[..length].to_vec())) {
                let (plain, fast) = (plain.seed(&prefix)?, fast.seed(&prefix)?);
                for width in (1..70).chain([118, 119, 120, 127, 128, 129, 1000]) {
                    for count in [0, 1, 2, 3, 5, 11] {
                        let rows = &data[width..width + width * count];
                        let (mut expected, mut found) = (vec![0; count * size], vec![1; count * size]);
                        plain.rows(rows, width, &mut expected)?;
                        fast.rows(rows, width, &mut found)?;
                        assert_eq!(expected, found, "{name} {width} {count}");
                        // Rows of one length that lie together, and one that does not fit in.
                        let mut ragged: Vec<&[u8]> = rows.chunks_exact(width).collect();
                        fast.ragged(&ragged, &mut found)?;
                        assert_eq!(expected, found, "{name} {width} {count}");
                        if let Some(last) = ragged.last_mut() {
                            *last = &last[1..];
                            plain.ragged(&ragged, &mut expected)?;
                            fast.ragged(&ragged, &mut found)?;
                            assert_eq!(expected, found, "{name} {width} {count}");
                        }
                        assert!(fast.rows(rows, width + 1, &mut found).is_err() || count == 0);
                    }
                }
            }
        }
        Ok(())
    }
}
