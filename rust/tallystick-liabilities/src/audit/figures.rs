//! What an audit counts.

use tallystick_proof::liabilities::HASH;

/// Bins of a distribution of amounts: three for each power of ten.
pub const BINS: usize = 39 * 3;

/// How many leaves have amounts from 1, 2 and 5 times each power of ten on, in minor units.
pub type Histogram = [u64; BINS];

/// The bin of an amount, which is not 0.
pub(crate) fn bin(amount: u128) -> usize {
    let power = amount.checked_ilog10().unwrap_or(0);
    // The leading digit. Amounts of 128 bits are rare, and dividing them is slow.
    let digit = match u64::try_from(amount) {
        Ok(amount) => amount / 10_u64.pow(power),
        Err(_) => (amount / 10_u128.pow(power)) as u64,
    };
    power as usize * 3 + usize::from(digit >= 2) + usize::from(digit >= 5)
}

/// What was counted in one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Leaves.
    pub leaves: u64,
    /// Customers among them, the erased too.
    pub holders: u64,
    /// What all leaves add to; `None` if that is 2^128 or more.
    pub total: Option<u128>,
    /// Leaves of erased customers: their digests cannot be made again.
    pub erased_leaves: u64,
    /// What these add to.
    pub erased_total: Option<u128>,
    /// Nodes above the leaves that were made again.
    pub nodes: u64,
    /// The root over the nodes that are stored.
    pub root: Option<[u8; HASH]>,
    /// Distribution of the amounts of leaves.
    pub histogram: Histogram,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            leaves: 0,
            holders: 0,
            total: Some(0),
            erased_leaves: 0,
            erased_total: Some(0),
            nodes: 0,
            root: None,
            histogram: [0; BINS],
        }
    }
}

/// The sum of two totals; `None` if there is none.
fn add(left: Option<u128>, right: Option<u128>) -> Option<u128> {
    left?.checked_add(right?)
}

impl Counted {
    /// Counts a leaf.
    pub(crate) fn leaf(&mut self, amount: u128, erased: bool) {
        self.leaves += 1;
        self.total = add(self.total, Some(amount));
        if erased {
            self.erased_leaves += 1;
            self.erased_total = add(self.erased_total, Some(amount));
        }
        if amount > 0
            && let Some(bin) = self.histogram.get_mut(bin(amount))
        {
            *bin += 1;
        }
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.leaves += other.leaves;
        self.holders += other.holders;
        self.nodes += other.nodes;
        self.erased_leaves += other.erased_leaves;
        self.total = add(self.total, other.total);
        self.erased_total = add(self.erased_total, other.erased_total);
        self.histogram.iter_mut().zip(&other.histogram).for_each(|(own, other)| *own += other);
    }
}

/// What was counted while a table was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Customers of the table.
    pub customers: u64,
    /// Holdings of the table above 0.
    pub holdings: u64,
    /// Those that the snapshot has with the same amount.
    pub equal: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_begin_at_1_2_and_5() {
        let mut begins = (0..39).flat_map(|power| [1, 2, 5].map(|digit| 10_u128.pow(power).checked_mul(digit)));
        assert_eq!(bin(1), 0);
        for number in 0..BINS {
            let Some(Some(begin)) = begins.next() else { break };
            assert_eq!(bin(begin), number);
            if begin > 1 {
                assert_eq!(bin(begin - 1), number - 1);
            }
        }
        assert_eq!(bin(u128::MAX), 38 * 3 + 1);
    }
}
