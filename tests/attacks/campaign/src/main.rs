//! Forgeries tried against the verifiers and decoders, counted.
//!
//! Every measurement tries malformed inputs together with their honest twins, as a user would call the library, and
//! prints one line. The exit code is 1 if anything is accepted that must not be, or an honest input is refused.
//! Everything follows from the seed, whatever the number of threads.
//!
//! ```text
//! attack-campaign all --sample 0.01       some of everything, in seconds
//! attack-campaign flips                   in full
//! ```

mod bombs;
mod canonical;
mod clock;
mod flips;
mod memory;
mod mutate;
mod numbers;
mod objects;
mod options;
mod patricia;
mod receipts;
mod relabels;
mod rng;
mod shards;
mod sparse;
mod structure;
mod subjects;
mod subsets;
mod summed;
mod sums;
mod tally;
mod variants;

use std::process::ExitCode;
use std::time::Instant;

use options::{Options, USAGE};
use tally::{Fault, Tally};

#[global_allocator]
static MEMORY: memory::Counting = memory::Counting;

type Measurement = fn(&Options) -> Result<Tally, Fault>;

/// The measurements, in the order of `all`.
const MEASUREMENTS: [(&str, Measurement); 12] = [
    ("flips", flips::run),
    ("structure", structure::run),
    ("relabels", relabels::run),
    ("variants", variants::run),
    ("sparse", sparse::run),
    ("canonical", canonical::run),
    ("subsets", subsets::run),
    ("shards", shards::run),
    ("sums", sums::run),
    ("patricia", patricia::run),
    ("receipts", receipts::run),
    ("bombs", bombs::run),
];

fn run(options: &Options) -> Result<bool, Fault> {
    let chosen: Vec<_> =
        MEASUREMENTS.iter().filter(|(name, _)| options.name == "all" || options.name == *name).collect();
    if chosen.is_empty() {
        return Err(format!("there is no measurement {:?}\n{USAGE}", options.name).into());
    }
    let mut clean = true;
    for (name, measure) in chosen {
        let begin = Instant::now();
        let tally = measure(options)?;
        let took = begin.elapsed().as_secs_f64();
        report(&if options.json { tally.json(name, options, took) } else { tally.line(name, took) });
        clean &= tally.clean();
    }
    Ok(clean)
}

#[allow(clippy::print_stdout)] // the result of a command
fn report(line: &str) {
    println!("{line}");
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
    }
}
