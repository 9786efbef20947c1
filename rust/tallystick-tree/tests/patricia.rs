//! Patricia tries: any batches lead to the trie of what is left, proofs verify, and a batch that fails changes nothing.

use std::cell::Cell;
use std::collections::BTreeMap;

use tallystick_proof::patricia::{KeyClaim, verify};
use tallystick_tree::error::TreeError;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::patricia::PatriciaTree;
use tallystick_tree::pool::{Pool, Run, never};

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// Pseudo-random numbers: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    fn bytes(&mut self, length: usize, among: &[u8]) -> Vec<u8> {
        (0..length).map(|_| among[self.below(among.len())]).collect()
    }
}

fn tree(secure: bool) -> Result<PatriciaTree, Box<dyn std::error::Error>> {
    Ok(PatriciaTree::new(secure, accelerated("keccak256").ok_or("a hash")?)?)
}

fn rows(rows: &[Vec<u8>]) -> Vec<&[u8]> {
    rows.iter().map(Vec::as_slice).collect()
}

fn update(tree: &PatriciaTree, items: &Model, run: Run<'_>) -> Result<(), TreeError> {
    let (keys, values): (Vec<_>, Vec<_>) = items.clone().into_iter().unzip();
    tree.update(&RaggedRows(&rows(&keys)), &RaggedRows(&rows(&values)), run)
}

#[test]
fn batches_against_a_map() -> Outcome {
    let pool = Pool::new(2)?;
    let run = Run { pool: &pool, interrupt: &never };
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..150 {
        let (secure, among) =
            (round % 4 == 0, if round % 2 == 0 { &[0, 1, 0x10][..] } else { &[0, 1, 2, 3, 250, 0x31] });
        let (tree, mut model) = (tree(secure)?, Model::new());
        for _ in 0..6 {
            let batch: Model = (0..numbers.below(20))
                .map(|_| {
                    let length = numbers.below(5);
                    let (key, size) = (numbers.bytes(length, among), 1 + numbers.below(60));
                    (key, numbers.bytes(size, &[1, 2, 3]))
                })
                .collect();
            update(&tree, &batch, run)?;
            model.extend(batch);
            let gone: Vec<Vec<u8>> = model.keys().filter(|_| numbers.below(3) == 0).cloned().collect();
            tree.remove(&RaggedRows(&rows(&gone)), run)?;
            model.retain(|key, _| !gone.contains(key));
            check(&tree, &model, &gone, run)?;
        }
    }
    Ok(())
}

fn check(tree: &PatriciaTree, model: &Model, gone: &[Vec<u8>], run: Run<'_>) -> Outcome {
    let fresh = self::tree(tree.secure())?;
    update(&fresh, model, run)?;
    assert_eq!(fresh.head(), tree.head());
    assert_eq!(tree.count(), model.len() as u64);
    if !tree.secure() {
        let mut items = tree.items(&[]);
        for (key, value) in model {
            assert_eq!(items.next_item()?, Some((key.clone(), value.clone())));
        }
        assert_eq!(items.next_item()?, None);
    }
    let asked: Vec<Vec<u8>> = model.keys().chain(gone).cloned().collect();
    let claims: Vec<KeyClaim<'_>> =
        asked.iter().map(|key| KeyClaim { key, value: model.get(key).map(Vec::as_slice) }).collect();
    if !asked.is_empty() {
        verify(&tree.head(), &claims, &tree.prove_many(&RaggedRows(&rows(&asked)), None, run)?)?;
    }
    for claim in claims {
        verify(&tree.head(), &[claim], &tree.prove(claim.key, None)?)?;
        assert_eq!(tree.find(claim.key)?.as_deref(), claim.value);
        assert_eq!(tree.contains(claim.key)?, claim.value.is_some());
    }
    Ok(())
}

/// Interrupted wherever it asks, a batch leaves the trie as it was, and the same batch then succeeds.
#[test]
fn an_interrupted_batch_changes_nothing() -> Outcome {
    let pool = Pool::serial();
    let items: Model = (0..200_000_u32).map(|number| (number.to_be_bytes().repeat(2), vec![1; 40])).collect();
    let tree = tree(false)?;
    tree.update(&RaggedRows(&[b"a"]), &RaggedRows(&[b"b"]), Run { pool: &pool, interrupt: &never })?;
    let before = tree.head();
    let mut interrupted = 0;
    for patience in 0..1000 {
        let left = Cell::new(patience);
        let interrupt = || {
            left.set(left.get() - 1);
            left.get() < 0
        };
        match update(&tree, &items, Run { pool: &pool, interrupt: &interrupt }) {
            Err(TreeError::Interrupted(_)) => interrupted += 1,
            done => {
                done?;
                break;
            }
        }
        assert_eq!((tree.head(), tree.count()), (before.clone(), 1));
    }
    assert!(interrupted > 0);
    assert_eq!(tree.count(), 200_001);
    Ok(())
}

#[test]
fn what_is_refused() -> Outcome {
    let run = Run { pool: &Pool::serial(), interrupt: &never };
    let tree = tree(false)?;
    let keys: [&[u8]; 2] = [b"a", b"b"];
    tree.update(&RaggedRows(&keys), &RaggedRows(&keys), run)?;
    let before = tree.head();
    let empty = tree.update(&RaggedRows(&keys), &RaggedRows(&[b"x", b""]), run);
    assert!(matches!(empty, Err(TreeError::EmptyValue(1))));
    let twice = tree.update(&RaggedRows(&[b"c", b"c"]), &RaggedRows(&keys), run);
    assert!(matches!(twice, Err(TreeError::DuplicateKey(1))));
    assert!(matches!(tree.remove(&RaggedRows(&[b"b", b"c", b"d"]), run), Err(TreeError::KeyNotFound(1))));
    assert!(matches!(tree.remove(&RaggedRows(&[b"b", b"a", b"b"]), run), Err(TreeError::DuplicateKey(2))));
    assert!(matches!(tree.prove_many(&RaggedRows(&[]), None, run), Err(TreeError::NoKeys)));
    assert_eq!(tree.head(), before);
    tree.remove(&RaggedRows(&[b"a"]), run)?;
    assert!(matches!(tree.prove(b"b", Some(&before)), Err(TreeError::OtherRoot)));
    assert!(PatriciaTree::new(false, accelerated("sha256").ok_or("a hash")?).is_err());
    Ok(())
}
