//! Bits of a store's file flipped: never read as other data, and each found by `check`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use tallystick_store::{Disk, Log, StoreError};

/// A file in memory.
struct Memory(Mutex<Vec<u8>>);

impl Disk for Memory {
    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = self.0.lock().unwrap();
        let end = usize::try_from(at).ok().and_then(|at| at.checked_add(buffer.len()));
        let found = end.and_then(|end| bytes.get(at as usize..end));
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, at: u64, new: &[u8]) -> io::Result<()> {
        let (mut bytes, at) = (self.0.lock().unwrap(), at as usize);
        let length = bytes.len().max(at + new.len());
        bytes.resize(length, 0);
        bytes[at..at + new.len()].copy_from_slice(new);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.0.lock().unwrap().truncate(length as usize);
        Ok(())
    }
}

type Tiles = BTreeMap<String, Vec<u8>>;

/// A store of exactly 64 KiB: what a first one lacks, the second has in a last tile.
fn store() -> (Arc<Memory>, Tiles) {
    let lacks = (64 << 10) - filled(0).0.length().unwrap();
    let made = filled(lacks as usize);
    assert_eq!(made.0.length().unwrap(), 64 << 10);
    made
}

/// A store of three batches whose last tile has this many bytes.
fn filled(spare: usize) -> (Arc<Memory>, Tiles) {
    let disk = Arc::new(Memory(Mutex::default()));
    Log::create(&*disk, 0).unwrap();
    let log = Log::open(disk.clone(), true).unwrap();
    let mut tiles = Tiles::new();
    let mut head = None;
    for batch in 0..3_u32 {
        for number in 0..20_u32 {
            let name = format!("tile/{}", batch * 15 + number);
            let tile: Vec<u8> = (0..700 + number * 9).map(|at| (at * (batch + 3)) as u8).collect();
            log.write(&[(&name, &tile)]).unwrap();
            tiles.insert(name, tile);
        }
        log.delete(&[&format!("tile/{batch}")]).unwrap();
        tiles.remove(&format!("tile/{batch}"));
        if batch == 2 {
            let tile = vec![7; spare];
            log.write(&[("fill", &tile)]).unwrap();
            tiles.insert("fill".into(), tile);
        }
        let next = format!("head {batch}").into_bytes();
        assert!(log.publish(&next, head.as_deref()).unwrap());
        head = Some(next);
    }
    (disk, tiles)
}

/// Says whether reading found the damage; panics if other data came out, or if the check finds nothing.
fn found(disk: Arc<Memory>, tiles: &Tiles, flipped: bool) -> bool {
    let damaged = |error: &StoreError| matches!(error, StoreError::Damaged { .. } | StoreError::NoStore);
    let log = match Log::open(disk, false) {
        Ok(log) => log,
        Err(error) if damaged(&error) => return true,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(log.head().unwrap().unwrap(), b"head 2");
    assert_eq!(log.check().is_err_and(|error| damaged(&error)), flipped);
    let names: Vec<&String> = tiles.keys().collect();
    assert!(log.list("").unwrap().iter().eq(names));
    let mut found = false;
    for (name, tile) in tiles {
        match log.read(&[name]) {
            Ok(read) => assert_eq!(read[0].as_ref(), Some(tile), "{name}"),
            Err(error) => {
                assert!(damaged(&error), "{error}");
                found = true;
            }
        }
    }
    found
}

fn flip(every: usize, first: usize) -> (usize, usize) {
    let (disk, tiles) = store();
    assert!(!found(disk.clone(), &tiles, false));
    let whole = disk.0.lock().unwrap().clone();
    let (mut flipped, mut caught) = (0, 0);
    for bit in (first..whole.len() * 8).step_by(every) {
        disk.0.lock().unwrap()[bit / 8] ^= 1 << (bit % 8);
        caught += usize::from(found(disk.clone(), &tiles, true));
        disk.0.lock().unwrap()[bit / 8] ^= 1 << (bit % 8);
        flipped += 1;
    }
    println!("{flipped} bits of {} bytes flipped, all found, {caught} of them by reading", whole.len());
    (flipped, caught)
}

#[test]
fn flipped_bits_are_found() {
    let (flipped, caught) = flip(397, 5);
    // Slots, the gaps around them, and tiles that were replaced or deleted are not read, or there twice.
    assert!(caught * 4 > flipped * 2, "{caught} of {flipped}");
}

#[test]
#[ignore = "the full size of the test above: every bit"]
fn every_flipped_bit_is_found() {
    let (flipped, caught) = flip(1, 0);
    assert!(caught * 4 > flipped * 2, "{caught} of {flipped}");
}
