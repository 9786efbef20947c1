//! Builds trees for `benches/python/aims.py`, which times the same build through Python in turn.
//!
//! ```text
//! builds SCHEME LEAVES
//! ```
//!
//! LEAVES has rows of 32 bytes. For each line of standard input the tree is built on one thread and dropped, and the
//! seconds of the build are printed with the root.

use std::io::{Write, stdin, stdout};
use std::time::Instant;

use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::tree::DenseTree;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [scheme, leaves] = words.as_slice() else { return Err("SCHEME LEAVES".into()) };
    let (family, hash) = scheme.split_once('/').ok_or("a scheme is family/hash")?;
    let scheme = Scheme::of_family(family, accelerated(hash).ok_or("there is no such hash")?)?;
    let data = std::fs::read(leaves)?;
    let rows = FixedRows::new(&data, 32).ok_or("rows of 32 bytes")?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    for line in stdin().lines() {
        line?;
        let begin = Instant::now();
        let tree = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run)?;
        let seconds = begin.elapsed().as_secs_f64();
        let root: String = tree.head()?.root().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut out = stdout().lock();
        writeln!(out, "{seconds} {root}")?;
        out.flush()?;
    }
    Ok(())
}
