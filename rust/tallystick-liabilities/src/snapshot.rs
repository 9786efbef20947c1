//! A snapshot: a statement, the trees it is of, and what receipts are made from.

use parking_lot::RwLock;
use tallystick_proof::liabilities::Statement;
use tallystick_tree::tree::DenseTree;

use crate::customers::Customers;
use crate::store::Store;

/// A statement with its trees, and all that its receipts are made from.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) statement: Statement,
    /// Written to by `erase` alone.
    pub(crate) customers: RwLock<Customers>,
    /// In the order of the statement's assets.
    pub(crate) trees: Vec<AssetTree>,
}

/// The tree of one asset, or of one group of it.
#[derive(Debug)]
pub(crate) struct AssetTree {
    pub(crate) tree: DenseTree,
    /// The customer of each leaf, as u32, ascending; a customer's leaves stand in the order of their parts.
    pub(crate) owners: Store,
    /// The index of each of these leaves in the tree, as u32.
    pub(crate) indices: Store,
}

impl AssetTree {
    /// Number of leaves.
    pub(crate) fn len(&self) -> usize {
        self.owners.len() / size_of::<u32>()
    }
}
