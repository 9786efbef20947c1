//! The auditor's mode: honest snapshots pass, and whatever is changed in one is found and named.
#![allow(clippy::unwrap_used, clippy::panic)]

mod forge;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use forge::{Forged, LeafOf, holdings, ledger, plan, save, statement_of};
use tallystick_liabilities::audit::{Audit, KEPT, Kind, Subject, audit};
use tallystick_liabilities::ledger::Ledger;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::Statement;
use tallystick_tree::pool::{Pool, Run, never};

fn run_audit(subject: Subject<'_>, statement: &Statement, table: Option<Ledger>) -> Audit {
    let pool = Pool::new(2).unwrap();
    audit(subject, statement, table, Run { pool: &pool, interrupt: &never }).unwrap()
}

fn kinds(audit: &Audit) -> BTreeSet<Kind> {
    audit.counts.iter().map(|(kind, _)| *kind).collect()
}

fn build(holdings: &[forge::Row], hash: &str, parts: u16) -> Snapshot {
    let pool = Pool::new(2).unwrap();
    Snapshot::build(ledger(holdings), plan(hash, parts), Run { pool: &pool, interrupt: &never }).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

#[test]
fn an_honest_snapshot_has_no_findings() {
    let folder = tempfile::tempdir().unwrap();
    let small = holdings(9, 7);
    let large = holdings(9_001, 8);
    for (number, (rows, hash, parts)) in
        [(&small, "sha256", 1), (&small, "keccak256", 4), (&large, "blake3", 1), (&large, "blake3", 3)]
            .into_iter()
            .enumerate()
    {
        let snapshot = build(rows, hash, parts);
        let place = folder.path().join(number.to_string());
        save(&snapshot, &place);
        let opened = Snapshot::open(&place, &builtin).unwrap();
        for subject in [Subject::Snapshot(&snapshot), Subject::Folder(&place), Subject::Snapshot(&opened)] {
            let audit = run_audit(subject, snapshot.statement(), Some(ledger(rows)));
            assert_eq!(audit.findings, []);
            assert_eq!((audit.customers, audit.erased, audit.idle), (rows.len() as u64, 0, 0));
            for (own, asset) in audit.assets.iter().zip(&snapshot.statement().assets) {
                let counted = own.counted.as_ref().unwrap();
                assert_eq!(counted.root, Some(asset.root));
                assert_eq!((counted.leaves, Some(counted.holders)), (asset.leaves, asset.holders));
                assert_eq!((counted.total, own.table_total, own.findings), (Some(asset.total), Some(asset.total), 0));
                assert_eq!(counted.histogram.iter().sum::<u64>(), asset.leaves);
                assert_eq!(counted.nodes, asset.leaves.saturating_sub(1));
            }
            let compared = audit.compared.unwrap();
            let held = rows.iter().flat_map(|row| &row.amounts).filter(|amount| **amount > 0).count() as u64;
            assert_eq!((compared.customers, compared.holdings, compared.equal), (rows.len() as u64, held, held));
        }
    }
}

#[test]
fn each_byte_of_each_file_counts() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("snapshot");
    let snapshot = build(&holdings(5, 1), "blake3", 2);
    save(&snapshot, &place);
    let mut seen = BTreeSet::new();
    for path in files(&place) {
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, changed).unwrap();
            let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
            assert!(!audit.findings.is_empty(), "byte {at} of {}", path.display());
            seen.extend(kinds(&audit));
        }
        for changed in [[&bytes[..], &[0]].concat(), bytes[..bytes.len() - 1].to_vec(), Vec::new()] {
            fs::write(&path, changed).unwrap();
            let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
            assert!(!audit.findings.is_empty(), "length of {}", path.display());
            seen.extend(kinds(&audit));
        }
        fs::remove_file(&path).unwrap();
        let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
        assert!(kinds(&audit).contains(&Kind::MissingFile), "{}", path.display());
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(run_audit(Subject::Folder(&place), snapshot.statement(), None).findings, []);
    for name in ["more", "trees/0003.tally", "trees/0000.tally.tmp"] {
        fs::write(place.join(name), []).unwrap();
        let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
        assert_eq!(kinds(&audit), [Kind::UnknownFile].into(), "{name}");
        assert_eq!(audit.findings[0].place.file.as_deref(), Some(name));
        fs::remove_file(place.join(name)).unwrap();
    }
    let files = [Kind::OtherStatement, Kind::FileLength, Kind::FileHeader, Kind::PageSum, Kind::CustomerEnds];
    let trees = [Kind::UnknownOwner, Kind::OwnerOrder, Kind::LeafIndex, Kind::LeafDigest, Kind::Node, Kind::Root];
    for kind in files.into_iter().chain(trees) {
        assert!(seen.contains(&kind), "{kind:?}");
    }
}

#[test]
fn one_bit_anywhere_in_larger_files_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("snapshot");
    let snapshot = build(&holdings(12_345, 2), "blake3", 1);
    save(&snapshot, &place);
    let all: Vec<(PathBuf, Vec<u8>)> =
        files(&place).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    for number in 0..120_u64 {
        // Each file in turn, at places that are spread over it.
        let (path, bytes) = &all[number as usize % all.len()];
        let bit = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (bytes.len() as u64 * 8);
        let mut changed = bytes.clone();
        changed[bit as usize / 8] ^= 1 << (bit % 8);
        fs::write(path, changed).unwrap();
        let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
        assert!(!audit.findings.is_empty(), "bit {bit} of {}", path.display());
        fs::write(path, bytes).unwrap();
    }
    // The last node that is stored is the one of level 13.
    let (path, bytes) = all.iter().find(|(path, _)| path.ends_with("trees/0000.tally")).unwrap();
    let mut changed = bytes.clone();
    changed[bytes.len() - page_sums(bytes.len()) - 1] ^= 1;
    fs::write(path, changed).unwrap();
    let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
    let node = audit.findings.iter().find(|finding| finding.kind == Kind::Node).unwrap();
    assert_eq!((node.place.tree, node.place.level, node.place.index), (Some(0), Some(13), Some(0)));
    let found: Vec<u64> = audit.assets.iter().map(|asset| asset.findings).collect();
    assert_eq!(found, [3, 0, 0]); // page, node, root
}

#[test]
fn zeros_behind_blocks_and_sums_beyond_the_largest_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("snapshot");
    let snapshot = build(&holdings(4_098, 2), "blake3", 1);
    save(&snapshot, &place);
    let path = place.join("trees/0000.tally");
    let bytes = fs::read(&path).unwrap();
    // One whole block, two leaves and the node above them, the node of level 12.
    let end = bytes.len() - page_sums(bytes.len());
    let begin = end - (8192 + 2 + 1 + 1) * 48;
    let mut changed = bytes.clone();
    changed[begin + 8191 * 48] = 1;
    fs::write(&path, &changed).unwrap();
    let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
    assert_eq!(audit.counts, [(Kind::PageSum, 1), (Kind::Padding, 1)]);
    let mut changed = bytes.clone();
    changed[begin + 32..begin + 48].fill(0xff); // the amount of leaf 0
    fs::write(&path, &changed).unwrap();
    let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
    let overflow = audit.findings.iter().find(|finding| finding.kind == Kind::SumOverflow).unwrap();
    assert_eq!((overflow.place.level, overflow.place.index), (None, None)); // of all leaves
    assert!(audit.counts.contains(&(Kind::SumOverflow, 2)));
    assert_eq!(audit.assets[0].counted.as_ref().unwrap().total, None);
}

/// Bytes of the page sums at the end of a tree file of so many bytes, whose header is shorter than a page.
fn page_sums(length: usize) -> usize {
    (1..).find(|pages| (length - pages * 32).div_ceil(16_384) <= *pages).unwrap() * 32
}

#[test]
fn forged_trees_are_found_though_their_roots_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let leaf = |customer, amount| LeafOf { customer, part: 0, parts: 1, amount };
    let honest = || Forged::new(&["alice", "bob", "carol"], vec![leaf(0, 5), leaf(1, 7), leaf(2, 1)]);
    type Forge = fn(&mut Forged);
    let cases: [(Forge, &[Kind]); 10] = [
        (|_| {}, &[]),
        (|forged| forged.leaves.reverse_order = true, &[Kind::LeafOrder]),
        (|forged| forged.leaves.list[1].amount = 0, &[Kind::ZeroAmount]),
        (|forged| forged.ids[2] = "bob".to_owned(), &[Kind::DuplicateId]),
        (|forged| forged.holders = Some(2), &[Kind::Holders]),
        (|forged| forged.holders = None, &[]),
        (|forged| forged.leaves.list[1].parts = 2, &[Kind::LeafDigest]),
        (|forged| forged.owners = Some(vec![0, 2, 1]), &[Kind::LeafDigest, Kind::OwnerOrder]),
        (|forged| forged.owners = Some(vec![0, 1, 9]), &[Kind::UnknownOwner]),
        (|forged| forged.indices = Some(vec![0, 0, 1]), &[Kind::LeafIndex]),
    ];
    for (number, (forge, expected)) in cases.into_iter().enumerate() {
        let mut forged = honest();
        forge(&mut forged);
        let place = folder.path().join(number.to_string());
        let statement = forged.write(&place);
        let audit = run_audit(Subject::Folder(&place), &statement, None);
        let found = kinds(&audit);
        assert!(expected.iter().all(|kind| found.contains(kind)), "case {number}: {found:?}");
        assert_eq!(expected.is_empty(), found.is_empty(), "case {number}: {:?}", audit.findings);
    }
}

#[test]
fn parts_may_not_be_more_than_a_leaf_can_say() {
    let folder = tempfile::tempdir().unwrap();
    let leaves = (0..65_537_u32).map(|part| LeafOf { customer: 0, part: part as u16, parts: u16::MAX, amount: 1 });
    let statement = Forged::new(&["alice"], leaves.collect()).write(folder.path());
    let audit = run_audit(Subject::Folder(folder.path()), &statement, None);
    assert_eq!(kinds(&audit), [Kind::Parts].into());
    assert_eq!(audit.counts, [(Kind::Parts, 65_537)]);
    assert_eq!(audit.findings.len(), 1.min(KEPT));
}

#[test]
fn another_statement_is_found() {
    let rows = holdings(20, 3);
    let snapshot = build(&rows, "blake3", 1);
    let mut others = rows.clone();
    others[3].amounts[0] += 1;
    let other = build(&others, "blake3", 1);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("snapshot");
    save(&snapshot, &place);
    for subject in [Subject::Snapshot(&snapshot), Subject::Folder(&place)] {
        let audit = run_audit(subject, other.statement(), None);
        assert!([Kind::OtherStatement, Kind::Root, Kind::Total].iter().all(|kind| kinds(&audit).contains(kind)));
    }
    // One that lists an asset more, and a snapshot that is none.
    let more = statement_of(&other, |draft| draft.assets[0].code = "AAA".to_owned());
    assert!(!run_audit(Subject::Snapshot(&snapshot), &more, None).findings.is_empty());
    let empty = tempfile::tempdir().unwrap();
    let audit = run_audit(Subject::Folder(empty.path()), other.statement(), Some(ledger(&rows)));
    assert_eq!(kinds(&audit).first(), Some(&Kind::MissingFile));
    assert!(audit.assets.iter().all(|asset| asset.counted.is_none() && asset.findings == 2));
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    assert!(audit_fails(&empty.path().join("nothing"), other.statement(), run));
}

fn audit_fails(folder: &Path, statement: &Statement, run: Run<'_>) -> bool {
    audit(Subject::Folder(folder), statement, None, run).is_err()
}

#[test]
fn a_table_is_compared_holding_by_holding() {
    let rows = holdings(50, 4);
    let snapshot = build(&rows, "blake3", 2);
    let mut table = rows.clone();
    table[0].amounts[0] += 5; // another amount
    table[1].amounts[1] = 0; // the snapshot has a holding more
    table[4].amounts[2] = 0;
    table.remove(40); // a customer of the snapshot
    table.push(forge::Row { id: "nobody".to_owned(), amounts: [1, 2, 3] }); // one who is not there
    table.push(forge::Row { id: "idle".to_owned(), amounts: [0, 0, 0] });
    let audit = run_audit(Subject::Snapshot(&snapshot), snapshot.statement(), Some(ledger(&table)));
    let expected =
        [(Kind::MissingCustomer, 1), (Kind::UnknownCustomer, 1), (Kind::ExtraHolding, 2), (Kind::OtherAmount, 1)];
    assert_eq!(audit.counts, expected);
    let id = |kind| audit.findings.iter().find(|finding| finding.kind == kind).unwrap().place.id.clone().unwrap();
    assert_eq!(id(Kind::MissingCustomer), b"nobody");
    assert_eq!(id(Kind::UnknownCustomer), rows[40].id.as_bytes());
    assert_eq!(id(Kind::OtherAmount), rows[0].id.as_bytes());
    // The other way round.
    let other = build(&table, "blake3", 2);
    let audit = run_audit(Subject::Snapshot(&other), other.statement(), Some(ledger(&rows)));
    assert_eq!(audit.idle, 1);
    let counts: BTreeSet<_> = audit.counts.into_iter().collect();
    assert!(counts.contains(&(Kind::MissingHolding, 2)) && counts.contains(&(Kind::OtherAmount, 1)));
    // Assets.
    let mut ledger = ledger(&rows);
    let more = ledger.tree("ZZZ", "EU", 3).unwrap();
    ledger.hold(more, &[(0, 1)]).unwrap();
    let audit = run_audit(Subject::Snapshot(&snapshot), snapshot.statement(), Some(ledger));
    assert_eq!(kinds(&audit), [Kind::TableAsset].into());
    let mut ledger = Ledger::new(None);
    let tree = ledger.tree("BTC", "", 7).unwrap();
    for row in &rows {
        let customer = ledger.customer(row.id.as_bytes()).unwrap().customer();
        ledger.hold(tree, &[(customer, row.amounts[0])]).unwrap();
    }
    let audit = run_audit(Subject::Snapshot(&snapshot), snapshot.statement(), Some(ledger));
    assert_eq!(audit.counts, [(Kind::TableAsset, 2), (Kind::TableDecimals, 1)]);
}

#[test]
fn the_erased_are_counted_apart() {
    let folder = tempfile::tempdir().unwrap();
    let rows = holdings(30, 5);
    let snapshot = build(&rows, "blake3", 2);
    let place = folder.path().join("snapshot");
    save(&snapshot, &place);
    let opened = Snapshot::open(&place, &builtin).unwrap();
    for row in &rows[3..5] {
        snapshot.erase(row.id.as_bytes()).unwrap();
        opened.erase(row.id.as_bytes()).unwrap();
    }
    for subject in [Subject::Snapshot(&snapshot), Subject::Snapshot(&opened), Subject::Folder(&place)] {
        let mut table = rows.clone();
        table.drain(3..5);
        let audit = run_audit(subject, snapshot.statement(), Some(ledger(&table)));
        assert_eq!(audit.findings, []);
        assert_eq!((audit.customers, audit.erased, audit.idle), (30, 2, 0));
        for (asset, own) in audit.assets.iter().enumerate() {
            let counted = own.counted.as_ref().unwrap();
            let erased: u128 = rows[3..5].iter().map(|row| row.amounts[asset]).sum();
            assert_eq!(counted.erased_total, Some(erased));
            assert!(erased == 0 || counted.erased_leaves >= 1);
            assert_eq!(own.table_total.unwrap() + erased, counted.total.unwrap());
        }
        let audit = run_audit(subject, snapshot.statement(), Some(ledger(&rows)));
        assert_eq!(audit.counts, [(Kind::MissingCustomer, 2)]);
    }
    // An erasure that was stopped: the key is gone, the id is not.
    let keys = place.join("customers.keys");
    let mut bytes = fs::read(&keys).unwrap();
    bytes[..32].fill(0);
    fs::write(&keys, bytes).unwrap();
    let audit = run_audit(Subject::Folder(&place), snapshot.statement(), None);
    assert_eq!(audit.counts, [(Kind::ErasedId, 1)]);
}

#[test]
fn findings_do_not_depend_on_threads() {
    let rows = holdings(9_000, 6);
    let snapshot = build(&rows, "blake3", 1);
    let mut table = rows.clone();
    table.iter_mut().for_each(|row| row.amounts[0] += 1);
    let found: Vec<Audit> = [1, 2, 5]
        .map(|threads| {
            let pool = Pool::new(threads).unwrap();
            let run = Run { pool: &pool, interrupt: &never };
            let other = build(&table, "blake3", 1);
            audit(Subject::Snapshot(&snapshot), other.statement(), Some(ledger(&table)), run).unwrap()
        })
        .into();
    assert_eq!(found[0].findings.iter().filter(|finding| finding.kind == Kind::OtherAmount).count(), KEPT);
    for other in &found[1..] {
        assert_eq!((&other.counts, &other.findings), (&found[0].counts, &found[0].findings));
    }
}

#[test]
fn it_stops_when_it_is_told_to() {
    let snapshot = build(&holdings(60_000, 9), "blake3", 1);
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &|| true };
    // The clock decides when it is asked, so one of many calls is stopped, not each.
    let stopped = |_| audit(Subject::Snapshot(&snapshot), snapshot.statement(), None, run).is_err();
    assert!((0..400).any(stopped));
}
