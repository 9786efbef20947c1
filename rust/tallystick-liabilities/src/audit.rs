//! The auditor's mode: a snapshot made again from its customers and amounts, and compared with what is stored.
//!
//! A second way to every digest: preimages, loops over levels and the layout of files are written out here again from the
//! specification, and hashed one by one by the hash functions without kernels. Nothing of the builder is called. What is wrong
//! is a finding, never an error: a file that is missing or damaged leaves the others to be read.

mod figures;
mod finding;
mod folder;
mod nodes;
mod people;
mod preimages;
mod table;
mod tree;
mod tree_file;

use std::path::Path;

use tallystick_proof::liabilities::{Statement, StatementAsset};
use tallystick_tree::pool::Run;

pub use figures::{BINS, Compared, Counted, Histogram};
pub use finding::{Finding, KEPT, Kind, Place};

use crate::compare::Held;
use crate::error::LiabilityError;
use crate::ledger::Ledger;
use crate::snapshot::Snapshot;
use finding::Findings;
use folder::Folder;
use nodes::Records;
use people::{People, Seen};
use preimages::Preimages;
use table::Table;
use tree::TreeAudit;
use tree_file::TreeFile;

/// What is audited. A snapshot that has files is audited by its files.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A snapshot, which nobody erases from meanwhile.
    Snapshot(&'a Snapshot),
    /// The folder of one.
    Folder(&'a Path),
}

/// What an audit found.
#[derive(Debug)]
pub struct Audit {
    /// How often each kind of finding came; kinds that did not come are absent.
    pub counts: Vec<(Kind, u64)>,
    /// The first findings of each kind, at most [`KEPT`].
    pub findings: Vec<Finding>,
    /// Customers in the list.
    pub customers: u64,
    /// Those that are erased.
    pub erased: u64,
    /// Those that hold nothing: no leaf says anything of their ids and keys.
    pub idle: u64,
    /// Of each of the statement's assets.
    pub assets: Vec<AuditedAsset>,
    /// The comparison with the table, if there is one.
    pub compared: Option<Compared>,
}

/// What was found of one asset.
#[derive(Clone, Debug, Default)]
pub struct AuditedAsset {
    /// How many findings are of its tree or of the tree's files.
    pub findings: u64,
    /// What was counted; `None` if the tree could not be read.
    pub counted: Option<Counted>,
    /// What the table's holdings add to, if there is a table.
    pub table_total: Option<u128>,
}

/// One tree as bytes: its owners, its indices, and its nodes.
struct Part<'a> {
    owners: &'a [u8],
    indices: &'a [u8],
    stored: Records<'a>,
    leaves: u64,
}

/// Audits a snapshot against a statement, and compares it with the auditor's own table if there is one. An error only where
/// nothing can be said: there is no folder, the hash fails, the call is interrupted.
pub fn audit(
    subject: Subject<'_>,
    statement: &Statement,
    table: Option<Ledger>,
    run: Run<'_>,
) -> Result<Audit, LiabilityError> {
    let findings = Findings::default();
    let run = run.for_hash(statement.scheme.hash());
    let work = Work { statement, findings: &findings, run };
    let mut audit = match subject {
        Subject::Folder(folder) => work.folder(folder, table)?,
        Subject::Snapshot(snapshot) => work.snapshot(snapshot, table)?,
    };
    let found = findings.finish();
    for (number, asset) in audit.assets.iter_mut().enumerate() {
        asset.findings = found.trees.get(&number).copied().unwrap_or(0);
    }
    (audit.counts, audit.findings) = found.kinds();
    Ok(audit)
}

/// What all steps need.
#[derive(Clone, Copy)]
struct Work<'a> {
    statement: &'a Statement,
    findings: &'a Findings,
    run: Run<'a>,
}

impl Work<'_> {
    fn snapshot(self, snapshot: &Snapshot, table: Option<Ledger>) -> Result<Audit, LiabilityError> {
        // Whoever erases waits until the audit is done.
        let customers = snapshot.customers.read_recursive();
        if let Some(folder) = snapshot.folder() {
            return self.folder(folder, table);
        }
        if snapshot.statement.digest() != self.statement.digest() {
            self.findings.add(Kind::OtherStatement, Place::default(), || folder::other(&snapshot.statement));
        }
        let part = |number: usize, asset: &StatementAsset| {
            let place = snapshot.statement.assets.iter().position(|own| own.key() == asset.key());
            let Some(tree) = place.and_then(|place| snapshot.trees.get(place)) else {
                self.findings.add(Kind::Leaves, Place::tree(number), || "the snapshot has no such tree".to_owned());
                return Ok(None);
            };
            let (stored, leaves) = (Records::Tree(&tree.tree), tree.tree.size());
            Ok(Some(Part { owners: &tree.owners, indices: &tree.indices, stored, leaves }))
        };
        let people = People { ids: &customers.ids, ends: &customers.ends, keys: &customers.keys };
        self.parts(people, part, table)
    }

    fn folder(self, folder: &Path, table: Option<Ledger>) -> Result<Audit, LiabilityError> {
        let files = Folder::open(folder, self.statement, self.findings)?;
        let part = |number: usize, asset: &StatementAsset| {
            let Some([Some(tree), holdings]) = files.trees.get(number) else { return Ok(None) };
            let holdings = holdings.as_deref().unwrap_or_default();
            let middle = (asset.leaves as usize).saturating_mul(size_of::<u32>());
            let (owners, indices) = holdings.split_at(holdings.len().min(middle));
            let file = TreeFile::check(tree, number, (self.statement, asset), self.findings, self.run)?;
            Ok(file.map(|file| Part { owners, indices, stored: Records::File(file), leaves: asset.leaves }))
        };
        self.parts(People { ids: &files.ids, ends: &files.ends, keys: &files.keys }, part, table)
    }

    /// Audits customers, then tree after tree.
    fn parts<'p>(
        self,
        people: People<'_>,
        part: impl Fn(usize, &StatementAsset) -> Result<Option<Part<'p>>, LiabilityError>,
        table: Option<Ledger>,
    ) -> Result<Audit, LiabilityError> {
        let erased = people.check(self.findings, self.run)?;
        let seen = Seen::new(people.len());
        let mut table = table.map(|ledger| Table::new(ledger, people, self.findings, self.run)).transpose()?;
        let mut assets = Vec::with_capacity(self.statement.assets.len());
        for (number, asset) in self.statement.assets.iter().enumerate() {
            let Some(Part { owners, indices, stored, leaves }) = part(number, asset)? else {
                if let Some(table) = &mut table {
                    table.skip(asset);
                }
                assets.push(AuditedAsset::default());
                continue;
            };
            let tree = TreeAudit {
                number,
                asset,
                people,
                owners,
                indices,
                stored: &stored,
                leaves,
                preimages: &Preimages::new(self.statement, asset)?,
                seen: &seen,
                findings: self.findings,
            };
            let counted = tree.check(self.run)?;
            let table_total = match &mut table {
                Some(table) => {
                    let read = |indices: &[[u8; 4]], amounts: &mut [u128]| stored.amounts(indices, leaves, amounts);
                    let held = Held::new((owners, indices), read, self.run)?;
                    Some(table.tree((number, asset), &held, self.run)?)
                }
                None => None,
            };
            assets.push(AuditedAsset { findings: 0, counted: Some(counted), table_total });
        }
        let compared = table.map(Table::finish).transpose()?;
        let idle = (people.len() as u64).saturating_sub(seen.count());
        let customers = people.len() as u64;
        Ok(Audit { counts: Vec::new(), findings: Vec::new(), customers, erased, idle, assets, compared })
    }
}
