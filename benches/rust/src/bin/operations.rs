//! Operations on trees beside the raw kernel in the same run:
//! `cargo run --release -p tallystick-bench --bin operations [hash…] [--log2 20]`.
//!
//! The unit of a build is a node. Its first row is the kernel alone, over 4,096 nodes that stay in cache; every ratio is to
//! that row. Leaves are digests already, so that a build is its nodes and nothing else, unless a row says otherwise. In sum
//! trees they have amounts besides, and the kernel of the same hash without sums stands beside theirs.

use std::time::Duration;

use tallystick_bench::{Way, table};
use tallystick_proof::frame::Places;
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
        for family in ["native", "native_sum", "rfc6962"] {
            let scheme = of_family(family, hash)?;
            println!("\n{family}/{hash}, 2^{log2} leaves of 32 bytes");
            building(&scheme, 1 << log2)?;
            verifying(&scheme, 1 << log2)?;
            updating(&scheme, 1 << log2)?;
        }
    }
    Ok(())
}

fn of_family(family: &str, hash: &str) -> Outcome<Scheme> {
    Ok(Scheme::of_family(family, accelerated(hash).ok_or("there is no such hash")?)?)
}

/// Leaves of 32 bytes, in sum trees each behind its amount.
fn leaves(scheme: &Scheme, size: usize) -> Vec<u8> {
    with_amounts(scheme, size, |record| (record.len() - 32, 0))
}

/// What a tree stores of so many nodes: digests, in sum trees each with its sum behind it.
fn records(scheme: &Scheme, size: usize) -> Vec<u8> {
    with_amounts(scheme, size, |_| (0, 32))
}

/// 32 bytes of noise each, and the rest an amount below 2^64: any number of them adds to no more than fits. `places` says where
/// either begins.
fn with_amounts(scheme: &Scheme, size: usize, places: impl Fn(&[u8]) -> (usize, usize)) -> Vec<u8> {
    let mut rows = vec![0; size * scheme.width()];
    for (row, noise) in rows.chunks_exact_mut(scheme.width()).zip(noise(size * 40).chunks_exact(40)) {
        let (data, amount) = places(row);
        row[data..data + 32].copy_from_slice(&noise[..32]);
        if scheme.width() > 32 {
            row[amount..amount + 8].copy_from_slice(&noise[32..]);
        }
    }
    rows
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
    let width = scheme.width();
    let (data, known) = (leaves(scheme, size), records(scheme, size));
    let rows = FixedRows::new(&data, width).ok_or("rows")?;
    let digests = FixedRows::new(&known, width).ok_or("rows")?;
    let pools = [Pool::serial(), Pool::new(2)?];
    let mut parents = vec![0; IN_CACHE * width];
    let mut made = vec![0; IN_CACHE * width];
    let children = &known[..IN_CACHE * 2 * width];
    let dense = of_family("native", &scheme.hash().info().name)?;
    let mut dense_parents = vec![0; IN_CACHE * 32];
    let mut ways = vec![
        Way::new("the kernel alone", IN_CACHE, || {
            let _ = scheme.nodes(1, Places::From(0), children, &mut parents);
        }),
        Way::new("the kernel on leaves alone", IN_CACHE, || {
            let _ = scheme.leaf_rows(Places::From(0), &data[..IN_CACHE * width], width, &mut made);
        }),
    ];
    if scheme.record().is_summed() {
        ways.push(Way::new(format!("the kernel of {}", dense.name()), IN_CACHE, || {
            let _ = dense.nodes(1, Places::From(0), &known[..IN_CACHE * 64], &mut dense_parents);
        }));
    }
    for pool in &pools {
        let run = Run { pool, interrupt: &never };
        let threads = pool.threads();
        ways.push(Way::new(format!("build, {threads} threads"), size, move || {
            let _ = DenseTree::new(scheme.clone(), &digests, LeafRule::Digests, run);
        }));
        ways.push(Way::new(format!("build with leaf hashing, {threads} threads"), size, move || {
            let _ = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run);
        }));
        ways.push(Way::new(format!("head only, with leaf hashing, {threads} threads"), size, move || {
            let work = tallystick_tree::build::Work::new(scheme, run);
            let _ = Shard::of_leaves(work, 0, &rows);
        }));
    }
    table(&mut ways, 9, Duration::from_millis(30));
    Ok(())
}

fn verifying(scheme: &Scheme, size: usize) -> Outcome<()> {
    let width = scheme.width();
    let data = leaves(scheme, size);
    let rows = FixedRows::new(&data, width).ok_or("rows")?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run)?;
    let head = tree.head()?;
    let indices = places(4096, size as u64);
    let claimed: Vec<u8> =
        indices.iter().flat_map(|index| &data[*index as usize * width..][..width]).copied().collect();
    let claimed_rows = FixedRows::new(&claimed, width).ok_or("rows")?;
    let proofs = tree.prove_each(Wanted::These(Selection::These(&indices)), None, run)?;
    let anchor = tree.anchor(None)?;
    let mut used: Option<ProofBatch> = None;
    let mut next = 0;
    let mut ways = vec![
        Way::new("verify one by one", indices.len(), || {
            for (place, index) in indices.iter().enumerate() {
                if let Some(path) = proofs.path(place) {
                    let _ = verify_inclusion(&head, *index, &claimed[place * width..][..width], path);
                }
            }
        }),
        Way::new("verify each", indices.len(), || {
            let _ = check_each(&head, Some(&indices), &claimed_rows, &proofs, run);
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
    let width = scheme.width();
    let data = leaves(scheme, size);
    let rows = FixedRows::new(&data, width).ok_or("rows")?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = DenseTree::new(scheme.clone(), &rows, LeafRule::Hashed, run)?;
    for count in [1_000, 10_000] {
        let indices = places(count, size as u64);
        let replaced = leaves(scheme, indices.len());
        let rows = FixedRows::new(&replaced, width).ok_or("rows")?;
        let mut ways = vec![
            Way::new(format!("update {count}, path by path"), indices.len(), || {
                for (index, row) in indices.iter().zip(replaced.chunks_exact(width)) {
                    if let Some(row) = FixedRows::new(row, width) {
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
