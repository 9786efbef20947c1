//! Timing several ways beside each other.
//!
//! A shared machine drifts by tens of per cent within minutes, so nothing is timed alone: every round runs each way once, in
//! short windows, and what is reported are medians over the rounds.

use std::time::{Duration, Instant};

/// One way to do something.
pub struct Way<'a> {
    /// What it is called in the table.
    pub name: String,
    /// How many units a call does.
    pub units: usize,
    /// The call.
    pub call: Box<dyn FnMut() + 'a>,
}

impl<'a> Way<'a> {
    /// A call that does `units`.
    pub fn new(name: impl Into<String>, units: usize, call: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), units, call: Box::new(call) }
    }
}

/// What was measured of one way.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Nanoseconds a unit: the median over the rounds.
    pub median: f64,
    /// The fastest round.
    pub best: f64,
    /// Time over the first way's in the same round: first quartile, median, third quartile.
    pub ratio: [f64; 3],
}

/// Runs all ways in turn, `rounds` times, each for about `window`.
pub fn beside(ways: &mut [Way<'_>], rounds: usize, window: Duration) -> Vec<Measured> {
    let calls: Vec<u32> = ways
        .iter_mut()
        .map(|way| {
            (way.call)();
            let begin = Instant::now();
            (way.call)();
            (window.as_secs_f64() / begin.elapsed().as_secs_f64().max(1e-9)).clamp(1.0, 1e6) as u32
        })
        .collect();
    let mut times = vec![Vec::with_capacity(rounds); ways.len()];
    for _ in 0..rounds {
        for ((way, calls), times) in ways.iter_mut().zip(&calls).zip(&mut times) {
            let begin = Instant::now();
            (0..*calls).for_each(|_| (way.call)());
            times.push(begin.elapsed().as_secs_f64() * 1e9 / (f64::from(*calls) * way.units as f64));
        }
    }
    let first = times.first().cloned().unwrap_or_default();
    times
        .into_iter()
        .map(|times| {
            let mut ratios: Vec<f64> = times.iter().zip(&first).map(|(time, first)| time / first).collect();
            let mut sorted = times;
            sorted.sort_by(f64::total_cmp);
            ratios.sort_by(f64::total_cmp);
            let at = |list: &[f64], part: usize| list.get(list.len() * part / 4).copied().unwrap_or(f64::NAN);
            Measured {
                median: at(&sorted, 2),
                best: at(&sorted, 0),
                ratio: [at(&ratios, 1), at(&ratios, 2), at(&ratios, 3)],
            }
        })
        .collect()
}

/// Runs all ways as [`beside`] does and prints one line each.
pub fn table(ways: &mut [Way<'_>], rounds: usize, window: Duration) {
    let measured = beside(ways, rounds, window);
    for (way, Measured { median, best, ratio: [low, middle, high] }) in ways.iter().zip(measured) {
        println!("{:<44} {median:>9.2} ns  best {best:>9.2}  ratio {middle:.3} ({low:.3} to {high:.3})", way.name);
    }
}
