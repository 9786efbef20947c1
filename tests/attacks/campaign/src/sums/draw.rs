//! Amounts at random, near the numbers where additions go wrong.

use super::wide::Wide;
use crate::rng::Rng;

/// What amounts and totals are drawn close to.
const EDGES: [usize; 4] = [63, 64, 127, 128];

fn any(rng: &mut Rng) -> u128 {
    u128::from(rng.next()) << 64 | u128::from(rng.next())
}

/// Within 3 of an edge; what would be 2^128 or more is as much from 0.
pub(super) fn near_edge(rng: &mut Rng) -> u128 {
    let edge = 1_u128.checked_shl(EDGES[rng.place(EDGES.len())] as u32).unwrap_or(0);
    edge.wrapping_add(u128::from(rng.below(7))).wrapping_sub(3)
}

/// Amounts of a tree. Their total is 2^128 or more in about a third of the trees, and close to an edge in another.
pub(super) fn amounts(size: usize, rng: &mut Rng) -> Vec<u128> {
    // Small enough for their total to be an amount, but for edges among them.
    let bits = rng.below(129 - u64::from(usize::BITS - size.leading_zeros()));
    let edges = [0.0, 0.0, 1.0 / f64::from(size as u32), 0.05][rng.place(4)];
    let mut amounts: Vec<u128> = (0..size)
        .map(|_| match rng.below(8) {
            _ if rng.chance(edges) => near_edge(rng),
            0 => 0,
            1 => u128::from(rng.below(3)),
            _ => any(rng).checked_shr(127 - bits as u32).unwrap_or(0) >> 1,
        })
        .collect();
    if rng.below(3) == 0 {
        lead_to(target(rng), &mut amounts, rng);
    }
    amounts
}

/// Within 3 of an edge.
fn target(rng: &mut Rng) -> Wide {
    let edge = Wide::power(EDGES[rng.place(EDGES.len())]);
    edge.plus(Wide::of(u128::from(rng.below(7)))).minus(Wide::of(3))
}

/// Changes one amount so that all add to this total, if there is an amount that does.
fn lead_to(total: Wide, amounts: &mut [u128], rng: &mut Rng) {
    let place = rng.place(amounts.len());
    let others = amounts.iter().enumerate().filter(|(other, _)| *other != place);
    let others = others.fold(Wide::default(), |sum, (_, amount)| sum.plus(Wide::of(*amount)));
    if let Some(amount) = (others <= total).then(|| total.minus(others)).and_then(Wide::amount) {
        amounts[place] = amount;
    }
}
