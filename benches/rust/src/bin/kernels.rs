//! Every kernel at every level, a node at a time in bulk: `cargo run --release -p tallystick-bench --bin kernels [hash…]`.
//!
//! A node is a row of 64 bytes behind the prefix of a scheme family; 4,096 a call, all in cache.

use std::time::Duration;

use tallystick_bench::{Way, table};
use tallystick_proof::hash::builtin_names;
use tallystick_proof::scheme::{Scheme, families};
use tallystick_tree::kernels::{Level, limited};

const NODES: usize = 4096;

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
        table(&mut ways, 41, Duration::from_millis(4));
    }
    Ok(())
}
