//! Building trees of every dense scheme beside their own compressions at the rate of the raw kernel, in the same run:
//! `cargo run --release -p tallystick-bench --bin schemes [scheme…] [--log2 18] [--threads 1]`.
//!
//! The first row of a scheme is the kernel alone, on rows that stay in cache: as many leaves and nodes as the tree has, of the
//! width of their preimages, hashed as often as the scheme says. Every ratio is to that row. Gathering, sorting pairs and
//! leaves, and writing the tree are in the build alone.

use std::time::Duration;

use tallystick_bench::{Way, table};
use tallystick_proof::frame::{Frame, Part};
use tallystick_proof::hash::{Prefix, Seeded};
use tallystick_proof::scheme::{Kind, Leaf, Scheme, families};
use tallystick_tree::build::LeafRule;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::memory::set_arena;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::tree::DenseTree;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Rows that are hashed together, and stay in cache.
const TOGETHER: usize = 1024;
/// The hash that a scheme's counterparts use, where that is not SHA-256.
const HASHES: [(&str, &str); 5] = [
    ("native", "blake3"),
    ("openzeppelin_", "keccak256"),
    ("nervos_mmr", "blake2b_256"),
    ("grin_mmr", "blake2b_256"),
    ("", "sha256"),
];
/// Those with parameters.
const PARAMETRISED: [&str; 8] = [
    "openzeppelin_solidity(32,Z)",
    "fixed_depth(32,2,Z)",
    "fixed_depth(16,4,Z)",
    "fixed_depth(16,5,Z)",
    "ssz_list(1099511627776)",
    "filecoin(2)",
    "filecoin(4)",
    "filecoin(8)",
];

fn main() -> Outcome<()> {
    let (mut asked, mut log2, mut threads) = (Vec::new(), 18, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--log2" => log2 = arguments.next().ok_or("--log2 takes a number")?.parse()?,
            "--threads" => threads = arguments.next().ok_or("--threads takes a number")?.parse()?,
            _ => asked.push(argument),
        }
    }
    // Memory is warm: that of one build serves the next.
    set_arena(Some(usize::MAX));
    let pool = if threads == 1 { Pool::serial() } else { Pool::new(threads)? };
    for family in families().map(String::from).chain(PARAMETRISED.map(|text| text.replace('Z', &"00".repeat(32)))) {
        let hash = HASHES.iter().find(|(start, _)| family.starts_with(start)).map_or("sha256", |(_, hash)| *hash);
        let scheme = Scheme::of_family(&family, accelerated(hash).ok_or("a hash")?)?;
        let wanted = asked.is_empty() || asked.iter().any(|asked| scheme.name().starts_with(asked));
        if wanted && scheme.kind() == Kind::Dense {
            measure(&scheme, 1 << log2, &pool)?;
        }
    }
    Ok(())
}

fn measure(scheme: &Scheme, size: usize, pool: &Pool) -> Outcome<()> {
    // Filecoin's trees have a power of their arity of leaves.
    let size = (1..=size).rev().find(|size| scheme.sizes().take(*size as u64)).ok_or("a size")?;
    let width = if scheme.bare_leaves() { scheme.width() } else { 64 };
    let data = noise(size * width);
    let rows = FixedRows::new(&data, width).ok_or("rows")?;
    let run = Run { pool, interrupt: &never };
    let compressions = Compressions::new(scheme, size, width)?;
    let name = scheme.name();
    println!("\n{} {size} leaves of {width} bytes", name.get(..40).unwrap_or(&name));
    table(
        &mut [
            Way::new("its compressions at the kernel's rate", size, || compressions.run()),
            Way::new("build", size, || {
                let _ = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run);
            }),
        ],
        9,
        Duration::from_millis(30),
    );
    Ok(())
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(length).collect()
}

/// What a tree hashes.
struct Compressions(Vec<(std::sync::Arc<dyn Seeded>, usize, usize)>);

impl Compressions {
    fn new(scheme: &Scheme, size: usize, leaf: usize) -> Outcome<Self> {
        let rules = scheme.rules();
        let (arity, digest) = (scheme.grid().map_or(2, |grid| grid.arity() as usize), scheme.digest_size());
        let nodes = (size - 1).div_ceil(arity - 1);
        let mut kinds = vec![(&rules.node, arity * digest, nodes)];
        if let Leaf::Hashed(frame) = &rules.leaf {
            kinds.push((frame, leaf, size));
        }
        let mut all = Vec::new();
        for (frame, body, count) in kinds {
            let (prefix, width) = preimage(frame, body, scheme)?;
            all.push((scheme.hash().seed(&prefix)?, width, count));
            if frame.is_twice() {
                all.push((scheme.hash().unseeded()?, digest, count));
            }
        }
        Ok(Self(all))
    }

    fn run(&self) {
        for (seeded, width, count) in &self.0 {
            let (rows, mut out) = (vec![7; width * TOGETHER], vec![0; 32 * TOGETHER]);
            for first in (0..*count).step_by(TOGETHER) {
                let now = TOGETHER.min(count - first);
                let _ = seeded.rows(&rows[..now * width], *width, &mut out[..now * 32]);
            }
        }
    }
}

/// What is absorbed ahead, and the width of what is left.
fn preimage(frame: &Frame, body: usize, scheme: &Scheme) -> Outcome<(Prefix, usize)> {
    let prefix = match frame.parts().first() {
        Some(Part::Tag(label)) => scheme.hash().tag(label)?,
        Some(Part::Lit(bytes)) => Prefix::Bytes(bytes.to_vec()),
        _ => Prefix::Bytes(Vec::new()),
    };
    let width = frame.parts().iter().enumerate().map(|(place, part)| match part {
        Part::Lit(bytes) if place > 0 => bytes.len(),
        Part::Number(_, int) => int.bytes(),
        Part::Body => body,
        _ => 0,
    });
    Ok((prefix, width.sum()))
}
