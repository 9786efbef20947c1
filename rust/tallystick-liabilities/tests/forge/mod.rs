//! Snapshots for tests: honest ones, and ones that an operator made up.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, unreachable_pub, missing_docs)]

use std::fs;
use std::path::Path;

use tallystick_liabilities::build::{Keys, Plan};
use tallystick_liabilities::files::Workplace;
use tallystick_liabilities::ledger::Ledger;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_liabilities::split::Split;
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{
    Derivation, Draft, HASH, Statement, StatementAsset, context, customer_key, leaf_data,
};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::file::Target;
use tallystick_tree::leaves::{RaggedRows, WithAmounts};
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::tree::DenseTree;

const SECRET: [u8; 32] = [9; 32];
pub const ASSETS: [(&str, &str, u8); 3] = [("BTC", "", 8), ("USD", "EU", 2), ("XRP", "", 6)];

#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub amounts: [u128; 3],
}

/// Customers who hold the first asset all, the second one in two, the third one in three.
pub fn holdings(count: u64, seed: u64) -> Vec<Row> {
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u128::from(state >> 20)
    };
    let row = |number| {
        let held = |every: u64, amount: u128| if number % every == 1 % every { amount + 9 } else { 0 };
        let amounts = [held(1, random()), held(2, random() << 60), held(3, random() % 1000)];
        Row { id: format!("user-{number}@example.org"), amounts }
    };
    (0..count).map(row).collect()
}

pub fn draft(hash: &str) -> Draft {
    Draft {
        origin: "exchange.example".to_owned(),
        sequence: 0,
        snapshot_id: "2026-01-01".to_owned(),
        time: 1_767_225_600,
        previous: [0; HASH],
        scheme: Scheme::of_family("native_sum", builtin(hash).unwrap()).unwrap(),
        assets: Vec::new(),
    }
}

pub fn plan(hash: &str, parts: u16) -> Plan {
    let split = Split { parts, ..Split::default() };
    Plan { draft: draft(hash), keys: Keys::Secret(SECRET.into()), split, state_holders: true }
}

pub fn ledger(rows: &[Row]) -> Ledger {
    let mut ledger = Ledger::new(None);
    let trees = ASSETS.map(|(code, group, decimals)| ledger.tree(code, group, decimals).unwrap());
    for row in rows {
        let customer = ledger.customer(row.id.as_bytes()).unwrap().customer();
        for (tree, amount) in trees.into_iter().zip(row.amounts) {
            ledger.hold(tree, &[(customer, amount)]).unwrap();
        }
    }
    ledger
}

pub fn save(snapshot: &Snapshot, place: &Path) {
    let pool = Pool::serial();
    let workplace = Workplace::new(place).unwrap();
    snapshot.save(workplace.path(), Run { pool: &pool, interrupt: &never }).unwrap();
    workplace.finish().unwrap();
}

/// The statement of a snapshot with something changed.
pub fn statement_of(snapshot: &Snapshot, change: impl FnOnce(&mut Draft)) -> Statement {
    let mut draft = Draft::clone(snapshot.statement());
    change(&mut draft);
    Statement::new(draft).unwrap()
}

/// A leaf that an operator wants in its tree.
#[derive(Clone, Copy, Debug)]
pub struct LeafOf {
    pub customer: usize,
    pub part: u16,
    pub parts: u16,
    pub amount: u128,
}

pub struct Leaves {
    /// By customer and part.
    pub list: Vec<LeafOf>,
    pub reverse_order: bool,
}

/// A snapshot with one asset, as an operator says that it is. Its tree has the root that the statement says.
pub struct Forged {
    pub ids: Vec<String>,
    pub leaves: Leaves,
    pub holders: Option<u64>,
    pub owners: Option<Vec<u32>>,
    pub indices: Option<Vec<u32>>,
}

impl Forged {
    pub fn new(ids: &[&str], list: Vec<LeafOf>) -> Self {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let holders = Some(ids.len() as u64);
        Self { ids, leaves: Leaves { list, reverse_order: false }, holders, owners: None, indices: None }
    }

    /// Writes all files, and returns the statement.
    pub fn write(self, place: &Path) -> Statement {
        let Draft { origin, snapshot_id, scheme, .. } = draft("blake3");
        let derivation = Derivation::new(scheme.hash(), "BTC", "").unwrap();
        let keys: Vec<[u8; 32]> =
            self.ids.iter().map(|id| customer_key(&SECRET, &snapshot_id, id.as_bytes())).collect();
        let mut placed = Vec::new();
        for (position, leaf) in self.leaves.list.iter().enumerate() {
            let made = derivation.leaf(&keys[leaf.customer], leaf.part).unwrap();
            let data = match leaf_data(&made.salt, leaf.part, leaf.parts, self.ids[leaf.customer].as_bytes()) {
                Ok(data) => data,
                Err(_) => vec![0; 30],
            };
            placed.push((made.order, position, leaf.amount, data));
        }
        placed.sort();
        if self.leaves.reverse_order {
            placed.reverse();
        }
        let rows: Vec<&[u8]> = placed.iter().map(|leaf| &leaf.3[..]).collect();
        let amounts: Vec<u128> = placed.iter().map(|leaf| leaf.2).collect();
        let about = scheme.with_context(context(&origin, &snapshot_id, "BTC", "", 8)).unwrap();
        let rows = RaggedRows(&rows);
        let leaves = WithAmounts::new(&rows, &amounts).unwrap();
        let pool = Pool::serial();
        let run = Run { pool: &pool, interrupt: &never };
        let tree = DenseTree::new(about, &leaves, LeafRule::Hashed, run).unwrap();
        let head = tree.head().unwrap();

        let mut draft = draft("blake3");
        draft.assets.push(StatementAsset {
            code: "BTC".to_owned(),
            group: String::new(),
            decimals: 8,
            leaves: head.size(),
            holders: self.holders,
            total: head.total(),
            root: head.root().try_into().unwrap(),
        });
        let statement = Statement::new(draft).unwrap();

        let mut indices = vec![0; placed.len()];
        for (index, leaf) in placed.iter().enumerate() {
            indices[leaf.1] = index as u32;
        }
        let owners = self.leaves.list.iter().map(|leaf| leaf.customer as u32).collect();
        let lists = [self.owners.unwrap_or(owners), self.indices.unwrap_or(indices)];
        let holdings: Vec<u8> = lists.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        let mut end = 0;
        let ends = self.ids.iter().flat_map(|id| {
            end += id.len() as u64;
            end.to_le_bytes()
        });
        fs::create_dir_all(place.join("trees")).unwrap();
        fs::write(place.join("customers.ends"), ends.collect::<Vec<u8>>()).unwrap();
        fs::write(place.join("customers.ids"), self.ids.concat()).unwrap();
        fs::write(place.join("customers.keys"), keys.concat()).unwrap();
        fs::write(place.join("statement.bin"), statement.encode()).unwrap();
        fs::write(place.join("trees/0000.holdings"), holdings).unwrap();
        tree.save(Target { path: place.join("trees/0000.tally"), overwrite: false }, run).unwrap();
        statement
    }
}
