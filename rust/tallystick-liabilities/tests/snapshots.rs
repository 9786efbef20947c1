//! Snapshots as a whole: built in memory and in files, their receipts, erasing.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use tallystick_liabilities::build::{Keys, Plan};
use tallystick_liabilities::customers::Seen;
use tallystick_liabilities::files::Workplace;
use tallystick_liabilities::ledger::Ledger;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_liabilities::split::Split;
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{Draft, Expected, HASH, Receipt, verify};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::pool::{Pool, Run, never};

const BALANCES: [(&str, u128, u128); 7] = [
    ("alice", 5, 0),
    ("bob", 0, 7),
    ("carol", 0, 0),
    ("dave@example.org", u128::MAX - 100, 1),
    ("eve", 1, 1),
    ("\u{1f980}", 70, 3),
    ("zoe", 2, 1 << 64),
];

fn plan(parts: u16, leaves: u64) -> Plan {
    let leaves = BTreeMap::from([("BTC".to_owned(), leaves)]);
    Plan {
        draft: Draft {
            origin: "exchange.example".to_owned(),
            sequence: 0,
            snapshot_id: "2026-01-01".to_owned(),
            time: 1_767_225_600,
            previous: [0; HASH],
            scheme: Scheme::of_family("native_sum", builtin("blake3").unwrap()).unwrap(),
            assets: Vec::new(),
        },
        keys: Keys::Secret([9; 32].into()),
        split: Split { parts, leaves },
        state_holders: true,
    }
}

fn ledger(spill: Option<&Path>, reversed: bool) -> Ledger {
    let mut ledger = Ledger::new(spill);
    let btc = ledger.tree("BTC", "", 8).unwrap();
    let usd = ledger.tree("USD", "EU", 2).unwrap();
    ledger.tree("ADA", "", 6).unwrap();
    for (id, _, _) in BALANCES {
        assert!(matches!(ledger.customer(id.as_bytes()), Ok(Seen::New(_))));
    }
    let mut rows: Vec<_> = (0..).zip(BALANCES).collect();
    if reversed {
        rows.reverse();
    }
    for (customer, (id, first, second)) in rows {
        assert_eq!(ledger.customer(id.as_bytes()).unwrap(), Seen::Before(customer));
        ledger.hold(btc, &[(customer, first)]).unwrap();
        ledger.hold(usd, &[(customer, second)]).unwrap();
    }
    ledger
}

fn check(snapshot: &Snapshot, run: Run<'_>) {
    let mut bulk = BTreeMap::new();
    for piece in snapshot.encoded(0..snapshot.customers(), 2, run).unwrap() {
        let mut begin = 0;
        for (customer, end) in piece.customers.iter().zip(&piece.ends) {
            bulk.insert(snapshot.id(*customer).unwrap(), piece.data[begin..*end].to_vec());
            begin = *end;
        }
    }
    for (id, first, second) in BALANCES {
        let Some(receipt) = snapshot.receipt(id.as_bytes()).unwrap() else {
            assert!(first == 0 && second == 0);
            assert!(!bulk.contains_key(id.as_bytes()));
            continue;
        };
        let expected: Expected = [("BTC".to_owned(), Some(first)), ("USD".to_owned(), Some(second))].into();
        verify(snapshot.statement(), &receipt, id.as_bytes(), Some(&expected)).unwrap();
        assert_eq!(bulk[id.as_bytes()], receipt.encode());
        assert_eq!(Receipt::decode(&receipt.encode(), &builtin).unwrap(), receipt);
    }
    assert_eq!(bulk.len(), 6);
}

#[test]
fn memory_and_files_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::new(2).unwrap();
    let run = Run { pool: &pool, interrupt: &never };
    for (number, (parts, leaves)) in [(1, 0), (3, 0), (1, 1000), (200, 0)].into_iter().enumerate() {
        let built = Snapshot::build(ledger(None, false), plan(parts, leaves), run).unwrap();
        assert_eq!(built.statement().assets.len(), 3);
        assert_eq!(built.statement().asset("BTC", "").unwrap().holders, Some(5));
        assert!(built.statement().asset("BTC", "").unwrap().leaves >= leaves);
        check(&built, run);
        let again = Snapshot::build(ledger(None, true), plan(parts, leaves), run).unwrap();
        assert_eq!(again.statement(), built.statement());
        check(&again, run);

        let place = folder.path().join(format!("built-{number}"));
        let workplace = Workplace::new(&place).unwrap();
        let statement =
            Snapshot::build_files(ledger(Some(workplace.path()), true), plan(parts, leaves), workplace.path(), run)
                .unwrap();
        workplace.finish().unwrap();
        assert_eq!(&statement, built.statement());
        let opened = Snapshot::open(&place, &builtin).unwrap();
        check(&opened, run);

        let saved = folder.path().join(format!("saved-{number}"));
        let workplace = Workplace::new(&saved).unwrap();
        built.save(workplace.path(), run).unwrap();
        workplace.finish().unwrap();
        check(&Snapshot::open(&saved, &builtin).unwrap(), run);
        for name in ["statement.bin", "customers.ids", "customers.keys", "trees/0000.tally", "trees/0001.holdings"] {
            let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
            assert_eq!(read(&place), read(&saved), "{name}");
        }
        assert!(Workplace::new(&saved).is_err());
    }
}

#[test]
fn erasing_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let built = Snapshot::build(ledger(None, false), plan(2, 0), run).unwrap();
    let saved = folder.path().join("saved");
    let workplace = Workplace::new(&saved).unwrap();
    built.save(workplace.path(), run).unwrap();
    workplace.finish().unwrap();
    let opened = Snapshot::open(&saved, &builtin).unwrap();
    for snapshot in [&built, &opened, &Snapshot::open(&saved, &builtin).unwrap()] {
        let again = snapshot.find(b"eve").is_some();
        assert_eq!(snapshot.erase(b"eve").unwrap(), again);
        assert!(!snapshot.erase(b"eve").unwrap());
        assert_eq!((snapshot.find(b"eve"), snapshot.receipt(b"eve").unwrap()), (None, None));
        assert_eq!(snapshot.customers(), 7);
        let others: usize =
            snapshot.encoded(0..u32::MAX, 512, run).unwrap().iter().map(|piece| piece.customers.len()).sum();
        assert_eq!(others, 5);
        for id in ["alice", "dave@example.org", "zoe"] {
            let receipt = snapshot.receipt(id.as_bytes()).unwrap().unwrap();
            verify(snapshot.statement(), &receipt, id.as_bytes(), None).unwrap();
        }
    }
    let ids = std::fs::read(saved.join("customers.ids")).unwrap();
    assert!(!ids.windows(3).any(|part| part == b"eve"));
    assert!(ids.windows(5).any(|part| part == b"alice"));
}

#[test]
fn equal_keys_are_no_harm() {
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let mut ledger = Ledger::new(None);
    let tree = ledger.tree("BTC", "", 8).unwrap();
    for number in 0..100_u32 {
        let customer = ledger.customer(number.to_string().as_bytes()).unwrap().customer();
        ledger.set_key(customer, &[5; 32]).unwrap();
        ledger.hold(tree, &[(customer, u128::from(number) + 1)]).unwrap();
    }
    let mut plan = plan(1, 0);
    plan.keys = Keys::Given;
    let snapshot = Snapshot::build(ledger, plan, run).unwrap();
    for number in 0..100_u32 {
        let id = number.to_string();
        let receipt = snapshot.receipt(id.as_bytes()).unwrap().unwrap();
        let proven = verify(snapshot.statement(), &receipt, id.as_bytes(), None).unwrap();
        assert_eq!(proven["BTC"], u128::from(number) + 1);
    }
}
