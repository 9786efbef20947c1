//! Who writes, and which threads are inside a call that asks whether to go on.
//!
//! What is asked may be a signal handler that calls the same tree again: it may read, and is told that it cannot write,
//! instead of waiting for itself.

use std::thread::{self, ThreadId};

use parking_lot::{Mutex, MutexGuard};

use crate::error::TreeError;
use crate::pool::{Interrupted, POLL, Run};

/// The turns of a tree's writers.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Held by the one writer, from before it hashes until it is done; taken before the tree's nodes are locked.
    writer: Mutex<()>,
    asking: Mutex<Vec<ThreadId>>,
}

impl Turns {
    /// Whether this thread is already inside a call that asks.
    pub(crate) fn called_again(&self) -> bool {
        self.asking.lock().contains(&thread::current().id())
    }

    /// A call that asks, while the value lives.
    pub(crate) fn ask(&self) -> Asking<'_> {
        Asking::enter(&self.asking)
    }

    /// Waits for other writers.
    pub(crate) fn write(&self, run: Run<'_>) -> Result<Writing<'_>, TreeError> {
        if self.called_again() {
            return Err(TreeError::CalledAgain);
        }
        let writer = loop {
            match self.writer.try_lock_for(POLL) {
                Some(writer) => break writer,
                None if (run.interrupt)() => return Err(Interrupted.into()),
                None => {}
            }
        };
        Ok(Writing { _asking: self.ask(), _writer: writer })
    }
}

/// A writer's turn.
pub(crate) struct Writing<'a> {
    _asking: Asking<'a>,
    _writer: MutexGuard<'a, ()>,
}

/// A stay in a call that asks whether to go on.
pub(crate) struct Asking<'a>(&'a Mutex<Vec<ThreadId>>);

impl<'a> Asking<'a> {
    fn enter(threads: &'a Mutex<Vec<ThreadId>>) -> Self {
        threads.lock().push(thread::current().id());
        Self(threads)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let own = thread::current().id();
        let mut threads = self.0.lock();
        if let Some(place) = threads.iter().position(|thread| *thread == own) {
            threads.swap_remove(place);
        }
    }
}
