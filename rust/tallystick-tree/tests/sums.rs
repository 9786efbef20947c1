//! Sum trees: shards against the vectors, writes that overflow and change nothing, files.

use std::error::Error;
use std::path::Path;

use serde_json::Value;
use tallystick_proof::codec::{DecodeError, Wire};
use tallystick_proof::hash::builtin;
use tallystick_proof::record::Record;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{Claim, verify_inclusion, verify_many};
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::check::check_each;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::{FileBuilder, FileSet, MappedFile, Target};
use tallystick_tree::leaves::{Leaves, RaggedRows, WithAmounts};
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::shard::{Shard, SumShard};
use tallystick_tree::tree::{DenseTree, Wanted};

type Outcome = Result<(), Box<dyn Error>>;

const MAX: u128 = u128::MAX;

fn groups(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1").join(file);
    let mut vectors: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(vectors["groups"].as_array_mut().map(std::mem::take).ok_or("no groups")?)
}

fn bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let hex = value.as_str().ok_or("no text")?;
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}

fn number<T: std::str::FromStr>(value: &Value) -> Result<T, Box<dyn Error>> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| "no number".into())
}

fn ruled_leaf(index: u64) -> Vec<u8> {
    (0..37 * index % 101).map(|byte| (index + byte) as u8).collect()
}

fn ruled_amount(index: u64) -> u128 {
    if index % 5 == 4 { 0 } else { u128::from(index + 1) * (1 << (7 * index % 61)) - 1 }
}

fn native() -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::of_family("native_sum", builtin("blake3").ok_or("blake3")?)?)
}

fn alone(pool: &Pool) -> Run<'_> {
    Run { pool, interrupt: &never }
}

/// Calls `then` with leaves `begin` to `end` and these amounts.
fn with<T>(
    begin: u64,
    amounts: &[u128],
    then: impl FnOnce(&dyn Leaves) -> Result<T, TreeError>,
) -> Result<T, TreeError> {
    let rows: Vec<Vec<u8>> = (begin..begin + amounts.len() as u64).map(ruled_leaf).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let leaves = RaggedRows(&rows);
    then(&WithAmounts::new(&leaves, amounts).ok_or(TreeError::Defect("as many amounts as leaves"))?)
}

fn tree(scheme: &Scheme, amounts: &[u128], run: Run<'_>) -> Result<DenseTree, TreeError> {
    with(0, amounts, |leaves| DenseTree::new(scheme.clone(), leaves, LeafRule::Hashed, run))
}

fn made(value: &Value, scheme: &Scheme) -> Result<Shard, Box<dyn Error>> {
    let list = |name: &str| value[name].as_array().cloned().ok_or("a list");
    let digests: Vec<Vec<u8>> = list("digests")?.iter().map(bytes).collect::<Result<_, _>>()?;
    let sums: Vec<u128> = list("sums")?.iter().map(number).collect::<Result<_, _>>()?;
    let records = Record::summed(scheme.digest_size()).join(&digests.concat(), &sums).ok_or("records")?;
    Ok(Shard::of_digests(scheme.clone(), number(&value["begin"])?..number(&value["end"])?, &records)
        .ok_or("a shard")?)
}

#[test]
fn shards_of_the_vectors() -> Outcome {
    let (pool, mut refused) = (Pool::serial(), 0);
    for group in groups("sum_shards.json")? {
        let tests = group["tests"].as_array().cloned().unwrap_or_default();
        if group["what"] == "refused" {
            for test in tests {
                let read = |name: &str| Ok::<_, Box<dyn Error>>(SumShard::decode(&bytes(&test[name])?, &builtin)?.0);
                let verdict = match test.get("shard") {
                    Some(_) => read("shard")?.head().is_err(),
                    None => read("left")?.join(read("right")?).is_err(),
                };
                assert!(verdict, "{}", test["id"]);
                refused += 1;
            }
            continue;
        }
        let scheme = Scheme::decode(&bytes(&group["scheme"]["encoding"])?, &builtin)?;
        for test in tests {
            let id = &test["id"];
            let Some(own) = test.get("shard") else {
                let joined = made(&test["left"], &scheme)?.join(made(&test["right"], &scheme)?)?;
                assert_eq!(joined, made(&test["joined"], &scheme)?, "{id}");
                continue;
            };
            let (begin, end) = (number(&own["begin"])?, number(&own["end"])?);
            let amounts: Vec<u128> = (begin..end).map(ruled_amount).collect();
            let work = Work::new(&scheme, alone(&pool));
            let shard = with(begin, &amounts, |leaves| Shard::of_leaves(work, begin, leaves))?;
            assert_eq!(shard, made(own, &scheme)?, "{id}");
            assert_eq!(shard.total(), Some(amounts.iter().sum()), "{id}");
            if let Some(root) = own.get("root") {
                let head = shard.head()?;
                assert_eq!((head.root(), head.total()), (&bytes(root)?[..], number(&own["total"])?), "{id}");
            }
        }
    }
    assert!(refused > 10, "{refused}");
    Ok(())
}

#[test]
fn shards_written_down() -> Outcome {
    let mut refused = 0;
    for group in groups("sum_encodings.json")?.iter().filter(|group| group["object"] == "sum-shard") {
        for test in group["tests"].as_array().into_iter().flatten() {
            let id = &test["id"];
            if test["result"] == "valid" {
                let binary = bytes(&test["binary"])?;
                let shard = SumShard::decode(&binary, &builtin)?;
                assert_eq!(shard.encode(), binary, "{id}");
                assert_eq!(Some(shard.to_json().as_str()), test["json"].as_str(), "{id}");
                assert_eq!(shard.to_protobuf(), bytes(&test["protobuf"])?, "{id}");
                assert_eq!(SumShard::from_json(&shard.to_json(), &builtin)?, shard, "{id}");
                assert_eq!(SumShard::from_protobuf(&shard.to_protobuf(), &builtin)?, shard, "{id}");
            } else if let Some(text) = test["text"].as_str() {
                assert!(SumShard::from_json(text, &builtin).is_err(), "{id}");
                refused += 1;
            } else if let Ok(encoding) = bytes(&test["encoding"]) {
                let protobuf = test["form"] == "protobuf";
                let read = if protobuf { SumShard::from_protobuf } else { SumShard::decode };
                assert!(read(&encoding, &builtin).is_err(), "{id}");
                refused += 1;
            }
        }
    }
    assert!(refused > 200, "{refused}");
    let dense = Shard::empty(Scheme::of_family("native", builtin("sha256").ok_or("a hash")?)?, 0)?;
    assert!(matches!(SumShard::decode(&dense.encode(), &builtin), Err(DecodeError::OtherKind { .. })));
    Ok(())
}

/// Trees whose amounts add to too much, at the first level, further up or at the edge only, are refused, and writes that
/// lead there change nothing.
#[test]
fn overflows_change_nothing() -> Outcome {
    let (pool, scheme) = (Pool::serial(), native()?);
    let run = alone(&pool);
    let overflows = |amounts: &[u128]| matches!(tree(&scheme, amounts, run), Err(TreeError::SumOverflow));
    for amounts in [&[MAX, 1][..], &[1, MAX], &[MAX, 0, 1], &[1 << 127, 0, 0, 0, 1 << 127], &[0, 1, MAX, 0, 0, 0, 0]] {
        assert!(overflows(amounts), "{amounts:?}");
    }
    let growing = tree(&scheme, &[5, MAX - 10, 0], run)?;
    let before = growing.head()?;
    for added in [&[6][..], &[0, 0, 0, 6], &[3, 3], &[MAX, 1]] {
        let refused = with(3, added, |leaves| growing.extend(leaves, run));
        assert!(matches!(refused, Err(TreeError::SumOverflow)), "{added:?}");
        assert_eq!((growing.head()?, growing.size()), (before.clone(), 3));
    }
    for (index, amount) in [(0, 11), (2, 6), (1, MAX - 4)] {
        let refused = with(0, &[amount], |leaves| growing.update(&[index], leaves, run));
        assert!(matches!(refused, Err(TreeError::SumOverflow)), "{index} {amount}");
        assert_eq!(growing.head()?, before);
    }
    // To the last unit, and from one leaf to another.
    with(3, &[5], |leaves| growing.extend(leaves, run))?;
    assert_eq!(growing.head()?.total(), MAX);
    with(0, &[MAX, 0, 0, 0], |leaves| growing.update(&[2, 1, 0, 3], leaves, run))?;
    assert_eq!(growing.head()?.total(), MAX);
    with(0, &[0, 0, MAX, 0], |leaves| growing.update(&[2, 1, 0, 3], leaves, run))?;
    assert_eq!(growing.head()?.total(), MAX);
    Ok(())
}

#[test]
fn trees_shards_and_files_agree() -> Outcome {
    let (pool, scheme) = (Pool::new(2)?, native()?);
    let run = alone(&pool);
    let folder = tempfile::tempdir()?;
    for size in [0_u64, 1, 2, 3, 70, 4095, 4096, 4097, 9000] {
        let amounts: Vec<u128> = (0..size).map(ruled_amount).collect();
        let whole = tree(&scheme, &amounts, run)?;
        let head = whole.head()?;
        assert_eq!(head.total(), amounts.iter().sum());
        let shard = with(0, &amounts, |leaves| Shard::of_leaves(Work::new(&scheme, run), 0, leaves))?;
        assert_eq!(shard.head()?, head);
        let grown = tree(&scheme, &[], run)?;
        for begin in (0..size).step_by(1777) {
            let end = size.min(begin + 1777) as usize;
            with(begin, &amounts[begin as usize..end], |leaves| grown.extend(leaves, run))?;
        }
        assert_eq!(grown.head()?, head);
        let path = folder.path().join(size.to_string());
        whole.save(Target { path: path.clone(), overwrite: false }, run)?;
        let open = || DenseTree::of_files(FileSet::new(vec![MappedFile::open(&path, &builtin)?])?, None);
        let saved = std::fs::read(&path)?;
        let opened = open()?;
        opened.check(run)?;
        assert_eq!(opened.head()?, head);
        let mut builder = FileBuilder::new(Target { path: path.clone(), overwrite: true }, &scheme, 0, 0)?;
        for begin in (0..size).step_by(1999) {
            let end = size.min(begin + 1999) as usize;
            with(begin, &amounts[begin as usize..end], |leaves| builder.push(leaves, run))?;
        }
        assert_eq!(builder.finish(run)?.as_ref(), Some(&head));
        assert_eq!(std::fs::read(&path)?, saved);
        let cut = size / 3;
        let parts =
            [(0, cut), (cut, size)].map(|(begin, end)| (begin, end, folder.path().join(format!("{size} {begin}"))));
        for (begin, end, path) in &parts {
            let target = Target { path: path.clone(), overwrite: true };
            let mut builder = FileBuilder::new(target, &scheme, *begin, 0)?;
            with(*begin, &amounts[*begin as usize..*end as usize], |leaves| builder.push(leaves, run))?;
            builder.finish(run)?;
        }
        if cut > 0 {
            let files = parts.iter().map(|(.., path)| MappedFile::open(path, &builtin)).collect::<Result<_, _>>()?;
            assert_eq!(DenseTree::of_files(FileSet::new(files)?, None)?.head()?, head);
        }
        let some: Vec<u64> = (0..size).step_by(7).collect();
        for tree in [&whole, &opened] {
            let batch = tree.prove_each(Wanted::All, None, run)?;
            let verdicts = with(0, &amounts, |leaves| {
                check_each(&head, Some(&(0..size).collect::<Vec<_>>()), leaves, &batch, run)
            })?;
            assert!(verdicts.iter().all(|verdict| *verdict));
            let row = |index: &u64| [&ruled_amount(*index).to_le_bytes()[..], &ruled_leaf(*index)].concat();
            let rows: Vec<Vec<u8>> = some.iter().map(row).collect();
            let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            if let Some(index) = some.last() {
                let claim = Claim { indices: &some, leaves: &rows };
                verify_many(&head, claim, tree.prove_many(some.clone(), None)?.digests())?;
                verify_inclusion(&head, *index, &row(index), tree.prove(*index, None)?.digests())?;
            }
        }
    }
    Ok(())
}
