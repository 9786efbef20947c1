//! What changed between two snapshots.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;

use tallystick_tree::pool::Run;

use crate::compare::{Change, Held, NOBODY, compare, matched};
use crate::customers::Customers;
use crate::error::LiabilityError;
use crate::snapshot::{AssetTree, Snapshot};

/// Holdings and what they add to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub holdings: u64,
    /// In minor units. Below 2^128: it is a part of a total.
    pub sum: u128,
}

impl Count {
    fn add(&mut self, amount: u128) {
        self.holdings += 1;
        self.sum = self.sum.saturating_add(amount);
    }
}

/// A holding that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The customer's id.
    pub id: Vec<u8>,
    /// Amount in the older snapshot; 0 if there is none.
    pub old: u128,
    /// Amount in the newer one.
    pub new: u128,
}

/// What changed in one asset. Erased customers are in `old_erased` and `new_erased` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetDiff {
    /// Code of the asset.
    pub code: String,
    /// Its group.
    pub group: String,
    /// Decimals in the older and in the newer statement, if it is listed there.
    pub decimals: [Option<u8>; 2],
    /// Totals that the statements give.
    pub totals: [u128; 2],
    /// Customers who hold it only in the newer snapshot.
    pub added: Count,
    /// Customers who held it only in the older one.
    pub gone: Count,
    /// Customers who hold more, and how much more.
    pub more: Count,
    /// Customers who hold less, and how much less.
    pub less: Count,
    /// Customers who hold the same.
    pub same: Count,
    /// Holdings of customers who are erased in the older snapshot, and in the newer one: nobody can tell who they are.
    pub erased: [Count; 2],
    /// The largest changes, the largest first.
    pub moved: Vec<Moved>,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Customers of the older and of the newer snapshot, the erased among them.
    pub customers: [u64; 2],
    /// Those who are erased.
    pub erased: [u64; 2],
    /// Ids that both have.
    pub common: u64,
    /// Every asset that one of the statements lists, by code and group.
    pub assets: Vec<AssetDiff>,
}

/// Compares two snapshots. Of each asset the `keep` largest changes are listed; all others are counted.
pub fn diff(old: &Snapshot, new: &Snapshot, keep: usize, run: Run<'_>) -> Result<Diff, LiabilityError> {
    old.indexed(|first, index| {
        let second = &*new.customers.read_recursive();
        let find = |customer| {
            second.key(customer)?;
            index.find(first, second.id(customer))
        };
        let [later, earlier] = matched((first.len(), second.len()), find, run)?;
        let erased = [first, second].map(|customers| {
            (0..customers.len() as u32).filter(|customer| customers.key(*customer).is_none()).count() as u64
        });
        let mut keys: BTreeMap<(&str, &str), [Option<usize>; 2]> = BTreeMap::new();
        for (side, snapshot) in [old, new].into_iter().enumerate() {
            for (place, asset) in snapshot.statement.assets.iter().enumerate() {
                if let Some(own) = keys.entry(asset.key()).or_default().get_mut(side) {
                    *own = Some(place);
                }
            }
        }
        let mut assets = Vec::with_capacity(keys.len());
        for ((code, group), places) in keys {
            let mut own = AssetDiff { code: code.to_owned(), group: group.to_owned(), ..AssetDiff::default() };
            let mut held = [Held::default(), Held::default()];
            for (side, snapshot) in [old, new].into_iter().enumerate() {
                let Some(place) = places[side] else { continue };
                let asset = &snapshot.statement.assets[place];
                own.decimals[side] = Some(asset.decimals);
                own.totals[side] = asset.total;
                let AssetTree { tree, owners, indices, .. } = &snapshot.trees[place];
                held[side] = Held::of_tree(tree, (owners, indices), run)?;
            }
            let mut largest = Largest { keep, heap: BinaryHeap::new() };
            let [before, after] = &held;
            compare((before, after), &later, second.len(), run, |change| {
                own.count(change, [first, second], &mut largest);
            })?;
            own.moved = largest.finish([first, second]);
            assets.push(own);
        }
        let common = earlier.iter().filter(|earlier| **earlier != NOBODY).count() as u64;
        Ok(Diff { customers: [first.len() as u64, second.len() as u64], erased, common, assets })
    })
}

impl AssetDiff {
    fn count(&mut self, change: Change, [first, second]: [&Customers; 2], largest: &mut Largest) {
        match change {
            Change::Gone(customer, amount) if first.key(customer).is_none() => self.erased[0].add(amount),
            Change::Added(customer, amount) if second.key(customer).is_none() => self.erased[1].add(amount),
            Change::Gone(customer, amount) => {
                self.gone.add(amount);
                largest.push(amount, 0, customer, [amount, 0]);
            }
            Change::Added(customer, amount) => {
                self.added.add(amount);
                largest.push(amount, 1, customer, [0, amount]);
            }
            Change::Kept(customer, old, new) => {
                let by = old.abs_diff(new);
                match old.cmp(&new) {
                    std::cmp::Ordering::Less => self.more.add(by),
                    std::cmp::Ordering::Greater => self.less.add(by),
                    std::cmp::Ordering::Equal => return self.same.add(new),
                }
                largest.push(by, 1, customer, [old, new]);
            }
        }
    }
}

/// By how much, then by the side and the number of the customer: of two equal ones, the first is kept.
type Size = (u128, Reverse<(usize, u32)>);

/// The largest changes so far; the smallest of them on top.
struct Largest {
    keep: usize,
    heap: BinaryHeap<Reverse<(Size, [u128; 2])>>,
}

impl Largest {
    fn push(&mut self, by: u128, side: usize, customer: u32, amounts: [u128; 2]) {
        let size = (by, Reverse((side, customer)));
        if self.heap.len() >= self.keep {
            if self.heap.peek().is_none_or(|Reverse((least, _))| *least >= size) {
                return;
            }
            self.heap.pop();
        }
        self.heap.push(Reverse((size, amounts)));
    }

    fn finish(self, customers: [&Customers; 2]) -> Vec<Moved> {
        let moved =
            self.heap.into_sorted_vec().into_iter().map(|Reverse(((_, Reverse((side, customer))), amounts))| {
                let [old, new] = amounts;
                Moved { id: customers[side].id(customer).to_vec(), old, new }
            });
        moved.collect()
    }
}
