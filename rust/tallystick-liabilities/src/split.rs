//! Splitting balances over several leaves, so that neither a leaf nor the number of leaves tells what a customer has.

use std::collections::BTreeMap;

use tallystick_proof::liabilities::{KEY, MAX_PARTS};

use crate::error::LiabilityError;
use crate::ledger::Amounts;

/// How balances are split.
#[derive(Clone, Debug)]
pub struct Split {
    /// Most parts of a balance before leaves are padded; each has from 1 to as many, at random.
    pub parts: u16,
    /// Leaves that the trees of a code have at least, reached by splitting more. A tree without holders stays empty.
    pub leaves: BTreeMap<String, u64>,
}

impl Default for Split {
    fn default() -> Self {
        Self { parts: 1, leaves: BTreeMap::new() }
    }
}

/// Holdings as leaves, in the order of customers and then of parts.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Customer of each leaf.
    pub(crate) owners: Vec<u32>,
    pub(crate) amounts: Amounts,
    /// Part and number of parts of each leaf; `None` where every balance is one leaf.
    pub(crate) numbers: Option<Vec<(u16, u16)>>,
}

impl Parts {
    /// Part and number of parts of a leaf.
    pub(crate) fn number(&self, leaf: usize) -> (u16, u16) {
        self.numbers.as_ref().map_or((0, 1), |numbers| numbers[leaf])
    }
}

/// Splits the balances of `owners`, who ascend. `key` is that of a customer: chance follows from it, and from what the tree
/// is of, so nobody without keys can tell parts of one balance from others.
pub(crate) fn split<'a>(
    owners: Vec<u32>,
    amounts: Amounts,
    how: &Split,
    (code, group): (&str, &str),
    key: impl Fn(u32) -> Option<&'a [u8; KEY]>,
) -> Result<Parts, LiabilityError> {
    let least = how.leaves.get(code).copied().unwrap_or(0);
    if how.parts <= 1 && least <= owners.len() as u64 || owners.is_empty() {
        return Ok(Parts { owners, amounts, numbers: None });
    }
    // Numbers of parts and where balances are cut are drawn from streams of their own.
    let dice = |owner, drawn| {
        let key = key(owner).ok_or(LiabilityError::Defect("a holder has a key"));
        key.map(|key| Dice::new(key, code, group, drawn))
    };
    let room = |place| u16::try_from(amounts.get(place)).unwrap_or(MAX_PARTS);
    let mut counts = Vec::with_capacity(owners.len());
    for (place, owner) in owners.iter().enumerate() {
        let most = how.parts.clamp(1, room(place));
        counts.push(if most == 1 { 1 } else { 1 + dice(*owner, b"count")?.below(most.into()) as u16 });
    }
    pad(&mut counts, room, least, code)?;
    let length = counts.iter().map(|count| usize::from(*count)).sum();
    if u32::try_from(length).is_err() {
        return Err(LiabilityError::TooMany("leaves of a tree"));
    }
    let mut parts = Parts { owners: Vec::with_capacity(length), amounts: Amounts::default(), numbers: None };
    let mut numbers = Vec::with_capacity(length);
    for (place, (&owner, &count)) in owners.iter().zip(&counts).enumerate() {
        let amount = amounts.get(place);
        if count == 1 {
            parts.amounts.push(amount);
        } else {
            for part in dice(owner, b"cuts")?.cut(amount, count) {
                parts.amounts.push(part);
            }
        }
        parts.owners.extend(std::iter::repeat_n(owner, count.into()));
        numbers.extend((0..count).map(|part| (part, count)));
    }
    parts.numbers = Some(numbers);
    Ok(parts)
}

/// Adds parts, evenly, until there are `least`.
fn pad(counts: &mut [u16], room: impl Fn(usize) -> u16, least: u64, code: &str) -> Result<(), LiabilityError> {
    let mut missing = least.saturating_sub(counts.iter().map(|count| u64::from(*count)).sum());
    while missing > 0 {
        let before = missing;
        for (place, count) in counts.iter_mut().enumerate() {
            if missing > 0 && *count < room(place) {
                *count += 1;
                missing -= 1;
            }
        }
        if missing == before {
            let most = least - missing;
            return Err(LiabilityError::TooFewUnits { code: code.to_owned(), leaves: least, most });
        }
    }
    Ok(())
}

/// Chance that follows from a customer's key.
struct Dice(blake3::OutputReader);

impl Dice {
    fn new(key: &[u8; KEY], code: &str, group: &str, drawn: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher
            .update(b"tallystick split ")
            .update(drawn)
            .update(b"\0")
            .update(code.as_bytes())
            .update(b"\0")
            .update(group.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// A number below `end`, which is not 0; each as likely.
    fn below(&mut self, end: u128) -> u128 {
        let mask = u128::MAX.checked_shr((end - 1).leading_zeros()).unwrap_or(0);
        loop {
            let mut bytes = [0; 16];
            self.0.fill(&mut bytes);
            let number = u128::from_le_bytes(bytes) & mask;
            if number < end {
                return number;
            }
        }
    }

    /// `count` amounts of at least 1 that add to `amount`, which is at least `count`; each such list as likely.
    fn cut(&mut self, amount: u128, count: u16) -> Vec<u128> {
        let (inner, wanted) = (amount - 1, usize::from(count) - 1);
        let mut cuts = std::collections::BTreeSet::new();
        // The last `wanted` of `inner` places, each taken or, if it is taken already, exchanged for the end (Floyd).
        for end in inner - wanted as u128..inner {
            let place = self.below(end + 1);
            if !cuts.insert(place + 1) {
                cuts.insert(end + 1);
            }
        }
        let ends: Vec<u128> = cuts.into_iter().chain([amount]).collect();
        let begins = std::iter::once(0).chain(ends.iter().copied());
        ends.iter().zip(begins).map(|(end, begin)| end - begin).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(list: &[u128]) -> Amounts {
        let mut amounts = Amounts::default();
        for amount in list {
            amounts.push(*amount);
        }
        amounts
    }

    #[test]
    fn parts_add_to_their_balance() -> Result<(), LiabilityError> {
        let balances = [1, 2, 3, 70_000, u128::MAX - 80_000, 5];
        let key = [7; KEY];
        for (most, least) in [(1, 0), (1, 7), (2, 0), (9, 0), (u16::MAX, 0), (1, 100), (3, 131_081)] {
            let how = Split { parts: most, leaves: BTreeMap::from([("BTC".to_owned(), least)]) };
            let parts = split((0..6).collect(), amounts(&balances), &how, ("BTC", ""), |_| Some(&key))?;
            assert!(parts.owners.len() as u64 >= least);
            for (owner, balance) in (0..6).zip(balances) {
                let places: Vec<usize> = (0..parts.owners.len()).filter(|leaf| parts.owners[*leaf] == owner).collect();
                let own: Vec<u128> = places.iter().map(|leaf| parts.amounts.get(*leaf)).collect();
                assert_eq!(own.iter().sum::<u128>(), balance);
                assert!(own.iter().all(|amount| *amount > 0));
                let numbers: Vec<_> = places.iter().map(|leaf| parts.number(*leaf)).collect();
                let count = own.len() as u16;
                assert_eq!(numbers, (0..count).map(|part| (part, count)).collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    #[test]
    fn there_are_never_more_leaves_than_units() {
        let how = Split { parts: 1, leaves: BTreeMap::from([("BTC".to_owned(), 10)]) };
        let refused = split(vec![0, 1], amounts(&[4, 5]), &how, ("BTC", ""), |_| Some(&[1; KEY]));
        assert!(matches!(refused, Err(LiabilityError::TooFewUnits { most: 9, .. })));
    }

    /// The number of parts tells nothing about where a balance is cut.
    #[test]
    fn cuts_do_not_follow_from_counts() -> Result<(), LiabilityError> {
        let keys: Vec<[u8; KEY]> =
            (0..4000_u32).map(|number| *blake3::hash(&number.to_le_bytes()).as_bytes()).collect();
        let balances = amounts(&vec![1 << 40; keys.len()]);
        let how = Split { parts: 4, leaves: BTreeMap::new() };
        let owners = (0..keys.len() as u32).collect();
        let parts = split(owners, balances, &how, ("BTC", ""), |customer| keys.get(customer as usize))?;
        let mut found = [[0_u32; 4]; 5];
        for leaf in (0..parts.owners.len()).filter(|leaf| parts.number(*leaf).0 == 0) {
            found[usize::from(parts.number(leaf).1)][(parts.amounts.get(leaf) % 4) as usize] += 1;
        }
        for row in &found[1..] {
            assert!((900..1100).contains(&row.iter().sum::<u32>()), "{found:?}");
        }
        for row in &found[2..] {
            assert!(row.iter().all(|count| (190..310).contains(count)), "{found:?}");
        }
        Ok(())
    }
}
