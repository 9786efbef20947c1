//! Counting what was tried, in parallel.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::options::Options;

/// A campaign that could not go on.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// Examples that are kept of what went wrong.
const EXAMPLES: usize = 10;

/// What was tried and what became of it.
#[derive(Default)]
pub(crate) struct Tally {
    tried: u64,
    accepted: u64,
    honest: u64,
    honest_refused: u64,
    notes: BTreeMap<&'static str, u64>,
    examples: Vec<String>,
}

impl Tally {
    /// Counts something that must be refused.
    pub(crate) fn forged(&mut self, accepted: bool, what: impl FnOnce() -> String) {
        self.tried += 1;
        if accepted {
            self.accepted += 1;
            self.example(what);
        }
    }

    /// Counts something that must be accepted.
    pub(crate) fn honest(&mut self, accepted: bool, what: impl FnOnce() -> String) {
        self.honest += 1;
        if !accepted {
            self.honest_refused += 1;
            self.example(|| format!("honest: {}", what()));
        }
    }

    /// Counts something worth knowing.
    pub(crate) fn note(&mut self, name: &'static str, count: u64) {
        *self.notes.entry(name).or_default() += count;
    }

    /// Keeps the largest of a figure.
    pub(crate) fn most(&mut self, name: &'static str, figure: u64) {
        let most = self.notes.entry(name).or_default();
        *most = figure.max(*most);
    }

    fn example(&mut self, what: impl FnOnce() -> String) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(what());
        }
    }

    fn add(&mut self, other: Self) {
        self.tried += other.tried;
        self.accepted += other.accepted;
        self.honest += other.honest;
        self.honest_refused += other.honest_refused;
        for (name, count) in other.notes {
            self.note(name, count);
        }
        for example in other.examples {
            self.example(|| example);
        }
    }

    pub(crate) fn clean(&self) -> bool {
        self.accepted == 0 && self.honest_refused == 0
    }

    pub(crate) fn line(&self, name: &str, took: f64) -> String {
        let mut parts = vec![
            format!("{name}: tried {}, accepted {}, took {took:.1} s", self.tried, self.accepted),
            format!("honest {}, refused {}", self.honest, self.honest_refused),
        ];
        parts.extend(self.notes.iter().map(|(name, count)| format!("{name} {count}")));
        let examples: Vec<String> = self.examples.iter().map(|example| format!("\n  {example}")).collect();
        parts.join("; ") + &examples.concat()
    }

    pub(crate) fn json(&self, name: &str, options: &Options, took: f64) -> String {
        json!({
            "name": name,
            "seed": options.seed,
            "sample": options.sample,
            "tried": self.tried,
            "accepted": self.accepted,
            "honest": self.honest,
            "honest_refused": self.honest_refused,
            "notes": self.notes,
            "examples": self.examples,
            "seconds": took,
        })
        .to_string()
    }
}

/// Runs every task on some thread and adds up their tallies in the order of the tasks.
pub(crate) fn spread<T: Sync>(
    tasks: &[T],
    options: &Options,
    run: impl Fn(&T, &mut Tally) -> Result<(), Fault> + Sync,
) -> Result<Tally, Fault> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(place) else { break };
                    let mut tally = Tally::default();
                    let outcome = run(task, &mut tally).map(|()| tally);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if done.len() != tasks.len() {
        return Err("a thread did not come back".into());
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    let mut all = Tally::default();
    for (_, outcome) in done {
        all.add(outcome?);
    }
    Ok(all)
}
