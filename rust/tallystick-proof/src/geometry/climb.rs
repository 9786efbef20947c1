//! The way up from some known leaves, level by level: the one rule by which proofs are planned and verified.

use alloc::vec::Vec;

use super::Grid;

/// How a parent comes about on the way up from some known nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The parent's place in its level.
    pub parent: u64,
    /// Which of its children are known: bit j for the j-th.
    pub known: u8,
    /// Which of its children there are: the first ones.
    pub present: u8,
}

impl Step {
    /// Which of its children come from the proof.
    pub const fn missing(self) -> u8 {
        self.present & !self.known
    }

    /// The places of those children, ascending.
    pub fn siblings(self, grid: Grid) -> impl Iterator<Item = u64> {
        let (first, missing) = (self.parent.saturating_mul(grid.arity()), self.missing());
        (0..u64::from(u8::BITS))
            .filter(move |child| missing >> child & 1 == 1)
            .map(move |child| first.saturating_add(child))
    }
}

/// The way up from some known leaves.
#[derive(Debug)]
pub struct Climb {
    grid: Grid,
    known: Vec<u64>,
    count: u64,
    levels: u32,
}

impl Climb {
    /// Starts at leaves `indices`, strictly increasing and all below `size`; `None` otherwise, or if there are none.
    pub fn new(grid: Grid, size: u64, indices: Vec<u64>) -> Option<Self> {
        let increasing = indices.is_sorted_by(|left, right| left < right);
        let climb = Self { grid, known: indices, count: size, levels: grid.height(size) };
        (increasing && *climb.known.last()? < size).then_some(climb)
    }

    /// Goes up one level; `steps` becomes one step a parent, ascending. `false` at the top, where nothing is left to do.
    pub fn up(&mut self, steps: &mut Vec<Step>) -> bool {
        steps.clear();
        let Some(levels) = self.levels.checked_sub(1) else { return false };
        self.levels = levels;
        if self.grid.arity() == 2 {
            self.up_by_two(steps);
        } else {
            self.up_by_many(steps);
        }
        self.known.clear();
        self.known.extend(steps.iter().map(|step| step.parent));
        self.count = self.count.div_ceil(self.grid.arity());
        true
    }

    fn up_by_two(&self, steps: &mut Vec<Step>) {
        let mut known = self.known.iter().copied().peekable();
        while let Some(index) = known.next() {
            let right = index | 1;
            let both = index != right && known.next_if_eq(&right).is_some();
            let known = if both { 3 } else { 1 << (index & 1) };
            steps.push(Step { parent: index >> 1, known, present: if right < self.count { 3 } else { 1 } });
        }
    }

    fn up_by_many(&self, steps: &mut Vec<Step>) {
        let arity = self.grid.arity();
        for index in &self.known {
            let (parent, child) = (index / arity, index % arity);
            let bit = 1_u8.checked_shl(child as u32).unwrap_or(0);
            match steps.last_mut() {
                Some(step) if step.parent == parent => step.known |= bit,
                _ => {
                    let there = self.count.saturating_sub(parent.saturating_mul(arity)).min(arity);
                    let present = u8::MAX.checked_shr(8_u32.saturating_sub(there as u32)).unwrap_or(0);
                    steps.push(Step { parent, known: bit, present });
                }
            }
        }
    }

    /// The known nodes of the level reached.
    pub fn known(&self) -> &[u64] {
        &self.known
    }
}
