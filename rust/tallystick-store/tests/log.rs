//! The store on a file: what is written is read, what is published lasts, one writer at a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use tallystick_store::{FileStore, Opening, StoreError};

fn open(path: &Path) -> FileStore {
    FileStore::open(path, Opening::Create).unwrap()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let large = vec![7; 5 << 20];
    store.write_tiles(&[("a/b", b"one"), ("a/c", b""), ("large", &large)]).unwrap();
    store.write_tiles(&[("a/b", b"two")]).unwrap();
    let read = store.read_tiles(&["a/c", "a/b", "none", "large"]).unwrap();
    assert_eq!(read, [Some(vec![]), Some(b"two".to_vec()), None, Some(large.clone())]);
    assert_eq!(store.list_tiles("a/").unwrap(), ["a/b", "a/c"]);
    assert!(store.publish_head(b"first", None).unwrap());
    assert!(!store.publish_head(b"second", None).unwrap());
    store.delete_tiles(&["a/c", "none"]).unwrap();
    assert!(store.publish_head(b"second", Some(b"first")).unwrap());
    store.close().unwrap();
    assert!(matches!(store.read_head(), Err(StoreError::Closed)));

    let store = open(&path);
    assert_eq!(store.read_head().unwrap().unwrap(), b"second");
    let read = store.read_tiles(&["a/b", "a/c", "large"]).unwrap();
    assert_eq!(read, [Some(b"two".to_vec()), None, Some(large)]);
    assert_eq!(store.list_tiles("").unwrap(), ["a/b", "large"]);
}

#[test]
fn a_second_writer_is_refused_and_readers_see_new_heads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    assert!(matches!(FileStore::open(&path, Opening::Write), Err(StoreError::Locked(_))));
    let reader = FileStore::open(&path, Opening::Read).unwrap();
    assert_eq!(reader.read_head().unwrap(), None);
    store.write_tiles(&[("a", b"one")]).unwrap();
    assert_eq!(reader.read_tiles(&["a"]).unwrap(), [None]);
    assert!(store.publish_head(b"head", None).unwrap());
    assert_eq!(reader.read_head().unwrap().unwrap(), b"head");
    assert_eq!(reader.read_tiles(&["a"]).unwrap(), [Some(b"one".to_vec())]);
    assert!(matches!(reader.write_tiles(&[("b", b"")]), Err(StoreError::ReadOnly)));
    store.close().unwrap();
    assert_eq!(open(&path).read_head().unwrap().unwrap(), b"head");
}

#[test]
fn compaction_keeps_what_is_there_and_readers_follow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    for round in 0_u32..50 {
        let tile = vec![round as u8; 1000];
        let name = format!("tile/{}", round % 10);
        store.write_tiles(&[(&name, &tile)]).unwrap();
        let old = store.read_head().unwrap();
        assert!(store.publish_head(&round.to_le_bytes(), old.as_deref()).unwrap());
    }
    let reader = FileStore::open(&path, Opening::Read).unwrap();
    let (names, before) = (store.list_tiles("").unwrap(), path.metadata().unwrap().len());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tiles = store.read_tiles(&names).unwrap();
    store.compact().unwrap();
    assert!(path.metadata().unwrap().len() < before / 2);
    assert!(matches!(FileStore::open(&path, Opening::Write), Err(StoreError::Locked(_))));
    assert!(store.publish_head(b"later", Some(&49_u32.to_le_bytes())).unwrap());
    for store in [&store, &reader] {
        assert_eq!(store.read_head().unwrap().unwrap(), b"later");
        assert_eq!(store.list_tiles("").unwrap(), names);
        assert_eq!(store.read_tiles(&names).unwrap(), tiles);
    }
}

#[test]
fn refused_input_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let long = "a".repeat(201);
    for name in ["", "/a", "a/", "a//b", ".", "a/..", "A", "é", "a b", &long] {
        assert!(matches!(store.write_tiles(&[("fine", b""), (name, b"")]), Err(StoreError::Name(_))), "{name}");
        assert!(matches!(store.read_tiles(&[name]), Err(StoreError::Name(_))), "{name}");
    }
    assert!(matches!(store.write_tiles(&[("a", b""), ("a", b"")]), Err(StoreError::Twice(_))));
    let long = vec![0; (16 << 20) + 1];
    assert!(matches!(store.write_tiles(&[("a", &long)]), Err(StoreError::LongTile { .. })));
    assert!(matches!(store.publish_head(&long[..65537], None), Err(StoreError::LongHead(65537))));
    assert!(store.list_tiles("").unwrap().is_empty());
}

#[test]
fn many_tiles_spill_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let tiles: Vec<(String, Vec<u8>)> =
        (0..20_000_u32).map(|n| (format!("t/{n}"), n.to_le_bytes().repeat(100 + n as usize % 50))).collect();
    let pairs: Vec<(&str, &[u8])> = tiles.iter().map(|(name, tile)| (name.as_str(), tile.as_slice())).collect();
    store.write_tiles(&pairs).unwrap();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let expected: Vec<Option<Vec<u8>>> = tiles.iter().map(|(_, tile)| Some(tile.clone())).collect();
    assert_eq!(store.read_tiles(&names).unwrap(), expected);
    assert_eq!(store.list_tiles("t/").unwrap().len(), 20_000);
    assert!(store.publish_head(b"head", None).unwrap());
    drop(store);
    let store = open(&path);
    assert_eq!(store.read_tiles(&names).unwrap(), expected);
    assert_eq!(store.list_tiles("t/1999").unwrap().len(), 11);
}
