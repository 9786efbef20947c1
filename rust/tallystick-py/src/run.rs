//! Running work without the GIL: the process's thread pool, and Ctrl-C.
//!
//! The pool belongs to one process. A forked child has none of its parent's threads, so it must never touch the parent's
//! pool, nor a lock that a thread of the parent may have held: it leaves the whole cell behind and makes its own.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use tallystick_liabilities::error::LiabilityError;
use tallystick_tree::error::TreeError;
use tallystick_tree::kernels::Level;
use tallystick_tree::memory;
use tallystick_tree::pool::{Pool, Run};

use crate::errors::{liability_error, liability_path_error, path_error, tree_error};
use crate::indices::extract_size;

/// More threads than any machine has; a larger number is a mistake.
const MOST_THREADS: u64 = 4096;
const VARIABLE: &str = "TALLYSTICK_THREADS";

/// A process's settings.
struct Cell {
    process: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Set by `set_threads`, else `None`.
    threads: Option<usize>,
    /// The default, once it was asked for: to find out costs more than many a call.
    default: Option<usize>,
    pool: Option<Arc<Pool>>,
}

impl State {
    fn threads(&mut self) -> PyResult<usize> {
        if let Some(threads) = self.threads.or(self.default) {
            return Ok(threads);
        }
        let threads = default_threads()?;
        self.default = Some(threads);
        Ok(threads)
    }
}

static CELL: AtomicPtr<Cell> = AtomicPtr::new(std::ptr::null_mut());

/// The cell of this process. Cells are never freed, so references to them last.
fn cell() -> &'static Cell {
    let process = std::process::id();
    let mut current = CELL.load(Ordering::Acquire);
    loop {
        // SAFETY: the pointer is null or came out of `Box::into_raw` below and is never freed.
        if let Some(cell) = unsafe { current.as_ref() }
            && cell.process == process
        {
            return cell;
        }
        // The first call in this process. What the parent set holds in a child, unless its lock is lost.
        // SAFETY: as above.
        let inherited = unsafe { current.as_ref() }.and_then(|cell| cell.state.try_lock().ok()?.threads);
        let state = Mutex::new(State { threads: inherited, ..State::default() });
        let new = Box::into_raw(Box::new(Cell { process, state }));
        match CELL.compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: `new` was made above, and is never freed once it is published.
            Ok(_) => return unsafe { &*new },
            Err(other) => {
                // SAFETY: `new` was made above and nobody else has seen it.
                drop(unsafe { Box::from_raw(new) });
                current = other;
            }
        }
    }
}

/// The level of vector instructions, or what is wrong with the environment variable that limits it.
fn level() -> PyResult<Level> {
    Level::chosen().map_err(|error| PyValueError::new_err(error.to_string()))
}

fn default_threads() -> PyResult<usize> {
    let Some(text) = std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    };
    let number = text.to_str().and_then(|text| text.parse().ok()).filter(|number| (1..=MOST_THREADS).contains(number));
    let number = number.ok_or_else(|| {
        PyValueError::new_err(format!(
            "{VARIABLE} must be a number from 1 to {MOST_THREADS}, not {}",
            text.to_string_lossy()
        ))
    })?;
    Ok(number as usize)
}

fn pool() -> PyResult<Arc<Pool>> {
    level()?;
    let mut state = cell().state.lock().unwrap_or_else(PoisonError::into_inner);
    let threads = state.threads()?;
    if let Some(pool) = state.pool.as_ref().filter(|pool| pool.threads() == threads) {
        return Ok(pool.clone());
    }
    let pool = Pool::new(threads).map_err(|error| PyRuntimeError::new_err(format!("cannot start threads: {error}")))?;
    let pool = Arc::new(pool);
    state.pool = Some(pool.clone());
    Ok(pool)
}

/// Runs `work` without the GIL. It may poll for Ctrl-C; whatever a signal handler raises is raised here.
pub(crate) fn run<T: Send>(py: Python<'_>, work: impl FnOnce(Run<'_>) -> Result<T, TreeError> + Send) -> PyResult<T> {
    run_or(py, work, |_, error| tree_error(error))
}

/// The same for work on the file at `path`, which system errors then name.
pub(crate) fn run_on<T: Send>(
    py: Python<'_>,
    path: &Path,
    work: impl FnOnce(Run<'_>) -> Result<T, TreeError> + Send,
) -> PyResult<T> {
    run_or(py, work, |py, error| path_error(py, error, path))
}

/// The same for work on a snapshot. Errors of the system name `path`, if there is one.
pub(crate) fn run_liabilities<T: Send>(
    py: Python<'_>,
    path: Option<&Path>,
    work: impl FnOnce(Run<'_>) -> Result<T, LiabilityError> + Send,
) -> PyResult<T> {
    // An interruption goes through `run` as one, since only it knows what the signal handler raised.
    let done = run(py, |run| match work(run) {
        Err(LiabilityError::Tree(error @ TreeError::Interrupted(_))) => Err(error),
        done => Ok(done),
    })?;
    done.map_err(|error| match path {
        Some(path) => liability_path_error(py, error, path),
        None => liability_error(error),
    })
}

fn run_or<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(Run<'_>) -> Result<T, TreeError> + Send,
    funnel: impl FnOnce(Python<'_>, TreeError) -> PyErr,
) -> PyResult<T> {
    let done = py.detach(|| {
        let pool = pool()?;
        let raised = RefCell::new(None);
        #[allow(clippy::redundant_closure_for_method_calls)] // the method is not general over lifetimes
        let interrupt = || {
            let signals = Python::attach(|py| py.check_signals());
            signals.map_err(|error| raised.replace(Some(error))).is_err()
        };
        let done = work(Run { pool: &pool, interrupt: &interrupt });
        match raised.take() {
            Some(error) if matches!(done, Err(TreeError::Interrupted(_))) => Err(error),
            _ => Ok(done),
        }
    })?;
    done.map_err(|error| funnel(py, error))
}

/// Sets how many threads later calls use, the calling one among them.
///
/// Takes a number from 1 to 4096, or ``None`` for the default: the environment variable ``TALLYSTICK_THREADS``, else the
/// number of processors that this process may use, as the first call finds them. The result of a call never depends on it.
/// Threads are started by the first call that needs them and belong to one process: a forked child starts its own.
///
/// Raises ``ValueError`` for other numbers (``OverflowError`` from 2**64 on), ``TypeError`` for anything else.
///
/// >>> import tallystick as ts
/// >>> ts.set_threads(2)
/// >>> ts.get_threads()
/// 2
/// >>> ts.set_threads(None)
#[pyfunction]
#[pyo3(signature = (n))]
pub(crate) fn set_threads(py: Python<'_>, n: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let threads = match n.map(|n| extract_size(n, "the number of threads")).transpose()? {
        Some(n) if !(1..=MOST_THREADS).contains(&n) => {
            return Err(PyValueError::new_err(format!(
                "the number of threads must be from 1 to {MOST_THREADS}, not {n}"
            )));
        }
        n => n.map(|n| n as usize),
    };
    // Dropping the old pool may wait for its threads, so no lock is held and no GIL.
    let old = py.detach(|| {
        let mut state = cell().state.lock().unwrap_or_else(PoisonError::into_inner);
        state.threads = threads;
        state.pool.take()
    });
    py.detach(|| drop(old));
    Ok(())
}

/// The number of threads that calls use, the calling one among them; see :func:`set_threads`.
///
/// >>> import tallystick as ts
/// >>> ts.get_threads() >= 1
/// True
#[pyfunction]
pub(crate) fn get_threads() -> PyResult<usize> {
    cell().state.lock().unwrap_or_else(PoisonError::into_inner).threads()
}

/// The vector instructions that this process hashes with: ``"portable"``, ``"sse"``, ``"avx2"`` or ``"avx512"``.
///
/// The highest that the processor has, or what the environment variable ``TALLYSTICK_SIMD`` allows; it is read once. The
/// result of a call never depends on it. Raises ``ValueError`` if the variable names no level, as every call does that
/// uses threads.
///
/// >>> import tallystick as ts
/// >>> ts.get_simd() in ("portable", "sse", "avx2", "avx512")
/// True
#[pyfunction]
pub(crate) fn get_simd() -> PyResult<&'static str> {
    level().map(Level::name)
}

/// Sets how much memory of dropped trees is kept for later ones, in bytes.
///
/// Touching fresh memory costs more than hashing the nodes that go into it, so a program that builds tree after tree is
/// served from the memory of those it has dropped. At most 256 MiB stay with the process unless this is called; ``None``
/// is that number again, 0 keeps nothing and gives back what is kept. Raises ``ValueError`` for a negative number,
/// ``OverflowError`` from 2**64 on.
///
/// >>> import tallystick as ts
/// >>> ts.set_arena(1 << 30)
/// >>> ts.set_arena(None)
#[pyfunction]
#[pyo3(signature = (max_bytes))]
pub(crate) fn set_arena(py: Python<'_>, max_bytes: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let most = max_bytes.map(|bytes| extract_size(bytes, "max_bytes")).transpose()?;
    let most = most.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    py.detach(|| memory::set_arena(most));
    Ok(())
}
