//! The command line.

use crate::tally::Fault;

pub(crate) const USAGE: &str = "attack-campaign NAME [options]
  NAME: flips, structure, relabels, variants, sparse, canonical, subsets, shards, sums, patricia, receipts,
        bombs, all
  --seed N        what random choices follow from (1)
  --sample F      try this fraction of everything, 0 to 1 (1)
  --threads N     threads (all)
  --max-size N    largest tree of flips, structure, relabels, variants and sparse (128)
  --leaf-bytes N  length of a leaf in flips (32)
  --hash NAME     schemes with this hash only
  --family NAME   schemes of this family only
  --portable      hash without kernels for this processor
  --json          one JSON object a measurement";

/// What to try and how.
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) sample: f64,
    pub(crate) threads: usize,
    pub(crate) max_size: u64,
    pub(crate) leaf_bytes: usize,
    pub(crate) hash: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) portable: bool,
    pub(crate) json: bool,
}

impl Options {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Fault> {
        let mut options = Self {
            name: words.next().ok_or(USAGE)?,
            seed: 1,
            sample: 1.0,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            max_size: 128,
            leaf_bytes: 32,
            hash: None,
            family: None,
            portable: false,
            json: false,
        };
        while let Some(option) = words.next() {
            match option.as_str() {
                "--json" => options.json = true,
                "--portable" => options.portable = true,
                _ => options.set(&option, words.next())?,
            }
        }
        if !(options.sample > 0.0 && options.sample <= 1.0) {
            return Err("--sample is a fraction above 0 and at most 1".into());
        }
        if options.max_size == 0 || options.leaf_bytes < 2 {
            return Err("--max-size is at least 1 and --leaf-bytes at least 2".into());
        }
        Ok(options)
    }

    fn set(&mut self, option: &str, value: Option<String>) -> Result<(), Fault> {
        let value = value.ok_or_else(|| format!("{option} needs a value\n{USAGE}"))?;
        match option {
            "--seed" => self.seed = value.parse()?,
            "--sample" => self.sample = value.parse()?,
            "--threads" => self.threads = value.parse::<usize>()?.max(1),
            "--max-size" => self.max_size = value.parse()?,
            "--leaf-bytes" => self.leaf_bytes = value.parse()?,
            "--hash" => self.hash = Some(value),
            "--family" => self.family = Some(value),
            _ => return Err(format!("there is no option {option:?}\n{USAGE}").into()),
        }
        Ok(())
    }

    /// The sampled share of a full count, at least one.
    #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts are far below 2^53
    pub(crate) fn share(&self, full: u64) -> u64 {
        ((full as f64 * self.sample) as u64).max(1)
    }
}
