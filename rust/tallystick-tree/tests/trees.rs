//! Trees, forests and files against the vectors that the Python twin writes, and against each other.

use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{Claim, extract, merge, verify_extends, verify_inclusion, verify_many};
use tallystick_tree::build::{LeafRule, Work, build};
use tallystick_tree::error::TreeError;
use tallystick_tree::forest::Forest;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{Block, FixedRows, Leaves, RaggedRows};
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::prove::Selection;
use tallystick_tree::shard::Shard;
use tallystick_tree::tree::{DenseTree, Wanted};

type Outcome = Result<(), Box<dyn Error>>;

/// The leaves of the vectors: leaf i has (37 i) mod 101 bytes, byte j of which is (i + j) mod 256.
fn vector_leaves(size: usize) -> Vec<Vec<u8>> {
    (0..size).map(|i| (0..37 * i % 101).map(|j| ((i + j) % 256) as u8).collect()).collect()
}

fn groups(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1").join(file);
    let mut vectors: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(vectors["groups"].as_array_mut().map(std::mem::take).ok_or("no groups")?)
}

fn bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let hex = value.as_str().ok_or("no text")?;
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}

fn size(value: &Value) -> Result<usize, Box<dyn Error>> {
    Ok(value.as_str().ok_or("no number")?.parse()?)
}

fn plain_run(pool: &Pool) -> Run<'_> {
    Run { pool, interrupt: &never }
}

fn native() -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::of_family("native", accelerated("blake3").ok_or("blake3")?)?)
}

#[test]
fn roots_of_the_vectors() -> Outcome {
    let pool = Pool::new(2)?;
    for group in groups("roots.json")? {
        let scheme = Scheme::decode(&bytes(&group["scheme"]["encoding"])?, &accelerated)?;
        for test in group["tests"].as_array().into_iter().flatten() {
            let leaves = vector_leaves(size(&test["size"])?);
            let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
            let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, plain_run(&pool))?;
            assert_eq!(tree.head()?.root(), bytes(&test["root"])?, "{}", test["id"]);
            let work = Work::new(&scheme, plain_run(&pool));
            assert_eq!(Shard::of_leaves(work, 0, &RaggedRows(&rows))?.head()?, tree.head()?);
        }
    }
    Ok(())
}

#[test]
fn forests_join_in_any_association() -> Outcome {
    let (pool, scheme) = (Pool::serial(), native()?);
    let leaves = vector_leaves(80);
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let work = Work::new(&scheme, plain_run(&pool));
    let forest = |begin: usize, end: usize| build(work, begin as u64, &RaggedRows(&rows[begin..end]), LeafRule::Hashed);
    let join = |left: &mut Forest, right: Forest| {
        let seam = left.seam(&right, &scheme)?;
        left.join(right, seam)
    };
    for begin in 0..40 {
        for first in begin..40 {
            for second in [first, first + 1, first + 7, 40] {
                let mut left = forest(begin, first)?;
                join(&mut left, forest(first, second)?)?;
                join(&mut left, forest(second, 80)?)?;
                let mut right = forest(first, second)?;
                join(&mut right, forest(second, 80)?)?;
                let mut whole = forest(begin, first)?;
                join(&mut whole, right)?;
                assert_eq!(left, whole);
                assert_eq!(left, forest(begin, 80)?, "{begin} {first} {second}");
            }
        }
    }
    assert!(matches!(join(&mut forest(0, 3)?, forest(4, 5)?), Err(TreeError::Defect(_))));
    Ok(())
}

#[test]
fn blocks_and_threads_do_not_show() -> Outcome {
    let (scheme, data) = (native()?, vec![7; 32 * 20_000]);
    let serial = Pool::serial();
    for size in [4095, 4096, 4097, 8192, 20_000] {
        let leaves = FixedRows::new(&data[..32 * size], 32).ok_or("rows")?;
        let one = DenseTree::new(scheme.clone(), &leaves, LeafRule::Hashed, plain_run(&serial))?.head()?;
        for threads in [2, 8] {
            let pool = Pool::new(threads)?;
            let many = DenseTree::new(scheme.clone(), &leaves, LeafRule::Hashed, plain_run(&pool))?;
            assert_eq!(many.head()?, one);
            let grown = DenseTree::new(scheme.clone(), &RaggedRows(&[]), LeafRule::Hashed, plain_run(&pool))?;
            for begin in (0..size).step_by(1777) {
                let end = size.min(begin + 1777);
                grown.extend(&FixedRows::new(&data[32 * begin..32 * end], 32).ok_or("rows")?, plain_run(&pool))?;
            }
            assert_eq!(grown.head()?, one);
        }
    }
    Ok(())
}

#[test]
fn updates_equal_a_rebuild() -> Outcome {
    let (pool, scheme) = (Pool::new(2)?, native()?);
    let mut leaves = vector_leaves(133);
    let rows = |leaves: &[Vec<u8>]| -> Vec<Vec<u8>> { leaves.to_vec() };
    let tree = |leaves: &[Vec<u8>]| {
        let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        DenseTree::new(scheme.clone(), &RaggedRows(&leaves), LeafRule::Hashed, plain_run(&pool))
    };
    let changing = tree(&rows(&leaves))?;
    for step in 1..60_u64 {
        let indices: Vec<u64> = (0..step).map(|k| (k * 29 + step) % 133).collect();
        let new: Vec<Vec<u8>> = indices.iter().map(|index| format!("{step} {index}").into_bytes()).collect();
        let new_rows: Vec<&[u8]> = new.iter().map(Vec::as_slice).collect();
        changing.update(&indices, &RaggedRows(&new_rows), plain_run(&pool))?;
        for (index, leaf) in indices.iter().zip(&new) {
            leaves[*index as usize].clone_from(leaf);
        }
        assert_eq!(changing.head()?, tree(&leaves)?.head()?);
    }
    let before = changing.head()?;
    for indices in [[0, 0], [0, 133]] {
        assert!(changing.update(&indices, &RaggedRows(&[b"a", b"b"]), plain_run(&pool)).is_err());
    }
    assert_eq!(changing.head()?, before);
    Ok(())
}

#[test]
fn proofs_verify_at_every_size() -> Outcome {
    let pool = Pool::new(2)?;
    for family in ["native", "rfc6962"] {
        let scheme = Scheme::of_family(family, accelerated("sha256").ok_or("sha256")?)?;
        let leaves = vector_leaves(70);
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let tree = DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, plain_run(&pool))?;
        for size in 0..=70 {
            let head = tree.head_at(size)?;
            let batch = tree.prove_each(Wanted::All, Some(&head), plain_run(&pool))?;
            assert_eq!(batch.len() as u64, size);
            for index in 0..size {
                let path = batch.path(index as usize).ok_or("path")?;
                verify_inclusion(&head, index, rows[index as usize], path)?;
                assert_eq!(tree.prove(index, Some(&head))?.digests(), path);
            }
            assert!(tree.prove(size, Some(&head)).is_err());
        }
    }
    Ok(())
}

#[test]
fn heads_go_stale_when_their_leaves_change() -> Outcome {
    let (pool, scheme) = (Pool::serial(), native()?);
    let tree = DenseTree::new(scheme.clone(), &RaggedRows(&[b"a", b"b", b"c"]), LeafRule::Hashed, plain_run(&pool))?;
    let (two, anchor) = (tree.head_at(2)?, tree.anchor(None)?);
    tree.extend(&RaggedRows(&[b"d"]), plain_run(&pool))?;
    tree.update(&[2], &RaggedRows(&[b"C"]), plain_run(&pool))?;
    tree.prove(0, Some(&two))?;
    let all = Selection::Range(0..3);
    assert!(matches!(
        tree.prove_anchored(&all, &anchor, None, plain_run(&pool)),
        Err(TreeError::StaleHead { asked: 3, size: 4, .. })
    ));
    let larger = TreeHead::new(scheme.clone(), 5, vec![0; 32])?;
    let other = TreeHead::new(scheme.with_context(vec![1])?, 2, two.root().to_vec())?;
    for head in [larger, other] {
        assert!(matches!(tree.prove(0, Some(&head)), Err(TreeError::StaleHead { .. })));
    }
    Ok(())
}

/// Leaves that take longer to come than a caller goes without asking, so that no hash is too fast for the interrupt.
struct Slow<'a>(FixedRows<'a>);

impl Leaves for Slow<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        std::thread::sleep(Duration::from_millis(40));
        self.0.block(range)
    }
}

#[test]
fn an_interrupted_write_changes_nothing() -> Outcome {
    let pool = Pool::new(2)?;
    let data = vec![1; 32 << 15];
    let leaves = Slow(FixedRows::new(&data, 32).ok_or("rows")?);
    let tree = DenseTree::new(native()?, &RaggedRows(&[b"a"]), LeafRule::Hashed, plain_run(&pool))?;
    let before = tree.head()?;
    let stopped = tree.extend(&leaves, Run { pool: &pool, interrupt: &|| true });
    assert!(matches!(stopped, Err(TreeError::Interrupted(_))));
    assert_eq!(tree.head()?, before);
    Ok(())
}

#[test]
fn shards_join_in_any_association() -> Outcome {
    let (pool, scheme) = (Pool::new(2)?, native()?);
    let data: Vec<u8> = (0..32 * 13_000_u32).map(|byte| (byte % 251) as u8).collect();
    let work = Work::new(&scheme, plain_run(&pool));
    let shard = |begin: usize, end: usize| {
        let rows = FixedRows::new(&data[32 * begin..32 * end], 32).ok_or("rows")?;
        Ok::<_, Box<dyn Error>>(Shard::of_leaves(work, begin as u64, &rows)?)
    };
    let whole = shard(0, 13_000)?;
    let tree =
        DenseTree::new(scheme.clone(), &FixedRows::new(&data, 32).ok_or("rows")?, LeafRule::Hashed, plain_run(&pool))?;
    assert_eq!(whole.head()?, tree.head()?);
    for (first, second) in [(0, 0), (1, 1), (1, 2), (4095, 4097), (5000, 9001), (8192, 12_288), (12_999, 13_000)] {
        let left = shard(0, first)?.join(shard(first, second)?)?.join(shard(second, 13_000)?)?;
        let right = shard(0, first)?.join(shard(first, second)?.join(shard(second, 13_000)?)?)?;
        assert_eq!((&left, &right), (&whole, &whole), "{first} {second}");
        let middle = shard(first, second)?;
        assert_eq!(Shard::of_digests(scheme.clone(), middle.range(), &middle.digests()), Some(middle.clone()));
        assert!(Shard::of_digests(scheme.clone(), middle.range(), &[middle.digests(), vec![0; 32]].concat()).is_none());
    }
    assert!(matches!(shard(0, 3)?.join(shard(4, 5)?), Err(TreeError::NotAdjacent { .. })));
    assert!(matches!(shard(1, 3)?.head(), Err(TreeError::NotFromZero(1))));
    Ok(())
}

#[test]
fn every_subset_is_proven_together() -> Outcome {
    let pool = Pool::serial();
    for family in ["native", "rfc6962"] {
        let scheme = Scheme::of_family(family, accelerated("blake3").ok_or("blake3")?)?;
        for size in 1..=10_usize {
            let leaves = vector_leaves(size);
            let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
            let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, plain_run(&pool))?;
            let head = tree.head()?;
            for subset in 1..1_u64 << size {
                let indices: Vec<u64> = (0..size as u64).rev().filter(|bit| subset >> bit & 1 == 1).collect();
                let claimed: Vec<&[u8]> = indices.iter().map(|index| rows[*index as usize]).collect();
                let proof = tree.prove_many(indices.clone(), None)?;
                let claim = Claim { indices: &indices, leaves: &claimed };
                verify_many(&head, claim, proof.digests())?;
                for index in &indices {
                    let single = extract(&head, claim, proof.digests(), *index)?;
                    assert_eq!(single, tree.prove(*index, None)?);
                    let own = Claim { indices: &[*index], leaves: &[rows[*index as usize]] };
                    let (whole, single) = ((claim, proof.digests()), (own, single.digests()));
                    assert_eq!(merge(&head, single, whole)?, proof);
                }
            }
        }
    }
    Ok(())
}

#[test]
fn growth_is_proven_between_all_sizes() -> Outcome {
    let pool = Pool::serial();
    for family in ["native", "rfc6962"] {
        let scheme = Scheme::of_family(family, accelerated("sha256").ok_or("sha256")?)?;
        let leaves = vector_leaves(40);
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let tree = DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, plain_run(&pool))?;
        let mut wrong = 0;
        for (older, newer) in (1..=40).flat_map(|newer| (1..=newer).map(move |older| (older, newer))) {
            let (old, new) = (tree.head_at(older)?, tree.head_at(newer)?);
            let proof = tree.prove_extends(older, Some(&new))?;
            verify_extends(&new, &old, proof.digests())?;
            for other in (0..=40).filter(|other| *other != older) {
                assert!(verify_extends(&new, &tree.head_at(other)?, proof.digests()).is_err() || other == newer);
                wrong += 1;
            }
        }
        assert!(wrong > 10_000);
        assert!(tree.prove_extends(0, None).is_err());
        assert!(tree.prove_extends(41, None).is_err());
    }
    Ok(())
}
