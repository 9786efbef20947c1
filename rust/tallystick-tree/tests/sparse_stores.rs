//! Sparse trees in stores: opened again, changed on, pruned; failing stores; damaged, missing and foreign tiles.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::error::TreeError;
use tallystick_tree::leaves::FixedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::sparse::{At, SparseTree, StoreFailure, Tile, TileStore};

#[derive(Default)]
struct Memory {
    tiles: Mutex<BTreeMap<String, Vec<u8>>>,
    head: Mutex<Option<Vec<u8>>>,
    /// Calls until one fails; 0: none does.
    patience: AtomicUsize,
}

impl Memory {
    fn call(&self) -> Result<(), StoreFailure> {
        if self.patience.load(Ordering::Relaxed) > 0 && self.patience.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err("connection failed".into());
        }
        Ok(())
    }
}

impl TileStore for Memory {
    fn read_tiles(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreFailure> {
        self.call()?;
        let tiles = self.tiles.lock().unwrap();
        Ok(names.iter().map(|name| tiles.get(name).cloned()).collect())
    }

    fn write_tiles(&self, tiles: &[Tile]) -> Result<(), StoreFailure> {
        self.call()?;
        self.tiles.lock().unwrap().extend(tiles.iter().cloned());
        Ok(())
    }

    fn delete_tiles(&self, names: &[String]) -> Result<(), StoreFailure> {
        self.call()?;
        let mut tiles = self.tiles.lock().unwrap();
        for name in names {
            assert!(tiles.remove(name).is_some(), "{name} is deleted once");
        }
        Ok(())
    }

    fn read_head(&self) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.call()?;
        Ok(self.head.lock().unwrap().clone())
    }

    fn publish_head(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreFailure> {
        self.call()?;
        let mut own = self.head.lock().unwrap();
        let fits = own.as_deref() == expected;
        if fits {
            *own = Some(head.to_vec());
        }
        Ok(fits)
    }
}

fn schemes() -> Vec<Scheme> {
    let of = |family, hash| Scheme::of_family(family, builtin(hash).unwrap()).unwrap();
    vec![
        of("native_sparse", "blake3"),
        of("jellyfish", "sha256"),
        of("nervos_smt", "blake2b_256"),
        of("sparse_256", "keccak256"),
    ]
}

fn key(number: u64) -> [u8; 32] {
    let mut key: [u8; 32] = builtin("blake3").unwrap().digest(&number.to_le_bytes()).unwrap().try_into().unwrap();
    if number.is_multiple_of(5) {
        key[..20].fill(9); // A long way in common.
    }
    key
}

fn rows(numbers: impl Iterator<Item = u64>) -> (Vec<u8>, Vec<u8>) {
    let mut rows = (Vec::new(), Vec::new());
    for number in numbers {
        rows.0.extend(key(number));
        rows.1.extend((number * 3).to_le_bytes());
    }
    rows
}

fn put(tree: &SparseTree, numbers: impl Iterator<Item = u64>, run: Run<'_>) -> Result<u64, TreeError> {
    let (keys, values) = rows(numbers);
    tree.update(&keys, &FixedRows::new(&values, 8).unwrap(), 0, run)
}

fn root(tree: &SparseTree, at: At<'_>) -> Vec<u8> {
    tree.info(at).unwrap().head.root().to_vec()
}

#[test]
fn a_tree_goes_on_after_it_is_opened_again() {
    let pool = Pool::new(2).unwrap();
    let run = Run { pool: &pool, interrupt: &never };
    for scheme in schemes() {
        let many = if scheme.is_full() { 40 } else { 3000 };
        for keep in [Some(1), Some(3), None] {
            let store = Arc::new(Memory::default());
            let plain = SparseTree::new(scheme.clone(), None, 0).unwrap();
            let mut tree = SparseTree::create(scheme.clone(), keep, 0, store.clone()).unwrap();
            assert!(matches!(SparseTree::create(scheme.clone(), keep, 0, store.clone()), Err(TreeError::HoldsTree)));
            for round in 0..12_u64 {
                let (from, to) = (round * many / 8, round * many / 8 + many / 4);
                put(&plain, from..to, run).unwrap();
                put(&tree, from..to, run).unwrap();
                if (round + 1).is_multiple_of(3) {
                    let (gone, _) = rows(from..from + many / 8);
                    plain.remove(&gone, 0, run).unwrap();
                    tree.remove(&gone, 0, run).unwrap();
                }
                if round % 2 == 1 {
                    tree = SparseTree::open(store.clone(), keep, &builtin).unwrap();
                }
                assert_eq!(tree.version().unwrap(), plain.version().unwrap());
                for version in tree.versions() {
                    let at = At::Version(version.number);
                    assert_eq!(root(&tree, at), root(&plain, at));
                    for number in [from, to - 1, to, 5, 10, 1] {
                        let (ours, theirs) = (tree.prove(&key(number), at, run), plain.prove(&key(number), at, run));
                        assert_eq!(ours.unwrap(), theirs.unwrap());
                    }
                }
            }
            let newest = tree.version().unwrap();
            let tree = SparseTree::open(store.clone(), keep, &builtin).unwrap();
            let all = |tree: &SparseTree| tree.entries(&[], None, usize::MAX, At::Newest, run).unwrap();
            assert_eq!(all(&tree), all(&plain));
            let few = tree.entries(&[9; 3], Some(&key(10)), 7, At::Newest, run).unwrap();
            assert_eq!(few, plain.entries(&[9; 3], Some(&key(10)), 7, At::Newest, run).unwrap());
            if keep != Some(1) {
                let tree = SparseTree::open(store.clone(), keep, &builtin).unwrap();
                let differences = |tree: &SparseTree| tree.differences(newest - 2, newest, run).unwrap();
                assert_eq!(differences(&tree), differences(&plain));
                tree.prune(newest, run).unwrap();
                assert_eq!(all(&tree), all(&plain));
                let (gone, _) = rows(0..0);
                tree.remove(&gone, 0, run).unwrap();
            }
            // Nothing is left but the newest version.
            let tree = SparseTree::open(store.clone(), keep, &builtin).unwrap();
            let before = store.tiles.lock().unwrap().len();
            let every: Vec<u8> = all(&tree).into_iter().flat_map(|entry| entry.0).collect();
            tree.remove(&every, 0, run).unwrap();
            tree.prune(tree.version().unwrap(), run).unwrap();
            assert_eq!(store.tiles.lock().unwrap().len(), 1, "of {before} tiles the record of the empty tree stays");
        }
    }
}

#[test]
fn a_store_that_fails_changes_nothing() {
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let scheme = schemes().remove(0);
    let plain = SparseTree::new(scheme.clone(), None, 0).unwrap();
    put(&plain, 0..500, run).unwrap();
    let store = Arc::new(Memory::default());
    let tree = SparseTree::create(scheme, Some(2), 0, store.clone()).unwrap();
    put(&tree, 0..500, run).unwrap();
    for patience in 1..20 {
        let before = (root(&tree, At::Newest), tree.bytes());
        store.patience.store(patience, Ordering::Relaxed);
        let done = put(&tree, 400..900, run);
        store.patience.store(0, Ordering::Relaxed);
        match done {
            Ok(_) => return,
            Err(TreeError::Store(error)) => assert_eq!(error.to_string(), "connection failed"),
            Err(error) => panic!("{error}"),
        }
        if root(&tree, At::Newest) == before.0 {
            let opened = SparseTree::open(store.clone(), Some(2), &builtin).unwrap();
            assert_eq!(root(&opened, At::Newest), before.0);
            let failed = SparseTree::open(store.clone(), None, &builtin).unwrap();
            store.patience.store(1, Ordering::Relaxed);
            assert!(matches!(failed.prove(&key(1), At::Newest, run), Err(TreeError::Store(_))));
            store.patience.store(0, Ordering::Relaxed);
            assert_eq!(failed.prove(&key(1), At::Newest, run).unwrap(), tree.prove(&key(1), At::Newest, run).unwrap());
        } else {
            // The head was published before what is old could be deleted.
            let opened = SparseTree::open(store.clone(), Some(2), &builtin).unwrap();
            assert_eq!(root(&opened, At::Newest), root(&tree, At::Newest));
        }
    }
    panic!("the store never stood it");
}

#[test]
fn the_second_writer_is_refused() {
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let store = Arc::new(Memory::default());
    let first = SparseTree::create(schemes().remove(0), Some(1), 0, store.clone()).unwrap();
    put(&first, 0..100, run).unwrap();
    let second = SparseTree::open(store.clone(), Some(1), &builtin).unwrap();
    put(&second, 100..200, run).unwrap();
    let late = put(&first, 200..300, run);
    assert!(matches!(late, Err(TreeError::OtherWriter)));
    let opened = SparseTree::open(store, Some(1), &builtin).unwrap();
    assert_eq!(root(&opened, At::Newest), root(&second, At::Newest));
    assert!(opened.value(&key(150), At::Newest, run).unwrap().is_some());
    assert!(opened.value(&key(250), At::Newest, run).unwrap().is_none());
}

#[test]
fn what_is_not_as_it_was_written_is_never_used() {
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    for scheme in schemes() {
        let store = Arc::new(Memory::default());
        let tree = SparseTree::create(scheme.clone(), None, 0, store.clone()).unwrap();
        put(&tree, 0..30, run).unwrap();
        put(&tree, 20..40, run).unwrap();
        let entries = tree.entries(&[], None, usize::MAX, At::Newest, run).unwrap();
        let look = |store: Arc<Memory>| {
            let tree = SparseTree::open(store, None, &builtin)?;
            let newest = tree.entries(&[], None, usize::MAX, At::Newest, run)?;
            let older = tree.entries(&[], None, usize::MAX, At::Version(1), run)?;
            Ok::<_, TreeError>((newest, older))
        };
        let (newest, older) = look(store.clone()).unwrap();
        assert!(newest == entries && older.len() == 30);
        let is_seen = |found: Result<_, TreeError>| match found {
            Err(TreeError::Damaged(_) | TreeError::MissingTile(_)) => true,
            Ok(found) => found == (newest.clone(), older.clone()),
            Err(error) => panic!("{error}"),
        };
        let tiles = store.tiles.lock().unwrap().clone();
        let step = if scheme.is_full() { 211 } else { 13 };
        let mut seen = 0;
        for (name, tile) in &tiles {
            for bit in (0..tile.len() * 8).step_by(step) {
                let mut other = tile.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                store.tiles.lock().unwrap().insert(name.clone(), other);
                let found = look(store.clone());
                seen += usize::from(found.is_err());
                assert!(is_seen(found), "bit {bit} of {name}");
            }
            for other in tiles.values().filter(|other| *other != tile).take(3) {
                store.tiles.lock().unwrap().insert(name.clone(), other.clone());
                assert!(is_seen(look(store.clone())));
            }
            store.tiles.lock().unwrap().insert(name.clone(), tile[..tile.len() - 1].to_vec());
            assert!(look(store.clone()).is_err() || is_seen(look(store.clone())));
            store.tiles.lock().unwrap().remove(name);
            assert!(is_seen(look(store.clone())));
            store.tiles.lock().unwrap().insert(name.clone(), tile.clone());
        }
        assert!(seen > 50);
        let head = store.head.lock().unwrap().clone().unwrap();
        for bit in 0..head.len() * 8 {
            let mut other = head.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            *store.head.lock().unwrap() = Some(other);
            assert!(matches!(look(store.clone()), Err(TreeError::Damaged(_))));
        }
    }
}
