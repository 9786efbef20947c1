//! Who writes, and which threads are inside a call that asks whether to go on.
//!
//! What is asked may be a signal handler, a store or a hash function that calls the same tree again: it may read, and is told
//! that it cannot write, instead of waiting for itself.

use std::ops::Deref;
use std::thread::{self, ThreadId};

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;
use crate::pool::{Interrupted, POLL, Run};

/// The turns of a tree's writers.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Held by the one writer, from before it hashes until it is done; taken before the tree's nodes are locked.
    writer: Mutex<()>,
    asking: Mutex<Vec<ThreadId>>,
    /// Those that hold the nodes while they hash by a function that may call again.
    reading: Mutex<Vec<ThreadId>>,
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

    /// Whether this thread is inside a call that holds the nodes, so that it would wait for itself to change them.
    pub(crate) fn reads(&self) -> bool {
        self.reading.lock().contains(&thread::current().id())
    }

    /// Reads what is behind a lock, whoever of this thread reads it already.
    pub(crate) fn read<'a, T>(&'a self, state: &'a RwLock<T>, scheme: &Scheme) -> Reading<'a, T> {
        let guard = if self.called_again() { state.read_recursive() } else { state.read() };
        let calls = scheme.hash().info().serial;
        let stays = calls.then(|| [Asking::enter(&self.asking), Asking::enter(&self.reading)]);
        Reading { guard, _stays: stays }
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

/// Nodes that are read.
pub(crate) struct Reading<'a, T> {
    guard: RwLockReadGuard<'a, T>,
    _stays: Option<[Asking<'a>; 2]>,
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
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
