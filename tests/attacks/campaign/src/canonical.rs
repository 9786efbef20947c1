//! One encoding an object: whatever a decoder takes encodes to the same bytes, in each form and under mutation.

use crate::mutate::mutate;
use crate::objects::codecs;
use crate::options::Options;
use crate::rng::Rng;
use crate::tally::{Fault, Tally, spread};

/// Mutants over all objects and forms.
const MUTANTS: u64 = 10_080_000;
/// Tasks for each decoder.
const TASKS: u64 = 16;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let codecs = codecs(options)?;
    let tasks: Vec<_> = codecs.iter().flat_map(|codec| (0..TASKS).map(move |task| (codec, task))).collect();
    let each = options.share(MUTANTS / tasks.len() as u64);
    let mut tally = spread(&tasks, options, |(codec, task), tally| {
        let what = |bytes: &[u8]| {
            let shown = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("{} {:?} {}", codec.name, codec.form, shown.collect::<Vec<_>>().concat())
        };
        let mut rng = Rng::new(options.seed, *task);
        if *task == 0 {
            for example in &codec.examples {
                tally.honest((codec.canonical)(codec.form, example) == Some(true), || what(example));
            }
        }
        for _ in 0..each {
            let mut mutant = codec.examples[rng.place(codec.examples.len())].clone();
            let other = &codec.examples[rng.place(codec.examples.len())];
            mutate(codec.form, &mut mutant, other, &mut rng);
            let verdict = (codec.canonical)(codec.form, &mutant);
            tally.note("decoded", verdict.is_some().into());
            tally.forged(verdict == Some(false), || what(&mutant));
        }
        Ok(())
    })?;
    tally.most("decoders", codecs.len() as u64);
    Ok(tally)
}
