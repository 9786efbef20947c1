//! How long an audit takes: `cargo run --release --example audit -- 10000000`.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::print_stderr)]

use std::time::Instant;

use tallystick_liabilities::audit::{Subject, audit};
use tallystick_liabilities::build::{Keys, Plan};
use tallystick_liabilities::diff::diff;
use tallystick_liabilities::files::Workplace;
use tallystick_liabilities::ledger::Ledger;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_liabilities::split::Split;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{Draft, HASH};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::kernels;
use tallystick_tree::pool::{Pool, Run, never};

fn ledger(count: u32) -> Ledger {
    let mut ledger = Ledger::new(None);
    let tree = ledger.tree("BTC", "", 8).unwrap();
    for number in 0..count {
        let customer = ledger.customer(format!("user-{number:08}").as_bytes()).unwrap().customer();
        ledger.hold(tree, &[(customer, u128::from(number) * 7_919 % 1_000_003 + 1)]).unwrap();
    }
    ledger
}

fn main() {
    let count = std::env::args().nth(1).map_or(1_000_000, |count| count.parse().unwrap());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = Pool::new(threads).unwrap();
    let run = Run { pool: &pool, interrupt: &never };
    let folder = tempfile::tempdir_in(".").unwrap();
    let place = folder.path().join("snapshot");
    let plan = Plan {
        draft: Draft {
            origin: "exchange.example".to_owned(),
            sequence: 0,
            snapshot_id: "2026-01-01".to_owned(),
            time: 0,
            previous: [0; HASH],
            scheme: Scheme::of_family("native_sum", kernels::accelerated("blake3").unwrap()).unwrap(),
            assets: Vec::new(),
        },
        keys: Keys::Random,
        split: Split::default(),
        state_holders: true,
    };
    let workplace = Workplace::new(&place).unwrap();
    let statement = Snapshot::build_files(ledger(count), plan, workplace.path(), run).unwrap();
    workplace.finish().unwrap();
    for table in [None, Some(ledger(count))] {
        let (begin, with) = (Instant::now(), if table.is_some() { "with a table" } else { "alone" });
        let found = audit(Subject::Folder(&place), &statement, table, run).unwrap();
        let seconds = begin.elapsed().as_secs_f64();
        println!("audit of {count} leaves {with}: {seconds:.1} s, {} findings", found.findings.len());
    }
    let snapshot = Snapshot::open(&place, &builtin).unwrap();
    let begin = Instant::now();
    let changes = diff(&snapshot, &snapshot, 100, run).unwrap();
    println!("diff with itself: {:.1} s, {} ids in both", begin.elapsed().as_secs_f64(), changes.common);
}
