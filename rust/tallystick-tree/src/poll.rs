//! Asking now and then whether to go on.

use std::time::Instant;

use crate::error::TreeError;
use crate::pool::{Interrupted, POLL, Run};

/// Rounds between two looks at the clock.
const ROUNDS: u32 = 256;

pub(crate) struct Poll<'a> {
    run: Run<'a>,
    round: u32,
    asked: Instant,
}

impl<'a> Poll<'a> {
    pub(crate) fn new(run: Run<'a>) -> Self {
        Self { run, round: 0, asked: Instant::now() }
    }

    /// Fails if the caller wants to stop. To be called once a round of a few microseconds at most.
    pub(crate) fn ask(&mut self) -> Result<(), TreeError> {
        self.round = self.round.wrapping_add(1);
        if self.round.is_multiple_of(ROUNDS) && self.asked.elapsed() >= POLL {
            if (self.run.interrupt)() {
                return Err(Interrupted.into());
            }
            self.asked = Instant::now();
        }
        Ok(())
    }
}
