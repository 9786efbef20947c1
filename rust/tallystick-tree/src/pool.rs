//! The one seam between serial and parallel: a queue of tasks, worked off by the caller and by the pool's threads.
//!
//! The caller always takes part, so a pool of one thread starts none and a busy pool cannot stall a caller. Only the
//! caller polls for interruption, because only it may hold the interpreter's signal handling.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon_core::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tallystick_proof::hash::Hash;

/// How often the caller asks whether to go on.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// Asked on the calling thread, between tasks; `true` stops the work.
pub type Interrupt<'a> = &'a dyn Fn() -> bool;

/// An interrupt that never comes.
pub fn never() -> bool {
    false
}

/// The caller asked to stop, and nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Who works, and when to stop.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The threads.
    pub pool: &'a Pool,
    /// Asked on the calling thread whether to stop.
    pub interrupt: Interrupt<'a>,
}

impl Run<'_> {
    /// The same for work with this hash: the caller alone, if it is one that is best called by one thread.
    #[must_use]
    pub fn for_hash(self, hash: &Hash) -> Self {
        static ALONE: Pool = Pool::serial();
        if hash.info().serial { Self { pool: &ALONE, ..self } } else { self }
    }

    /// Runs `task` on every item, in any order. Stops early at the first failure, which it returns, or when interrupted.
    /// Tasks should take from tens of microseconds to a few milliseconds.
    pub fn each<T, E, I>(&self, items: I, task: impl Fn(T) -> Result<(), E> + Sync) -> Result<(), E>
    where
        T: Send,
        E: From<Interrupted> + Send,
        I: Iterator<Item = T> + Send,
    {
        self.pool.each(items, self.interrupt, task)
    }
}

/// Threads that work off tasks.
#[derive(Debug)]
pub struct Pool {
    threads: usize,
    helpers: Option<ThreadPool>,
    /// Whether the helpers work for a caller. Another one works alone meanwhile: its jobs would queue behind the other's
    /// to the very end.
    taken: AtomicBool,
}

/// A pool's helpers are let go also when a task panics.
struct Taken<'a>(&'a AtomicBool);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Pool {
    /// A pool of `threads` threads, the caller among them; at least one.
    pub fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let threads = threads.max(1);
        let helpers = match threads {
            1 => None,
            _ => Some(
                ThreadPoolBuilder::new()
                    .num_threads(threads - 1)
                    .thread_name(|number| format!("tallystick-{number}"))
                    .build()?,
            ),
        };
        Ok(Self { threads, helpers, taken: AtomicBool::new(false) })
    }

    /// The caller alone.
    pub const fn serial() -> Self {
        Self { threads: 1, helpers: None, taken: AtomicBool::new(false) }
    }

    /// Number of threads, the caller among them.
    pub fn threads(&self) -> usize {
        self.threads
    }

    fn each<T, E, I>(
        &self,
        tasks: I,
        interrupt: Interrupt<'_>,
        run: impl Fn(T) -> Result<(), E> + Sync,
    ) -> Result<(), E>
    where
        T: Send,
        E: From<Interrupted> + Send,
        I: Iterator<Item = T> + Send,
    {
        let single = tasks.size_hint().1.is_some_and(|most| most <= 1);
        let queue = Mutex::new(tasks);
        let stop = AtomicBool::new(false);
        let failure = Mutex::new(None);
        let fail = |error: E| {
            stop.store(true, Ordering::Relaxed);
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let work = |asked: &mut dyn FnMut() -> bool| {
            while !stop.load(Ordering::Relaxed) {
                // The lock is let go before the task runs.
                let task = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(task) = task else { break };
                if let Err(error) = run(task) {
                    fail(error);
                } else if asked() {
                    fail(E::from(Interrupted));
                }
            }
        };
        let mut last = Instant::now();
        let mut caller = || {
            if last.elapsed() < POLL {
                return false;
            }
            last = Instant::now();
            interrupt()
        };
        match &self.helpers {
            Some(helpers) if !single && !self.taken.swap(true, Ordering::Acquire) => {
                let _taken = Taken(&self.taken);
                helpers.in_place_scope(|scope| {
                    for _ in 1..self.threads {
                        scope.spawn(|_| work(&mut || false));
                    }
                    work(&mut caller);
                });
            }
            _ => work(&mut caller),
        }
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn every_task_runs_once_and_failures_stop() -> Result<(), ThreadPoolBuildError> {
        for threads in [1, 2, 5] {
            let pool = Pool::new(threads)?;
            let sum = AtomicU64::new(0);
            let add = |task| {
                sum.fetch_add(task, Ordering::Relaxed);
                Ok::<_, Interrupted>(())
            };
            assert_eq!(pool.each(0..1000, &never, add), Ok(()));
            assert_eq!(sum.into_inner(), 499_500);
            let some = |task| if task == 500 { Err(Interrupted) } else { Ok(()) };
            assert_eq!(pool.each(0..1000, &never, some), Err(Interrupted));
            let slow = |_| {
                std::thread::sleep(Duration::from_millis(1));
                Ok::<_, Interrupted>(())
            };
            assert_eq!(pool.each(0..1_000_000, &|| true, slow), Err(Interrupted));
        }
        Ok(())
    }
}
