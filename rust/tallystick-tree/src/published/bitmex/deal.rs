//! Which leaves there are: balances cut into parts, in an order that shows nothing of whose they are.
//!
//! All chance comes from one key: the same key and holdings give the same leaves.

use super::BitmexError;
use super::write::Order;
use crate::memory::reserved;

/// No holder: a leaf of amount 0 that fills up the tree.
pub(super) const NOBODY: u32 = u32::MAX;
/// So many leaves at most, so that holders and leaves have numbers of 32 bits.
const MOST: u64 = 1 << 31;
/// Picks in vain, one after the other, until chance is left and those that can still be cut are looked up.
const PATIENCE: u32 = 64;

/// A leaf before it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The place of its account, or [`NOBODY`].
    pub(super) owner: u32,
    /// Its amount.
    pub(super) amount: u64,
}

/// A subkey of the key of a file, for one purpose.
pub(super) fn subkey(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    blake3::keyed_hash(key, purpose.as_bytes()).into()
}

/// The leaves of these amounts, a power of two of them, in the order of the tree.
pub(super) fn deal(amounts: &[u64], order: Order, key: &[u8; 32]) -> Result<Vec<Part>, BitmexError> {
    let holders = amounts.iter().filter(|amount| **amount > 0).count() as u64;
    if holders == 0 {
        return Err(BitmexError::Nothing);
    }
    let least = holders.checked_mul(order.split.map_or(1, |parts| parts.max(1).into()));
    let leaves = least.and_then(u64::checked_next_power_of_two).filter(|leaves| *leaves <= MOST);
    let leaves = leaves.ok_or(BitmexError::TooMany)?.max(2) as usize;
    let mut chance = Chance::new(&subkey(key, "tallystick bitmex parts"));
    let counts = counts(amounts, order.split, leaves as u64, &mut chance)?;
    let mut parts = reserved(leaves)?;
    let mut cuts = Vec::new();
    for (owner, (amount, count)) in amounts.iter().zip(&counts).enumerate() {
        cut(*amount, *count, &mut cuts, &mut chance);
        parts.extend(cuts.iter().map(|amount| Part { owner: owner as u32, amount: *amount }));
    }
    parts.resize(leaves, Part { owner: NOBODY, amount: 0 });
    if order.shuffle {
        let mut chance = Chance::new(&subkey(key, "tallystick bitmex order"));
        for last in (1..parts.len()).rev() {
            parts.swap(last, chance.below(last as u64 + 1) as usize);
        }
    }
    Ok(parts)
}

/// Into how many parts each amount is cut: none for 0, at most as many as it has satoshis, together no more than `leaves`.
fn counts(amounts: &[u64], split: Option<u32>, leaves: u64, chance: &mut Chance) -> Result<Vec<u32>, BitmexError> {
    let least = split.unwrap_or(1).max(1);
    let mut counts = reserved(amounts.len())?;
    counts.extend(amounts.iter().map(|amount| u32::try_from(*amount).unwrap_or(u32::MAX).min(least)));
    if split.is_none() {
        return Ok(counts);
    }
    let mut open = leaves - counts.iter().map(|count| u64::from(*count)).sum::<u64>();
    let mut vain = 0;
    while open > 0 && vain < PATIENCE {
        let place = chance.below(counts.len() as u64) as usize;
        vain += 1;
        if u64::from(counts[place]) < amounts[place] && amounts[place] > 0 {
            counts[place] += 1;
            open -= 1;
            vain = 0;
        }
    }
    // Few can be cut further: they share what is open evenly.
    let mut able: Vec<usize> = (0..counts.len()).filter(|place| u64::from(counts[*place]) < amounts[*place]).collect();
    while open > 0 && !able.is_empty() {
        let share = open.div_ceil(able.len() as u64);
        for place in &able {
            let more = share.min(open).min(amounts[*place] - u64::from(counts[*place]));
            counts[*place] += more as u32;
            open -= more;
        }
        able.retain(|place| u64::from(counts[*place]) < amounts[*place]);
    }
    Ok(counts)
}

/// Cuts an amount into so many parts of at least 1, every way to cut it alike likely up to repeated cuts.
fn cut(amount: u64, count: u32, parts: &mut Vec<u64>, chance: &mut Chance) {
    parts.clear();
    let Some(cuts) = count.checked_sub(1) else { return };
    // What is left once each part has its 1.
    let free = amount - u64::from(count);
    match free.checked_add(1) {
        Some(places) => parts.extend((0..cuts).map(|_| chance.below(places))),
        None => parts.extend((0..cuts).map(|_| chance.next())),
    }
    parts.sort_unstable();
    parts.push(free);
    let mut before = 0;
    for part in parts {
        let here = *part;
        *part = here - before + 1;
        before = here;
    }
}

/// Numbers by chance, from the output of BLAKE3 under a key.
struct Chance {
    stream: blake3::OutputReader,
    bytes: [u8; 4096],
    at: usize,
}

impl Chance {
    fn new(key: &[u8; 32]) -> Self {
        let stream = blake3::Hasher::new_keyed(key).finalize_xof();
        Self { stream, bytes: [0; 4096], at: 4096 }
    }

    fn next(&mut self) -> u64 {
        if self.at == self.bytes.len() {
            self.stream.fill(&mut self.bytes);
            self.at = 0;
        }
        let number = self.bytes[self.at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        self.at += 8;
        number
    }

    /// A number below `limit`, which is above 0; each alike likely (Lemire, 2019).
    fn below(&mut self, limit: u64) -> u64 {
        let unfair = limit.wrapping_neg() % limit;
        loop {
            let wide = u128::from(self.next()) * u128::from(limit);
            if wide as u64 >= unfair {
                return (wide >> 64) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(split: Option<u32>) -> Order {
        Order { split, shuffle: true }
    }

    #[test]
    fn parts_add_up_and_fill_a_power_of_two() -> Result<(), BitmexError> {
        let cases: [&[u64]; 7] = [
            &[1],
            &[2],
            &[1, 1, 1],
            &[0, 5, 0, 1_000_000],
            &[u64::MAX],
            &[u64::MAX - 10, 3, 2, 1, 0, 1],
            &[1, 1, 1, 1, 1, 1, 1, 1, 1, 40],
        ];
        for amounts in cases {
            for split in [None, Some(1), Some(2), Some(3)] {
                let parts = deal(amounts, order(split), &[7; 32])?;
                assert!(parts.len().is_power_of_two() && parts.len() > 1);
                for (owner, amount) in amounts.iter().enumerate() {
                    let own = parts.iter().filter(|part| part.owner == owner as u32);
                    assert_eq!(own.clone().map(|part| part.amount).sum::<u64>(), *amount);
                    assert!(own.clone().all(|part| part.amount > 0));
                    assert!(split.is_some() || own.count() == usize::from(*amount > 0));
                }
                assert!(parts.iter().all(|part| part.owner != NOBODY || part.amount == 0));
                // Nobody's leaves are there only if nothing could be cut any more, or cutting was not asked for.
                let total = amounts.iter().map(|amount| u128::from(*amount)).sum::<u128>();
                let nobody = parts.iter().any(|part| part.owner == NOBODY);
                assert!(!nobody || split.is_none() || total < parts.len() as u128);
                assert_eq!(deal(amounts, order(split), &[7; 32])?, parts);
            }
        }
        assert!(matches!(deal(&[0, 0], order(None), &[7; 32]), Err(BitmexError::Nothing)));
        assert!(matches!(deal(&[1; 3], order(Some(u32::MAX)), &[7; 32]), Err(BitmexError::TooMany)));
        Ok(())
    }

    #[test]
    fn chance_is_even() {
        let mut chance = Chance::new(&[1; 32]);
        let mut found = [0_u32; 6];
        for _ in 0..60_000 {
            found[chance.below(6) as usize] += 1;
        }
        assert!(found.iter().all(|count| (9_500..10_500).contains(count)), "{found:?}");
        assert_eq!(chance.below(1), 0);
    }
}
