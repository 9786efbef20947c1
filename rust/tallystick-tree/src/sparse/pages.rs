//! Which pages of a store the nodes in memory come from, and which are not read.

use std::collections::HashMap;

use tallystick_proof::scheme::Foot;

use super::nodes::Ref;
use super::page::{Below, Place, Stamp};

/// The pages of a tree that is kept in a store.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages that nodes refer to by number.
    known: Vec<Known>,
    /// Their numbers, by stamp, place and digest: two versions that have a page have it once. Pages of two places may have
    /// one digest.
    numbers: HashMap<(Stamp, Place, Vec<u8>), u32>,
    /// The page that an inner node is the top of.
    tops: HashMap<u32, (Stamp, Place)>,
}

#[derive(Debug)]
struct Known {
    stamp: Stamp,
    /// The topmost node, once it was read.
    top: Option<u32>,
    /// Where its run ends, where there are runs; but for the root's.
    foot: Option<Box<Foot>>,
}

impl Pages {
    /// The number of a page.
    pub(super) fn number(&mut self, page: &Below) -> u32 {
        let Below { stamp, place, digest, foot } = page;
        let next = self.known.len() as u32;
        let number = *self.numbers.entry((*stamp, *place, digest.clone())).or_insert(next);
        if number == next {
            self.known.push(Known { stamp: *stamp, top: None, foot: foot.map(Box::new) });
        }
        number
    }

    #[inline]
    pub(super) fn read_as(&self, page: u32, at: Ref) -> Ref {
        self.known.get(page as usize).and_then(|known| known.top).map_or(at, Ref::inner)
    }

    /// The foot of a page's topmost node, as it was stated.
    pub(super) fn foot(&self, page: u32) -> Option<Foot> {
        self.known.get(page as usize).and_then(|known| known.foot.as_deref()).copied()
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
        self.known.len() * size_of::<Known>() + self.numbers.len() * 136 + self.tops.len() * 64
    }
}
