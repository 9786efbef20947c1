//! The auditor's own table against a snapshot, holding by holding.

use std::collections::BTreeMap;

use tallystick_proof::liabilities::StatementAsset;
use tallystick_tree::pool::Run;

use super::figures::Compared;
use super::finding::{Findings, Kind, Place};
use super::people::{People, Seen};
use crate::compare::{Change, Held, NOBODY, compare, matched};
use crate::customers::{Customers, Index};
use crate::error::LiabilityError;
use crate::ledger::{Ledger, Tree};

/// A table and how its customers are found in the snapshot.
pub(crate) struct Table<'a> {
    customers: Customers,
    /// Holdings that are not compared yet.
    trees: BTreeMap<(String, String), Tree>,
    people: People<'a>,
    /// For each customer of the table, who it is in the snapshot; and the other way round.
    later: Vec<u32>,
    earlier: Vec<u32>,
    /// Who was reported as missing, and as unknown.
    missing: Seen,
    unknown: Seen,
    findings: &'a Findings,
    /// Figures of all assets.
    compared: Compared,
}

impl<'a> Table<'a> {
    /// Finds the customers of a table in the snapshot.
    pub(crate) fn new(
        ledger: Ledger,
        people: People<'a>,
        findings: &'a Findings,
        run: Run<'_>,
    ) -> Result<Self, LiabilityError> {
        let Ledger { register, trees, .. } = ledger;
        let (customers, index): (Customers, Index) = register.finish();
        let counts = (customers.len(), people.len());
        let find = |customer| {
            people.key(customer)?;
            index.find(&customers, people.id(customer))
        };
        let [later, earlier] = matched(counts, find, run)?;
        let (missing, unknown) = (Seen::new(counts.0), Seen::new(counts.1));
        let compared = Compared { customers: counts.0 as u64, ..Compared::default() };
        let trees = trees.into_iter().map(|tree| ((tree.code.clone(), tree.group.clone()), tree)).collect();
        Ok(Self { customers, trees, people, later, earlier, missing, unknown, findings, compared })
    }

    /// Passes over an asset whose tree cannot be read.
    pub(crate) fn skip(&mut self, asset: &StatementAsset) {
        self.trees.remove(&(asset.code.clone(), asset.group.clone()));
    }

    /// Compares a tree of the statement with the table's holdings of the asset. Returns what these add to.
    pub(crate) fn tree(
        &mut self,
        (number, asset): (usize, &StatementAsset),
        held: &Held,
        run: Run<'_>,
    ) -> Result<u128, LiabilityError> {
        let own = match self.trees.remove(&(asset.code.clone(), asset.group.clone())) {
            None => {
                if !held.owners.is_empty() {
                    self.findings.add(Kind::TableAsset, Place::tree(number), || {
                        format!("the table has no {}, and the snapshot has {} holdings", name(asset), held.owners.len())
                    });
                    return Ok(0);
                }
                Held::default()
            }
            Some(tree) => {
                if tree.decimals != asset.decimals {
                    self.findings.add(Kind::TableDecimals, Place::tree(number), || {
                        format!("{} has {} decimals, and {} in the table", name(asset), asset.decimals, tree.decimals)
                    });
                }
                let (owners, amounts) = tree.holdings.take()?;
                Held { owners, amounts }
            }
        };
        let (mut total, mut same) = (0_u128, 0);
        for (_, amount) in own.iter() {
            total = total.saturating_add(amount);
        }
        self.compared.holdings += own.owners.len() as u64;
        compare((&own, held), &self.later, self.people.len(), run, |change| {
            if matches!(change, Change::Kept(_, old, new) if old == new) {
                same += 1;
            } else {
                self.found(number, change);
            }
        })?;
        self.compared.equal += same;
        Ok(total)
    }

    /// Records a difference.
    fn found(&self, number: usize, change: Change) {
        let Self { findings, people, customers, .. } = self;
        match change {
            Change::Gone(customer, amount) => {
                let id = customers.id(customer);
                let place = Place { id: Some(id.to_vec()), ..Place::tree(number) };
                if self.later.get(customer as usize).is_some_and(|later| *later != NOBODY) {
                    findings
                        .add(Kind::MissingHolding, place, || format!("the table has {amount}, the snapshot nothing"));
                } else if self.missing.mark(customer) {
                    let place = Place { tree: None, ..place };
                    findings.add(Kind::MissingCustomer, place, || {
                        "the table has a customer that the snapshot has not".into()
                    });
                }
            }
            Change::Added(customer, amount) => {
                // An erased customer has no id to be found by, and is counted apart.
                if people.key(customer).is_none() {
                    return;
                }
                let place = Place::tree(number).of(customer, people.id(customer));
                if self.earlier.get(customer as usize).is_some_and(|earlier| *earlier != NOBODY) {
                    findings.add(Kind::ExtraHolding, place, || format!("the snapshot has {amount}, the table nothing"));
                } else if self.unknown.mark(customer) {
                    let place = Place { tree: None, ..place };
                    findings.add(Kind::UnknownCustomer, place, || {
                        "the snapshot has a customer that the table has not".into()
                    });
                }
            }
            Change::Kept(customer, old, new) => {
                let place = Place::tree(number).of(customer, people.id(customer));
                findings.add(Kind::OtherAmount, place, || format!("the table has {old}, the snapshot {new}"));
            }
        }
    }

    /// Records what the statement does not list at all, and gives the figures.
    pub(crate) fn finish(mut self) -> Result<Compared, LiabilityError> {
        for Tree { code, group, holdings, .. } in self.trees.into_values() {
            let count = holdings.take()?.0.len();
            if count > 0 {
                self.compared.holdings += count as u64;
                self.findings.add(Kind::TableAsset, Place::default(), || {
                    let group = if group.is_empty() { String::new() } else { format!(" of {group:?}") };
                    format!("the statement does not list {code}{group}, and the table has {count} holdings of it")
                });
            }
        }
        Ok(self.compared)
    }
}

fn name(asset: &StatementAsset) -> String {
    if asset.group.is_empty() { asset.code.clone() } else { format!("{} of {:?}", asset.code, asset.group) }
}
