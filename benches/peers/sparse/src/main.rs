//! Sparse trees of others beside ours, on one thread, in memory: `cargo run --release -- [KEYS]`.
//!
//! Every tree gets the same keys of 32 bytes and values of 32: all at once, then batches of 10,000 that replace values, then a proof
//! each of 10,000 keys. All hash with BLAKE3 but jmt, which comes with SHA-256. Rounds go through the trees in turn;
//! what is printed is the median of the nanoseconds a key, the least, and the ratio to ours.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use jmt::mock::MockTreeStore;
use jmt::{KeyHash, Sha256Jmt};
use monotree::Monotree;
use sparse_merkle_tree::default_store::DefaultStore;
use sparse_merkle_tree::traits::Hasher;
use sparse_merkle_tree::{H256, SparseMerkleTree};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::sparse::{At, SparseTree};

type Row = [u8; 32];
const BATCH: usize = 10_000;
const ROUNDS: usize = 3;

/// Keys and values of one round: all, and those of a batch.
struct Work {
    keys: Vec<Row>,
    values: Vec<Row>,
    changed: Vec<Row>,
    news: Vec<Row>,
}

fn random(seed: u64, count: usize) -> Vec<Row> {
    let mut rows = vec![[0; 32]; count];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(rows.as_flattened_mut());
    rows
}

/// Nanoseconds a key: load, batch, proof.
type Times = [f64; 3];
type Tree = fn(&Work) -> Result<Times>;

fn timed(count: usize, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64() * 1e9 / count as f64)
}

fn ours(work: &Work) -> Result<Times> {
    let scheme = Scheme::of_family("native_sparse", accelerated("blake3").context("BLAKE3")?)?;
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = SparseTree::new(scheme, Some(1), 0)?;
    let update = |keys: &[Row], values: &[Row]| {
        let values = FixedRows::new(values.as_flattened(), 32).context("rows of 32 bytes")?;
        tree.update(keys.as_flattened(), &values, 0, run)?;
        Ok(())
    };
    Ok([
        timed(work.keys.len(), || update(&work.keys, &work.values))?,
        timed(BATCH, || update(&work.changed, &work.news))?,
        timed(BATCH, || {
            for key in &work.changed {
                tree.prove(key, At::Newest, run)?;
            }
            Ok(())
        })?,
    ])
}

#[derive(Default)]
struct Blake3(blake3::Hasher);

impl Hasher for Blake3 {
    fn write_h256(&mut self, digest: &H256) {
        self.0.update(digest.as_slice());
    }

    fn write_byte(&mut self, byte: u8) {
        self.0.update(&[byte]);
    }

    fn finish(self) -> H256 {
        H256::from(*self.0.finalize().as_bytes())
    }
}

fn nervos(work: &Work) -> Result<Times> {
    let mut tree = SparseMerkleTree::<Blake3, H256, DefaultStore<H256>>::default();
    let pairs = |keys: &[Row], values: &[Row]| -> Vec<(H256, H256)> {
        keys.iter().zip(values).map(|(key, value)| (H256::from(*key), H256::from(*value))).collect()
    };
    let error = |error: sparse_merkle_tree::error::Error| anyhow::anyhow!("{error}");
    let (all, news) = (pairs(&work.keys, &work.values), pairs(&work.changed, &work.news));
    let load = timed(work.keys.len(), || tree.update_all(all).map(|_| ()).map_err(error))?;
    let batch = timed(BATCH, || tree.update_all(news).map(|_| ()).map_err(error))?;
    let proof = timed(BATCH, || {
        for key in &work.changed {
            tree.merkle_proof(vec![H256::from(*key)]).map_err(error)?;
        }
        Ok(())
    })?;
    Ok([load, batch, proof])
}

fn jellyfish(work: &Work) -> Result<Times> {
    let store = MockTreeStore::default();
    let tree = Sha256Jmt::new(&store);
    let put = |keys: &[Row], values: &[Row], version| {
        let pairs = keys.iter().zip(values).map(|(key, value)| (KeyHash(*key), Some(value.to_vec())));
        let (_, batch) = tree.put_value_set(pairs, version)?;
        store.write_tree_update_batch(batch)
    };
    Ok([
        timed(work.keys.len(), || put(&work.keys, &work.values, 0))?,
        timed(BATCH, || put(&work.changed, &work.news, 1))?,
        timed(BATCH, || {
            for key in &work.changed {
                ensure!(tree.get_with_proof(KeyHash(*key), 1)?.0.is_some(), "a key is there");
            }
            Ok(())
        })?,
    ])
}

fn mono(work: &Work) -> Result<Times> {
    let mut tree = Monotree::default();
    let error = |error: monotree::Errors| anyhow::anyhow!("{error}");
    let mut root = None;
    let load = timed(work.keys.len(), || {
        root = tree.inserts(None, &work.keys, &work.values).map_err(error)?;
        Ok(())
    })?;
    let batch = timed(BATCH, || {
        root = tree.inserts(root.as_ref(), &work.changed, &work.news).map_err(error)?;
        Ok(())
    })?;
    let proof = timed(BATCH, || {
        for key in &work.changed {
            tree.get_merkle_proof(root.as_ref(), key).map_err(error)?.context("a key is there")?;
        }
        Ok(())
    })?;
    Ok([load, batch, proof])
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    ensure!(count >= BATCH, "at least {BATCH} keys");
    let trees: [(&str, Tree); 4] = [
        ("tallystick native_sparse/blake3", ours),
        ("sparse-merkle-tree, trie, BLAKE3", nervos),
        ("jmt, SHA-256", jellyfish),
        ("monotree, BLAKE3", mono),
    ];
    let mut times: Vec<Vec<Times>> = vec![Vec::new(); trees.len()];
    for round in 0..ROUNDS as u64 {
        let (keys, values) = (random(2 * round, count), random(2 * round + 1, count));
        let changed = keys.iter().step_by(count / BATCH).take(BATCH).copied().collect();
        let work = Work { keys, values, changed, news: random(100 + round, BATCH) };
        for ((_, tree), times) in trees.iter().zip(&mut times) {
            times.push(tree(&work)?);
        }
    }
    println!("{count} keys; nanoseconds a key: median, least, times ours\n");
    println!("{:<34}{:>26}{:>26}{:>26}", "", "load", "replace 10,000", "prove");
    for ((name, _), own) in trees.iter().zip(&times) {
        print!("{name:<34}");
        for what in 0..3 {
            let all: Vec<f64> = own.iter().map(|times| times[what]).collect();
            let ratios = own.iter().zip(&times[0]).map(|(own, ours)| own[what] / ours[what]).collect();
            let least = all.iter().copied().fold(f64::INFINITY, f64::min);
            print!("{:>11.0}{least:>8.0}{:>6.1}x", median(all), median(ratios));
        }
        println!();
    }
    Ok(())
}
