//! What a sparse tree costs a key, on one thread: `cargo run --release -p tallystick-bench --bin sparse [KEYS]`.
//!
//! Loads so many keys at once, changes batches of 10,000, makes proofs and verifies them; prints the best of some runs.

use std::time::{Duration, Instant};

use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{KeyClaims, verify_key, verify_keys_by};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::sparse::{At, SparseTree};

/// Bytes that are the same in every run.
fn random(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let word = |_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()
    };
    (0..length.div_ceil(8)).flat_map(word).take(length).collect()
}

fn report(what: &str, count: usize, took: Duration) {
    let each = took.as_secs_f64() / count as f64;
    println!("{what:<44}{:>9.0} ns a key{:>9.2} M/s", each * 1e9, 1e-6 / each);
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let hash = accelerated("blake3").ok_or("BLAKE3 is built in")?;
    let scheme = Scheme::of_family("native_sparse", hash)?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let (keys, rows) = (random(1, count * 32), random(2, count * 8));
    let values = FixedRows::new(&rows, 8).ok_or("rows of 8 bytes")?;
    let mut best = Duration::MAX;
    let mut last = None;
    for _ in 0..3 {
        drop(last.take());
        let tree = SparseTree::new(scheme.clone(), Some(1), 0)?;
        let (done, took) = timed(|| tree.update(&keys, &values, 0, run));
        done?;
        best = best.min(took);
        last = Some(tree);
    }
    let tree = last.ok_or("a tree")?;
    report("load", count, best);
    println!("{:<44}{:>9.0} bytes a key", "memory", tree.bytes() as f64 / count as f64);

    let changed = count.min(10_000);
    for (what, known) in [("insert 10,000", false), ("replace 10,000", true)] {
        let mut best = Duration::MAX;
        for seed in 10..20 {
            let fresh = random(seed, changed * 32);
            let keys = if known { &keys[(seed as usize * 7 % 50) * changed * 32..][..changed * 32] } else { &fresh };
            let values = random(seed, changed * 8);
            let values = FixedRows::new(&values, 8).ok_or("rows of 8 bytes")?;
            let (done, took) = timed(|| tree.update(keys, &values, 0, run));
            done?;
            best = best.min(took);
        }
        report(what, changed, best);
    }
    let asked = count.min(100_000);
    let (_, took) =
        timed(|| keys.chunks(32).take(asked).filter(|key| tree.prove(key, At::Newest, run).is_ok()).count());
    report("prove, one by one", asked, took);
    let mut sorted: Vec<&[u8]> = keys.chunks(32).take(asked).collect();
    sorted.sort_unstable();
    let (_, took) = timed(|| sorted.iter().filter(|key| tree.prove(key, At::Newest, run).is_ok()).count());
    report("prove, one by one in order", asked, took);
    let (proof, took) = timed(|| tree.prove_many(&keys[..asked * 32], At::Newest, run));
    proof?;
    report("prove, all together", asked, took);
    // What was replaced has its first value again.
    tree.update(&keys, &values, 0, run)?;
    verify(&tree, &keys, &rows, run)
}

/// Half of the claimed keys are present.
fn verify(tree: &SparseTree, keys: &[u8], values: &[u8], run: Run<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let head = tree.info(At::Newest)?.head;
    let asked = (keys.len() / 32).min(250_000);
    let others = random(3, asked * 32);
    let present: Vec<&[u8]> = keys.chunks(32).take(asked).collect();
    let values: Vec<&[u8]> = values.chunks(8).take(asked).collect();
    let absent: Vec<&[u8]> = others.chunks(32).collect();
    let proof = tree.prove_many(&[&keys[..asked * 32], &others].concat(), At::Newest, run)?;
    let claims = KeyClaims { present: &present, values: &values, prehashed: false, absent: &absent };
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let (verdict, took) = timed(|| verify_keys_by(&run, &head, claims, &proof));
        verdict?;
        best = best.min(took);
    }
    report("verify, all together", 2 * asked, best);
    let few = asked.min(20_000);
    let proofs = present.iter().take(few).map(|key| tree.prove(key, At::Newest, run)).collect::<Result<Vec<_>, _>>()?;
    let all = || present.iter().zip(&values).zip(&proofs);
    let (accepted, took) =
        timed(|| all().filter(|((key, value), proof)| verify_key(&head, key, value, proof).is_ok()).count());
    report("verify, one by one", few, took);
    if accepted == few { Ok(()) } else { Err("a proof was refused".into()) }
}
