//! Which threads are inside a call that asks whether to go on.

use std::thread::{self, ThreadId};

use parking_lot::Mutex;

/// A stay in a call that asks whether to go on.
pub(crate) struct Asking<'a>(&'a Mutex<Vec<ThreadId>>);

impl<'a> Asking<'a> {
    pub(crate) fn enter(threads: &'a Mutex<Vec<ThreadId>>) -> Self {
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
