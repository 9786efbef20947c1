//! Structural corruptions: digests, indices, leaves and sizes dropped, repeated, swapped, added and changed.

mod consistency;
pub(crate) mod digests;
mod multi;
mod single;

use crate::options::Options;
use crate::subjects::{by_size, subjects};
use crate::tally::{Fault, Tally, spread};

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let subjects = subjects(options, options.max_size, |rng| 2 + rng.place(60))?;
    let tasks = by_size(&subjects, options.max_size);
    let mut tally = spread(&tasks, options, |(subject, size), tally| {
        single::run(subject, *size, options, tally)?;
        multi::run(subject, *size, options, tally)?;
        consistency::run(subject, *size, options, tally)
    })?;
    tally.most("schemes", subjects.len() as u64);
    Ok(tally)
}
