//! Every kernel at every level, a node at a time in bulk: `cargo run --release -p tallystick-bench --bin kernels [hash…]`.
//!
//! A node is a row of 64 bytes behind the prefix of a scheme family; leaves are rows of other widths, without a prefix.
//! 4,096 a call, all in cache.

use std::time::Duration;

use tallystick_bench::{Way, beside, print};
use tallystick_proof::hash::{builtin, builtin_names};
use tallystick_proof::scheme::{Scheme, families};
use tallystick_tree::kernels::{Level, limited};

const NODES: usize = 4096;
/// Bytes of a leaf.
const LEAVES: [usize; 3] = [32, 33, 100];

fn digest_size(hash: &str) -> Result<usize, &'static str> {
    builtin(hash).map(|hash| hash.digest_size()).ok_or("a hash")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let children: Vec<u8> = (0..NODES * 64).map(|byte| (byte * 31 % 251) as u8).collect();
    for hash in builtin_names().filter(|name| asked.is_empty() || asked.iter().any(|asked| asked == name)) {
        let mut ways = Vec::new();
        for family in families() {
            for level in Level::ALL.into_iter().filter(|level| *level <= Level::detected()) {
                let Ok(scheme) = Scheme::of_family(family, limited(hash, level).ok_or("a hash")?) else { continue };
                let (children, mut parents) = (&children, vec![0; NODES * 32]);
                ways.push(Way::new(format!("{family}/{hash} {level}"), NODES, move || {
                    // A built-in hash does not fail on rows that fit.
                    let _ = scheme.nodes(children, &mut parents);
                }));
            }
        }
        for (width, level) in LEAVES.iter().flat_map(|width| Level::ALL.map(|level| (*width, level))) {
            if level <= Level::detected() {
                let seeded = limited(hash, level).ok_or("a hash")?.unseeded()?;
                let (leaves, mut digests) = (vec![7; NODES * width], vec![0; NODES * digest_size(hash)?]);
                ways.push(Way::new(format!("leaves of {width}/{hash} {level}"), NODES, move || {
                    // As above.
                    let _ = seeded.rows(&leaves, width, &mut digests);
                }));
            }
        }
        let measured = beside(&mut ways, 41, Duration::from_millis(4));
        print(&ways, &measured);
    }
    Ok(())
}
