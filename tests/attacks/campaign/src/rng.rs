//! Random numbers that follow from a seed: `SplitMix64`.

pub(crate) struct Rng(u64);

impl Rng {
    /// The numbers of task `task` of a run.
    pub(crate) fn new(seed: u64, task: u64) -> Self {
        let mut rng = Self(seed ^ task.wrapping_mul(0xd134_2543_de82_ef95));
        rng.next();
        rng
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A place in a list of this length, which is not 0.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// From 1 to `most`, small numbers as likely as large ones.
    pub(crate) fn log_uniform(&mut self, most: u64) -> u64 {
        let bits = u64::from(u64::BITS - most.leading_zeros());
        let top = 1_u64 << self.below(bits);
        (top + self.below(top)).min(most)
    }

    /// True with this probability.
    #[allow(clippy::cast_precision_loss)] // 53 bits are kept
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability >= 1.0 || ((self.next() >> 11) as f64) < probability * 9_007_199_254_740_992.0
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.place(last + 1));
        }
    }
}
