//! Which customers came, for each of many trees: in little memory for few and for many.

use std::collections::HashSet;

use tallystick_liabilities::customers::Marks;

/// From here on a bit for each customer may take less.
const FEW: usize = 1 << 12;
/// Bits that one customer in a set is taken to cost.
const COST: usize = 128;

/// A set of customers.
pub(super) enum Came {
    Few(HashSet<u32>),
    Many(Marks),
}

impl Default for Came {
    fn default() -> Self {
        Self::Few(HashSet::new())
    }
}

impl Came {
    /// Adds one of so many customers; `false` if it came before.
    #[inline]
    pub(super) fn insert(&mut self, customer: u32, customers: usize) -> bool {
        match self {
            Self::Many(marks) => marks.insert(customer),
            Self::Few(few) => {
                let new = few.insert(customer);
                if few.len() >= FEW && few.len() >= customers / COST {
                    let mut marks = Marks::default();
                    for customer in few.drain() {
                        marks.insert(customer);
                    }
                    *self = Self::Many(marks);
                }
                new
            }
        }
    }
}
