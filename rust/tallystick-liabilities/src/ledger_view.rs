//! Looking into a ledger, for who tests what was read.

use crate::ledger::{Holdings, Ledger};

/// A tree of a ledger, as it was made.
#[derive(Debug)]
pub struct TreeView<'a> {
    /// Code of its asset.
    pub code: &'a str,
    /// Its group.
    pub group: &'a str,
    /// Decimals of its asset.
    pub decimals: u8,
}

impl Ledger {
    /// The trees, in the order in which they were made: their places are what [`holdings`](Self::holdings) takes.
    pub fn trees(&self) -> impl ExactSizeIterator<Item = TreeView<'_>> {
        self.trees.iter().map(|tree| TreeView { code: &tree.code, group: &tree.group, decimals: tree.decimals })
    }

    /// What is held in a tree: customers and amounts, in the order in which they were added. `None` if there is no such
    /// tree, or if its holdings go to a file.
    pub fn holdings(&self, tree: usize) -> Option<impl ExactSizeIterator<Item = (u32, u128)>> {
        let Holdings::Memory(customers, amounts) = &self.trees.get(tree)?.holdings else { return None };
        Some(customers.iter().enumerate().map(|(place, customer)| (*customer, amounts.get(place))))
    }

    /// The id of a customer.
    pub fn id(&self, customer: u32) -> Option<&[u8]> {
        self.register.id(customer)
    }

    /// The key of a customer, if the table brought keys.
    pub fn key(&self, customer: u32) -> Option<&[u8]> {
        self.register
            .keys
            .as_chunks::<{ tallystick_proof::liabilities::KEY }>()
            .0
            .get(customer as usize)
            .map(|key| &key[..])
    }
}
