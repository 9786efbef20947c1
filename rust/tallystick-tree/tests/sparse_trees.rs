//! Sparse trees: roots by plain recursion, versions, batches of every size.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::{Foot, Scheme};
use tallystick_proof::verify::{KeyClaims, verify_key, verify_key_absent, verify_keys};
use tallystick_tree::error::TreeError;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::sparse::{At, SparseTree};

type Model = BTreeMap<[u8; 32], [u8; 8]>;

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A key; some share long beginnings.
    fn key(&mut self) -> [u8; 32] {
        let mut key = [0; 32];
        for part in key.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_le_bytes());
        }
        if self.next().is_multiple_of(4) {
            let same = (self.next() % 32) as usize;
            key[..same].fill(7);
            key[31] = (self.next() % 16) as u8;
        }
        key
    }
}

fn digest(scheme: &Scheme, key: &[u8; 32], value: &[u8]) -> Vec<u8> {
    let mut leaf = key.to_vec();
    let mut hashed = vec![0; 32];
    scheme.values(&[value], &mut hashed).unwrap();
    leaf.extend_from_slice(&hashed);
    scheme.keyed_leaves(&leaf, &mut hashed).unwrap();
    hashed
}

/// The definition, one node after the other.
fn top(scheme: &Scheme, items: &[(&[u8; 32], &[u8; 8])], depth: u32) -> Vec<u8> {
    match items {
        [] => return scheme.empty_subtree(depth).to_vec(),
        _ if scheme.has_runs() => {
            let (foot, mut digest) = foot(scheme, items, depth);
            scheme.run_up(&[(foot, depth)], &mut digest).unwrap();
            return digest;
        }
        [(key, value)] if !scheme.is_full() || depth == 256 => return digest(scheme, key, *value),
        _ => {}
    }
    let (left, right) = items.split_at(cut(items, depth));
    let children = [top(scheme, left, depth + 1), top(scheme, right, depth + 1)].concat();
    let mut node = vec![0; 32];
    scheme.keyed_nodes(&children, &mut node).unwrap();
    node
}

/// How many of the keys lead to the left.
fn cut(items: &[(&[u8; 32], &[u8; 8])], depth: u32) -> usize {
    items.partition_point(|(key, _)| key[(depth / 8) as usize] >> (7 - depth % 8) & 1 == 0)
}

/// The lower end of the run that a subtree begins with, and its digest.
fn foot(scheme: &Scheme, items: &[(&[u8; 32], &[u8; 8])], depth: u32) -> (Foot, Vec<u8>) {
    if let [(key, value)] = items {
        return (Foot::new(256, *key), digest(scheme, key, *value));
    }
    let (left, right) = items.split_at(cut(items, depth));
    if left.is_empty() || right.is_empty() {
        return foot(scheme, items, depth + 1);
    }
    let children = [top(scheme, left, depth + 1), top(scheme, right, depth + 1)].concat();
    let (fork, mut node) = (Foot::new(depth, items[0].0), vec![0; 32]);
    scheme.forks(&[fork], &children, &mut node).unwrap();
    (fork, node)
}

fn root(scheme: &Scheme, model: &Model) -> Vec<u8> {
    let items: Vec<_> = model.iter().collect();
    let top = top(scheme, &items, 0);
    scheme.root(items.len() as u64, &scheme.params(items.len() as u64, 0).unwrap(), &top).unwrap()
}

/// Keys that are there, keys beside them, and others; each proven and verified, alone and together.
fn check_proofs(tree: &SparseTree, model: &Model, random: &mut Random, run: Run<'_>) {
    let head = tree.info(At::Newest).unwrap().head;
    let mut keys: Vec<[u8; 32]> = model.keys().step_by(1 + model.len() / 20).copied().collect();
    for place in 0..keys.len() {
        let mut beside = keys[place];
        beside[(random.next() % 32) as usize] ^= 1 << (random.next() % 8);
        keys.push(beside);
    }
    keys.extend((0..5).map(|_| random.key()));
    keys.sort_unstable();
    keys.dedup();
    for key in &keys {
        let proof = tree.prove(key, At::Newest, run).unwrap();
        if let Some(value) = model.get(key) {
            verify_key(&head, key, value, &proof).unwrap();
            assert!(verify_key_absent(&head, key, &proof).is_err());
            assert!(verify_key(&head, key, b"another", &proof).is_err());
        } else {
            verify_key_absent(&head, key, &proof).unwrap();
            assert!(verify_key(&head, key, b"value", &proof).is_err());
        }
    }
    for step in [1, 2, 7] {
        let some: Vec<[u8; 32]> = keys.iter().rev().step_by(step).copied().collect();
        let proof = tree.prove_many(&some.concat(), At::Newest, run).unwrap();
        let present: Vec<&[u8; 32]> = some.iter().filter(|key| model.contains_key(*key)).collect();
        let values: Vec<&[u8]> = present.iter().map(|key| &model[*key][..]).collect();
        let present: Vec<&[u8]> = present.into_iter().map(|key| &key[..]).collect();
        let absent: Vec<&[u8]> = some.iter().filter(|key| !model.contains_key(*key)).map(|key| &key[..]).collect();
        let claims = KeyClaims { present: &present, values: &values, prehashed: false, absent: &absent };
        verify_keys(&head, claims, &proof).unwrap();
        let none =
            KeyClaims { present: &[], values: &[], prehashed: false, absent: &[&present[..], &absent[..]].concat() };
        assert!(present.is_empty() || verify_keys(&head, none, &proof).is_err());
    }
}

fn schemes() -> Vec<Scheme> {
    let of = |family, hash| Scheme::of_family(family, builtin(hash).unwrap()).unwrap();
    vec![
        of("native_sparse", "blake3"),
        of("ics23_smt", "sha256"),
        of("jellyfish", "sha256"),
        of("nervos_smt", "blake2b_256"),
        of("sparse_256", "keccak256"),
    ]
}

#[test]
fn batches_of_any_size_give_the_root_of_the_definition() {
    for threads in [1, 2] {
        let pool = Pool::new(threads).unwrap();
        let run = Run { pool: &pool, interrupt: &never };
        for scheme in schemes() {
            let mut random = Random(5);
            let tree = SparseTree::new(scheme.clone(), Some(3), 0).unwrap();
            let mut model = Model::new();
            assert_eq!(tree.info(At::Newest).unwrap().head.root(), root(&scheme, &model));
            let sizes: &[usize] =
                if scheme.is_full() { &[1, 1, 2, 9, 40] } else { &[1, 1, 2, 3, 9, 5000, 1, 70, 12_000, 300] };
            for size in sizes {
                let mut batch = Model::new();
                while batch.len() < *size {
                    batch.insert(random.key(), random.next().to_le_bytes());
                }
                // Some that are there already.
                let step = 1 + model.len() / 50;
                for key in model.keys().step_by(step) {
                    batch.insert(*key, random.next().to_le_bytes());
                }
                let keys: Vec<u8> = batch.keys().rev().flatten().copied().collect();
                let values: Vec<u8> = batch.values().rev().flatten().copied().collect();
                tree.update(&keys, &FixedRows::new(&values, 8).unwrap(), 0, run).unwrap();
                model.extend(batch);
                let head = tree.info(At::Newest).unwrap().head;
                assert_eq!((head.root(), head.size()), (&*root(&scheme, &model), model.len() as u64));
                check_proofs(&tree, &model, &mut random, run);
                let gone: Vec<[u8; 32]> = model.keys().step_by(3).copied().collect();
                tree.remove(&gone.concat(), 0, run).unwrap();
                let (before, last) = (model.clone(), tree.version().unwrap());
                for key in &gone {
                    assert!(model.remove(key).is_some());
                }
                let head = tree.info(At::Newest).unwrap().head;
                assert_eq!((head.root(), head.size()), (&*root(&scheme, &model), model.len() as u64));
                let absent = tree.remove(&gone[0], 0, run);
                assert!(matches!(absent, Err(TreeError::AbsentKey(key)) if key == gone[0]));
                assert_eq!(tree.info(At::Version(last - 1)).unwrap().head.root(), root(&scheme, &before));
                let entries = tree.entries(&[], None, usize::MAX, At::Version(last - 1), run).unwrap();
                assert!(entries.iter().map(|entry| &entry.0[..]).eq(before.keys().map(|key| &key[..])));
                let differences = tree.differences(last - 1, last, run).unwrap();
                assert!(differences.iter().map(|row| &row.0[..]).eq(gone.iter().map(|key| &key[..])));
            }
            let all: Vec<u8> = model.keys().flatten().copied().collect();
            tree.remove(&all, 0, run).unwrap();
            check_proofs(&tree, &Model::new(), &mut random, run);
            assert_eq!(tree.info(At::Newest).unwrap().head.root(), root(&scheme, &Model::new()));
        }
    }
}
