//! What a thread has worked, in time: a machine that does much else makes nothing slower by it.

use std::time::Duration;

/// Time that this thread has run so far. Where that cannot be told, time as it passes.
#[cfg(target_os = "linux")]
pub(crate) fn worked() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[allow(unsafe_code)]
    // SAFETY: the call writes to `time`, which is its own, and to nothing else.
    unsafe {
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
    }
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Time as it passes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn worked() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}
