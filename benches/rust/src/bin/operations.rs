//! Operations on trees beside the raw kernel in the same run:
//! `cargo run --release -p tallystick-bench --bin operations [hash…] [--log2 20]`.
//!
//! The unit of a build is a node. Its first row is the kernel alone, over 4,096 nodes that stay in cache; every ratio is to
//! that row. Leaves are digests already, so that a build is its nodes and nothing else, unless a row says otherwise.

use std::time::Duration;

use tallystick_bench::{Way, table};
use tallystick_proof::proof::ProofBatch;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::build::LeafRule;
use tallystick_tree::check::check_each;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::memory::set_arena;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::prove::Selection;
use tallystick_tree::shard::Shard;
use tallystick_tree::tree::{DenseTree, Wanted};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const IN_CACHE: usize = 4096;

fn main() -> Outcome<()> {
    let (mut hashes, mut log2) = (Vec::new(), 20);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--log2" => log2 = arguments.next().ok_or("--log2 takes a number")?.parse()?,
            _ => hashes.push(argument),
        }
    }
    if hashes.is_empty() {
        hashes = ["blake3", "sha256", "keccak256"].map(String::from).to_vec();
    }
    // Memory is warm: that of one build serves the next.
    set_arena(Some(usize::MAX));
    for hash in &hashes {
        for family in ["native", "rfc6962"] {
            let scheme = Scheme::of_family(family, accelerated(hash).ok_or("there is no such hash")?)?;
            println!("\n{family}/{hash}, 2^{log2} leaves of 32 bytes");
            building(&scheme, 1 << log2)?;
            verifying(&scheme, 1 << log2)?;
            updating(&scheme, 1 << log2)?;
        }
    }
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

/// Distinct places below `size`, spread over all of it.
fn places(count: u64, size: u64) -> Vec<u64> {
    let step = size / count;
    (0..count).map(|place| place * step + place * 7919 % step.max(1)).collect()
}

fn building(scheme: &Scheme, size: usize) -> Outcome<()> {
    let data = noise(size * 32);
    let rows = FixedRows::new(&data, 32).ok_or("rows")?;
    let pools = [Pool::serial(), Pool::new(2)?];
    let mut parents = vec![0; IN_CACHE * 32];
    let mut digests = vec![0; IN_CACHE * 32];
    let mut ways = vec![
        Way::new("the kernel alone", IN_CACHE, || {
            let _ = scheme.nodes(&data[..IN_CACHE * 64], &mut parents);
        }),
        Way::new("the kernel on leaves alone", IN_CACHE, || {
            let _ = scheme.leaf_rows(&data[..IN_CACHE * 32], 32, &mut digests);
        }),
    ];
    for pool in &pools {
        let run = Run { pool, interrupt: &never };
        let threads = pool.threads();
        ways.push(Way::new(format!("build, {threads} threads"), size, move || {
            let _ = DenseTree::new(scheme.clone(), &rows, LeafRule::Digests, run);
        }));
        ways.push(Way::new(format!("build with leaf hashing, {threads} threads"), size, move || {
            let _ = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run);
        }));
        ways.push(Way::new(format!("head only, with leaf hashing, {threads} threads"), size, move || {
            let work = tallystick_tree::build::Work { scheme, run };
            let _ = Shard::of_leaves(work, 0, &rows);
        }));
    }
    table(&mut ways, 9, Duration::from_millis(30));
    Ok(())
}

fn verifying(scheme: &Scheme, size: usize) -> Outcome<()> {
    let data = noise(size * 32);
    let rows = FixedRows::new(&data, 32).ok_or("rows")?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run)?;
    let head = tree.head()?;
    let indices = places(4096, size as u64);
    let claimed: Vec<u8> = indices.iter().flat_map(|index| &data[*index as usize * 32..][..32]).copied().collect();
    let claimed_rows = FixedRows::new(&claimed, 32).ok_or("rows")?;
    let proofs = tree.prove_each(Wanted::These(Selection::These(&indices)), None, run)?;
    let anchor = tree.anchor(None)?;
    let mut used: Option<ProofBatch> = None;
    let mut next = 0;
    let mut ways = vec![
        Way::new("verify one by one", indices.len(), || {
            for (place, index) in indices.iter().enumerate() {
                if let Some(path) = proofs.path(place) {
                    let _ = verify_inclusion(&head, *index, &claimed[place * 32..][..32], path);
                }
            }
        }),
        Way::new("verify each", indices.len(), || {
            let _ = check_each(&head, &indices, &claimed_rows, &proofs, run);
        }),
        Way::new("all proofs in chunks of 4,096", 4096, || {
            let begin = next % (size as u64 - 4095);
            next = begin + 4096;
            used = tree.prove_anchored(&Selection::Range(begin..begin + 4096), &anchor, used.take(), run).ok();
        }),
    ];
    table(&mut ways, 9, Duration::from_millis(30));
    Ok(())
}

fn updating(scheme: &Scheme, size: usize) -> Outcome<()> {
    let data = noise(size * 32);
    let rows = FixedRows::new(&data, 32).ok_or("rows")?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run)?;
    for count in [1_000, 10_000] {
        let indices = places(count, size as u64);
        let replaced = noise(indices.len() * 32);
        let rows = FixedRows::new(&replaced, 32).ok_or("rows")?;
        let mut ways = vec![
            Way::new(format!("update {count}, path by path"), indices.len(), || {
                for (index, row) in indices.iter().zip(replaced.chunks_exact(32)) {
                    if let Some(row) = FixedRows::new(row, 32) {
                        let _ = tree.update(&[*index], &row, run);
                    }
                }
            }),
            Way::new(format!("update {count} at once"), indices.len(), || {
                let _ = tree.update(&indices, &rows, run);
            }),
        ];
        table(&mut ways, 9, Duration::from_millis(30));
    }
    Ok(())
}
