//! Which pages of a store the nodes in memory come from, and which are not read.

use std::collections::HashMap;

use super::nodes::Ref;
use super::page::{Place, Stamp};

/// The pages of a tree that is kept in a store.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages that nodes refer to by number.
    known: Vec<Known>,
    /// Their numbers, by stamp and digest: two versions that have a page have it once.
    numbers: HashMap<(Stamp, Vec<u8>), u32>,
    /// The page that an inner node is the top of.
    tops: HashMap<u32, (Stamp, Place)>,
}

#[derive(Debug)]
struct Known {
    stamp: Stamp,
    /// The topmost node, once it was read.
    top: Option<u32>,
}

impl Pages {
    /// The number of a page.
    pub(super) fn number(&mut self, stamp: Stamp, digest: &[u8]) -> u32 {
        let next = self.known.len() as u32;
        let number = *self.numbers.entry((stamp, digest.to_vec())).or_insert(next);
        if number == next {
            self.known.push(Known { stamp, top: None });
        }
        number
    }

    #[inline]
    pub(super) fn read_as(&self, page: u32, at: Ref) -> Ref {
        self.known.get(page as usize).and_then(|known| known.top).map_or(at, Ref::inner)
    }

    pub(super) fn stamp(&self, page: u32) -> Option<Stamp> {
        self.known.get(page as usize).map(|known| known.stamp)
    }

    /// A page was read, or written.
    pub(super) fn set_top(&mut self, page: Option<u32>, top: u32, stamp: Stamp, place: Place) {
        if let Some(known) = page.and_then(|page| self.known.get_mut(page as usize)) {
            known.top = Some(top);
        }
        self.tops.insert(top, (stamp, place));
    }

    /// The page that an inner node is the top of.
    pub(super) fn of_top(&self, top: u32) -> Option<(Stamp, Place)> {
        self.tops.get(&top).copied()
    }

    /// An inner node is no more.
    pub(super) fn forget(&mut self, top: u32) {
        if !self.tops.is_empty() {
            self.tops.remove(&top);
        }
    }

    /// Takes pages for unread whose topmost node is no more.
    pub(super) fn keep(&mut self, is_kept: impl Fn(u32) -> bool) {
        for known in &mut self.known {
            known.top = known.top.filter(|top| is_kept(*top));
        }
        self.tops.retain(|top, _| is_kept(*top));
    }

    /// Bytes that are held, about.
    pub(super) fn bytes(&self) -> usize {
        self.known.len() * 24 + self.numbers.len() * 96 + self.tops.len() * 64
    }
}
