//! Holdings of one asset in two lists of customers: who is in both, and with which amounts.

use tallystick_tree::pool::{Interrupted, Run};
use tallystick_tree::tree::DenseTree;

use crate::error::LiabilityError;
use crate::ledger::Amounts;

/// Nobody in the other list.
pub(crate) const NOBODY: u32 = u32::MAX;
/// Holdings that one task looks at, and after how many it is asked whether to go on.
const CHUNK: usize = 4096;

/// What customers hold of one asset: one amount each.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) owners: Vec<u32>,
    pub(crate) amounts: Amounts,
}

/// What became of a holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Only in the first list: its customer there.
    Gone(u32, u128),
    /// Only in the second.
    Added(u32, u128),
    /// In both: the customer of the second, and both amounts.
    Kept(u32, u128, u128),
}

/// Asks from time to time whether to go on.
pub(crate) fn poll(place: usize, run: Run<'_>) -> Result<(), Interrupted> {
    if place.is_multiple_of(CHUNK) && (run.interrupt)() { Err(Interrupted) } else { Ok(()) }
}

impl Held {
    /// From a list of owners, who ascend, and the indices of their leaves. `read` says the amounts of some leaves.
    pub(crate) fn new(
        (owners, indices): (&[u8], &[u8]),
        read: impl Fn(&[[u8; 4]], &mut [u128]) -> Result<(), LiabilityError> + Sync,
        run: Run<'_>,
    ) -> Result<Self, LiabilityError> {
        let (owners, indices) = (owners.as_chunks::<4>().0, indices.as_chunks::<4>().0);
        let mut parts = vec![0; owners.len().min(indices.len())];
        run.each(parts.chunks_mut(CHUNK).zip(indices.chunks(CHUNK)), |(parts, indices)| read(indices, parts))?;
        let mut held = Self::default();
        let mut whole: Option<(u32, u128)> = None;
        for (place, (owner, part)) in owners.iter().zip(parts).enumerate() {
            poll(place, run)?;
            let owner = u32::from_le_bytes(*owner);
            whole = match whole {
                Some((last, amount)) if last == owner => Some((owner, amount.saturating_add(part))),
                last => {
                    held.extend(last);
                    Some((owner, part))
                }
            };
        }
        held.extend(whole);
        Ok(held)
    }

    /// From a tree of sums.
    pub(crate) fn of_tree(tree: &DenseTree, lists: (&[u8], &[u8]), run: Run<'_>) -> Result<Self, LiabilityError> {
        let read = |indices: &[[u8; 4]], parts: &mut [u128]| {
            let indices: Vec<u64> = indices.iter().map(|index| u32::from_le_bytes(*index).into()).collect();
            parts.copy_from_slice(&tree.amounts(&indices)?);
            Ok(())
        };
        Self::new(lists, read, run)
    }

    fn extend(&mut self, holding: Option<(u32, u128)>) {
        if let Some((owner, amount)) = holding {
            self.owners.push(owner);
            self.amounts.push(amount);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u128)> {
        self.owners.iter().enumerate().map(|(place, owner)| (*owner, self.amounts.get(place)))
    }
}

/// Compares two lists of holdings. `later` says for each customer of the first list who it is in the second, of `count`.
pub(crate) fn compare(
    (first, second): (&Held, &Held),
    later: &[u32],
    count: usize,
    run: Run<'_>,
    mut each: impl FnMut(Change),
) -> Result<(), LiabilityError> {
    // Where each customer of the second list has its holding in the first.
    let mut places = vec![NOBODY; count];
    for (place, (owner, amount)) in first.iter().enumerate() {
        poll(place, run)?;
        let other = later.get(owner as usize).and_then(|other| places.get_mut(*other as usize));
        match other {
            Some(free) if *free == NOBODY => *free = place as u32,
            _ => each(Change::Gone(owner, amount)),
        }
    }
    for (number, (owner, amount)) in second.iter().enumerate() {
        poll(number, run)?;
        match places.get_mut(owner as usize) {
            Some(place) if *place != NOBODY => {
                each(Change::Kept(owner, first.amounts.get(*place as usize), amount));
                *place = NOBODY;
            }
            _ => each(Change::Added(owner, amount)),
        }
    }
    for place in places.into_iter().filter(|place| *place != NOBODY) {
        let place = place as usize;
        each(Change::Gone(first.owners[place], first.amounts.get(place)));
    }
    Ok(())
}

/// Finds customers of a second list in a first one. Returns who each of the second is in the first, and the other way round;
/// `find` says nobody for those that are to be passed over.
pub(crate) fn matched(
    (first, second): (usize, usize),
    find: impl Fn(u32) -> Option<u32> + Sync,
    run: Run<'_>,
) -> Result<[Vec<u32>; 2], LiabilityError> {
    let mut earlier = vec![NOBODY; second];
    run.each(earlier.chunks_mut(CHUNK).enumerate(), |(chunk, earlier)| {
        for (place, other) in earlier.iter_mut().enumerate() {
            *other = find((chunk * CHUNK + place) as u32).unwrap_or(NOBODY);
        }
        Ok::<_, LiabilityError>(())
    })?;
    let mut later = vec![NOBODY; first];
    for (customer, other) in (0..).zip(&earlier) {
        if let Some(later) = later.get_mut(*other as usize) {
            *later = customer;
        }
    }
    Ok([later, earlier])
}
