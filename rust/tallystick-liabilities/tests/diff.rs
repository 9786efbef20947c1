//! What changed between two snapshots.
#![allow(clippy::unwrap_used, clippy::panic)]

mod forge;

use forge::{Row, holdings, ledger, plan};
use tallystick_liabilities::diff::{Count, Diff, Moved, diff};
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_tree::pool::{Pool, Run, never};

fn build(rows: &[Row], parts: u16) -> Snapshot {
    let pool = Pool::serial();
    Snapshot::build(ledger(rows), plan("blake3", parts), Run { pool: &pool, interrupt: &never }).unwrap()
}

fn compared(old: &Snapshot, new: &Snapshot, keep: usize) -> Diff {
    let pool = Pool::new(2).unwrap();
    diff(old, new, keep, Run { pool: &pool, interrupt: &never }).unwrap()
}

fn count(holdings: u64, sum: u128) -> Count {
    Count { holdings, sum }
}

#[test]
fn nothing_changes_within_one_snapshot() {
    let snapshot = build(&holdings(5_000, 1), 3);
    let same = compared(&snapshot, &snapshot, 10);
    assert_eq!((same.customers, same.common, same.erased), ([5_000, 5_000], 5_000, [0, 0]));
    for asset in &same.assets {
        let none = Count::default();
        assert_eq!((asset.added, asset.gone, asset.more, asset.less), (none, none, none, none));
        assert_eq!(asset.same.sum, asset.totals[0]);
        assert!(asset.moved.is_empty());
    }
}

#[test]
fn each_change_is_counted_and_the_largest_are_listed() {
    let old = holdings(5_000, 1);
    let mut new = old.clone();
    new[7].amounts[0] += 1 << 90;
    new[8].amounts[0] -= 3;
    new[9].amounts[0] = 0;
    new[10].amounts[1] = 77; // even ones held nothing of it
    let gone = new.remove(4_000);
    new.insert(0, Row { id: "first".to_owned(), amounts: [1, 2, 0] });
    new.reverse();
    let (first, second) = (build(&old, 1), build(&new, 4));
    let changes = compared(&first, &second, 3);
    assert_eq!((changes.customers, changes.common), ([5_000, 5_000], 4_999));
    let [btc, usd, xrp] = &changes.assets[..] else { panic!("three assets") };
    assert_eq!((btc.added, btc.more, btc.less), (count(1, 1), count(1, 1 << 90), count(1, 3)));
    assert_eq!(btc.gone, count(2, old[9].amounts[0] + gone.amounts[0]));
    assert_eq!(btc.same.holdings, 4_996);
    assert_eq!(usd.added, count(2, 79));
    assert_eq!((xrp.gone.holdings, xrp.added), (u64::from(gone.amounts[2] > 0), Count::default()));
    for asset in &changes.assets {
        let [before, after] = asset.totals;
        assert_eq!(before + asset.added.sum + asset.more.sum, after + asset.gone.sum + asset.less.sum);
    }
    let (id, [old_amount, ..]) = (old[7].id.clone().into_bytes(), old[7].amounts);
    assert_eq!(btc.moved[0], Moved { id, old: old_amount, new: old_amount + (1 << 90) });
    let by: Vec<u128> = btc.moved.iter().map(|moved| moved.old.abs_diff(moved.new)).collect();
    assert!(by.len() == 3 && by.is_sorted_by(|left, right| left >= right));
    // All of them, and the other way round.
    assert_eq!(compared(&first, &second, usize::MAX).assets[0].moved.len(), 5);
    assert!(compared(&first, &second, 0).assets[0].moved.is_empty());
    let back = compared(&second, &first, 3);
    assert_eq!((back.assets[0].gone, back.assets[0].added), (btc.added, btc.gone));
    assert_eq!((back.assets[0].more, back.assets[0].less), (btc.less, btc.more));
}

#[test]
fn the_erased_are_nobody() {
    let rows = holdings(100, 2);
    let (old, new) = (build(&rows, 2), build(&rows, 1));
    new.erase(rows[4].id.as_bytes()).unwrap();
    old.erase(rows[5].id.as_bytes()).unwrap();
    let changes = compared(&old, &new, 9);
    assert_eq!((changes.erased, changes.common), ([1, 1], 98));
    let btc = &changes.assets[0];
    assert_eq!(btc.erased, [count(1, rows[5].amounts[0]), count(1, rows[4].amounts[0])]);
    assert_eq!(btc.gone, count(1, rows[4].amounts[0])); // erased since: nobody can tell
    assert_eq!(btc.added, count(1, rows[5].amounts[0]));
}
