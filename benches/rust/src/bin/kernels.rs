//! Every kernel at every level, a node at a time in bulk: `cargo run --release -p tallystick-bench --bin kernels [hash…]`.
//!
//! A node is a row of 64 bytes behind the prefix of a scheme family; 4,096 a call, all in cache. Leaves of a few widths,
//! behind a prefix of one byte, are measured beside them.

use std::time::Duration;

use tallystick_bench::{Way, table};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::{Prefix, builtin, builtin_names};
use tallystick_proof::scheme::{Scheme, families};
use tallystick_tree::kernels::{Level, limited};

const NODES: usize = 4096;
/// Bytes of a leaf.
const LEAVES: [usize; 3] = [32, 33, 100];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let rows: Vec<u8> = (0..NODES * 100).map(|byte| (byte * 31 % 251) as u8).collect();
    let zeros = vec![0; rows.len()];
    for hash in builtin_names().filter(|name| asked.is_empty() || asked.iter().any(|asked| asked == name)) {
        let mut ways = Vec::new();
        for family in families() {
            for level in Level::ALL.into_iter().filter(|level| *level <= Level::detected()) {
                let Ok(scheme) = Scheme::of_family(family, limited(hash, level).ok_or("a hash")?) else { continue };
                let length = NODES * 2 * scheme.width();
                // Sums of any bytes would add to too much.
                let children = if scheme.record().is_summed() { &zeros[..length] } else { &rows[..length] };
                let mut parents = vec![0; length / 2];
                ways.push(Way::new(format!("{family}/{hash} {level}"), NODES, move || {
                    // A built-in hash does not fail on rows that fit.
                    let _ = scheme.nodes(1, Places::From(0), children, &mut parents);
                }));
            }
        }
        for width in LEAVES {
            for level in Level::ALL.into_iter().filter(|level| *level <= Level::detected()) {
                let seeded = limited(hash, level).ok_or("a hash")?.seed(&Prefix::Bytes(vec![0]))?;
                let (leaves, mut digests) =
                    (&rows[..NODES * width], vec![0; NODES * builtin(hash).ok_or("a hash")?.digest_size()]);
                ways.push(Way::new(format!("leaf of {width}/{hash} {level}"), NODES, move || {
                    let _ = seeded.rows(leaves, width, &mut digests);
                }));
            }
        }
        table(&mut ways, 41, Duration::from_millis(4));
    }
    Ok(())
}
