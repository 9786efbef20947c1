//! Every row of the table by itself, in front of the plain hash alone.

use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Prefixes on both sides of a block's borders, and the key if there is one.
fn prefixes(hash: &Hash, data: &[u8]) -> Vec<Prefix> {
    let block = hash.info().block_size;
    let lengths = [0, 1, 5, block - 1, block, block + 1, 2 * block, 1020, 1024];
    let mut prefixes: Vec<_> = lengths.iter().map(|length| Prefix::Bytes(data[..*length].to_vec())).collect();
    let key = Prefix::Key(std::array::from_fn(|byte| data[byte]));
    prefixes.extend(hash.seed(&key).is_ok().then_some(key));
    prefixes
}

#[test]
fn every_row_of_the_table_agrees_with_the_plain_hash() -> Outcome {
    let data: Vec<u8> = (0..70_000_u32).map(|byte| (byte * 37 % 253) as u8).collect();
    for kernel in TABLE.iter().filter(|kernel| kernel.level <= Level::detected() && (kernel.able)()) {
        let hash = builtin(kernel.hash).ok_or(kernel.hash)?;
        let block = hash.info().block_size;
        for prefix in prefixes(&hash, &data) {
            let plain = hash.seed(&prefix)?;
            let Some(fast) = (kernel.seed)(&prefix, plain.clone()) else { continue };
            for width in [1, 31, 32, 33, 63, 64, 65, 100, block - 1, block, block + 1, 2 * block, 2 * block + 9] {
                for count in [1, 4, 8, 16, 17, 35, 150] {
                    let rows = &data[width..][..width * count];
                    let (mut expected, mut found) = (vec![0; count * 32], vec![1; count * 32]);
                    plain.rows(rows, width, &mut expected)?;
                    fast.rows(rows, width, &mut found)?;
                    let place = || format!("{} {} {prefix:?} {width} {count}", kernel.hash, kernel.level);
                    assert!(expected == found, "{}", place());
                    found.fill(1);
                    fast.ragged(&rows.chunks_exact(width).collect::<Vec<_>>(), &mut found)?;
                    assert!(expected == found, "ragged {}", place());
                }
            }
        }
    }
    Ok(())
}
