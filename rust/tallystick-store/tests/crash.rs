//! Every prefix of what a store writes, with what was not synced there in part, torn and out of order: the old head or the
//! new one, with all its tiles.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use tallystick_store::{Disk, Log};

#[derive(Clone)]
enum Step {
    Write(u64, Vec<u8>),
    Cut(u64),
    Sync,
}

/// A file in memory that remembers what was done to it.
#[derive(Default)]
struct Traced {
    bytes: Mutex<Vec<u8>>,
    steps: Mutex<Vec<Step>>,
}

fn put(bytes: &mut Vec<u8>, at: u64, new: &[u8]) {
    let at = at as usize;
    bytes.resize(bytes.len().max(at + new.len()), 0);
    bytes[at..at + new.len()].copy_from_slice(new);
}

impl Disk for Traced {
    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes.lock().unwrap();
        let found = bytes.get(at as usize..at as usize + buffer.len());
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, at: u64, new: &[u8]) -> io::Result<()> {
        put(&mut self.bytes.lock().unwrap(), at, new);
        self.steps.lock().unwrap().push(Step::Write(at, new.to_vec()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.steps.lock().unwrap().push(Step::Sync);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().truncate(length as usize);
        self.steps.lock().unwrap().push(Step::Cut(length));
        Ok(())
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

type Tiles = BTreeMap<String, Vec<u8>>;

/// A head and the tiles under it, and how many steps there were when it was safe.
struct Batch {
    head: Option<Vec<u8>>,
    tiles: Tiles,
    safe: usize,
}

/// Publishes some batches, and gives what was under each head.
fn publish(disk: &Arc<Traced>, random: &mut Random, batches: u64) -> Vec<Batch> {
    let log = Log::open(disk.clone(), true).unwrap();
    let steps = || disk.steps.lock().unwrap().len();
    let mut now = Tiles::new();
    for name in log.list("").unwrap() {
        let tile = log.read(&[&name]).unwrap().remove(0).unwrap();
        now.insert(name, tile);
    }
    let mut all = vec![Batch { head: log.head().unwrap(), tiles: now.clone(), safe: steps() }];
    for batch in 0..batches {
        for _ in 0..random.below(9) {
            let name = format!("t/{}", random.below(12));
            if random.below(4) == 0 {
                log.delete(&[&name]).unwrap();
                now.remove(&name);
            } else {
                let tile = vec![random.below(256) as u8; random.below(1400) as usize];
                log.write(&[(&name, &tile)]).unwrap();
                now.insert(name, tile);
            }
        }
        let head = format!("{batch} {}", random.below(1 << 30)).into_bytes();
        assert!(log.publish(&head, log.head().unwrap().as_deref()).unwrap());
        all.push(Batch { head: Some(head), tiles: now.clone(), safe: steps() });
    }
    all
}

/// What a disk may have after these steps: of what was not synced any sectors, or parts of one.
fn crashed(steps: &[Step], random: &mut Random, kind: u64) -> Vec<u8> {
    let synced = steps.iter().rposition(|step| matches!(step, Step::Sync)).map_or(0, |at| at + 1);
    let (mut bytes, (safe, unsafe_)) = (Vec::new(), steps.split_at(synced));
    for step in safe {
        match step {
            Step::Write(at, new) => put(&mut bytes, *at, new),
            Step::Cut(length) => bytes.truncate(*length as usize),
            Step::Sync => {}
        }
    }
    let mut sectors = Vec::new();
    for step in unsafe_ {
        match step {
            Step::Write(at, new) => {
                let (mut at, mut rest) = (*at, &new[..]);
                while !rest.is_empty() {
                    let (sector, after) = rest.split_at(rest.len().min(512 - (at % 512) as usize));
                    sectors.push((at, sector));
                    (at, rest) = (at + sector.len() as u64, after);
                }
            }
            Step::Cut(length) if kind != 0 => bytes.truncate(*length as usize),
            _ => {}
        }
    }
    // Kind 0: nothing arrived; 1: everything; 2: some sectors, in any order; 3: some, each perhaps in part.
    for (at, sector) in sectors {
        match kind {
            1 => put(&mut bytes, at, sector),
            2 | 3 if random.below(2) == 0 => {
                let whole = kind == 2 || random.below(2) == 0;
                let kept = if whole { sector.len() } else { random.below(sector.len() as u64) as usize };
                put(&mut bytes, at, &sector[..kept]);
            }
            _ => {}
        }
    }
    bytes
}

fn holds(log: &Log, batch: &Batch) -> bool {
    let names: Vec<String> = batch.tiles.keys().cloned().collect();
    log.head().unwrap() == batch.head
        && log.list("").unwrap() == names
        && names.iter().all(|name| log.read(&[name]).unwrap()[0].as_ref() == batch.tiles.get(name))
}

fn replay(seed: u64, batches: u64, tries: u64) {
    let mut random = Random(seed);
    let disk = Arc::new(Traced::default());
    Log::create(&*disk, seed % 2).unwrap();
    let made = disk.steps.lock().unwrap().len();
    let all = publish(&disk, &mut random, batches);
    let steps = disk.steps.lock().unwrap().clone();
    for end in made..=steps.len() {
        // Of heads, the last that was safe may be there, or the one that was under way.
        let safe = all.iter().rposition(|batch| batch.safe <= end).unwrap_or(0);
        for kind in [0, 1].into_iter().chain((0..tries).map(|n| 2 + n % 2)) {
            let bytes = crashed(&steps[..end], &mut random, kind);
            let again = Arc::new(Traced { bytes: Mutex::new(bytes), steps: Mutex::default() });
            for writing in [false, true] {
                let log = Log::open(again.clone(), writing).unwrap();
                let found = all.iter().skip(safe).take(2).any(|batch| holds(&log, batch));
                assert!(found, "seed {seed}, step {end}, kind {kind}, writing {writing}");
                // A torn slot is only put right by a writer.
                assert!(!writing || log.check().is_ok(), "seed {seed}, step {end}, kind {kind}: not whole");
            }
            // And the store goes on.
            let after = publish(&again, &mut random, 2);
            let log = Log::open(again.clone(), false).unwrap();
            assert!(holds(&log, &after[2]), "seed {seed}, step {end}, kind {kind}: later");
        }
    }
}

#[test]
fn every_prefix_is_the_old_store_or_the_new_one() {
    for seed in 0..6 {
        replay(seed, 8, 6);
    }
}

#[test]
#[ignore = "the full size of the test above"]
fn every_prefix_of_long_traces() {
    for seed in 100..300 {
        replay(seed, 20, 40);
    }
}

#[test]
fn a_batch_costs_two_syncs() {
    let disk = Arc::new(Traced::default());
    Log::create(&*disk, 0).unwrap();
    let log = Log::open(disk.clone(), true).unwrap();
    let before = disk.steps.lock().unwrap().len();
    log.write(&[("a", b"one"), ("b", b"two")]).unwrap();
    assert!(log.publish(b"head", None).unwrap());
    let steps = disk.steps.lock().unwrap();
    let kinds: Vec<bool> = steps[before..].iter().map(|step| matches!(step, Step::Sync)).collect();
    assert_eq!(kinds, [false, false, true, false, true]);
}
