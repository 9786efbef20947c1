//! A Python callable as a hash function: one attachment to the interpreter a block, one call a message, or one a block.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use tallystick_proof::hash::{BatchHash, HashError, HashInfo, Prefix, Seeded, check_ragged, check_rows};
use tallystick_tree::foreign::{ProbeError, probe, probe_batches};

use crate::arrays::bytes_2d;
use crate::errors::{HashFailure, RefusedMessage};
use crate::rows::buffer::{self, Kind};
use crate::rows::extract_bytes;

/// Messages from one look at signals to the next, and from one that is hashed a second time to the next.
const BETWEEN: usize = 64;

/// A function of Python's.
pub(super) struct Callable(Arc<Function>);

struct Function {
    info: HashInfo,
    /// Takes bytes; gives the digest, or an object with a method `digest` that does.
    one: Py<PyAny>,
    /// Takes an `(n, width)` array; gives an `(n, digest_size)` one.
    many: Option<Py<PyAny>>,
    /// Counts messages, to choose those that are hashed a second time.
    count: AtomicUsize,
}

/// The exception as the error of a hash, which carries it to where it is raised again.
fn failed(info: &HashInfo, error: PyErr) -> HashError {
    if Python::attach(|py| error.is_instance_of::<RefusedMessage>(py)) {
        HashError::Refused(info.name.clone())
    } else {
        HashError::Failed(Box::new(error))
    }
}

/// A message, of a prefix and what is behind it.
fn joined<'py>(py: Python<'py>, [prefix, row]: [&[u8]; 2]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, prefix.len() + row.len(), |bytes| {
        let (front, back) = bytes.split_at_mut(prefix.len());
        front.copy_from_slice(prefix);
        back.copy_from_slice(row);
        Ok(())
    })
}

/// Whether the function refused a message that it was tried with: many do so by `ValueError`.
fn refuses(error: &HashError) -> bool {
    let HashError::Failed(error) = error else { return false };
    let is_refusal = |error: &PyErr| Python::attach(|py| error.is_instance_of::<PyValueError>(py));
    error.downcast_ref().is_some_and(is_refusal)
}

impl Callable {
    /// The function, after it was tried.
    pub(super) fn new(info: HashInfo, one: Py<PyAny>, many: Option<Py<PyAny>>) -> Result<Self, ProbeError> {
        let is_many = many.is_some();
        let this = Self(Arc::new(Function { info, one, many, count: AtomicUsize::new(0) }));
        probe(&this, None, &refuses)?;
        if is_many {
            probe_batches(&this, &refuses)?;
        }
        Ok(this)
    }
}

impl BatchHash for Callable {
    fn info(&self) -> &HashInfo {
        &self.0.info
    }

    fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError> {
        match prefix {
            Prefix::Bytes(prefix) => Ok(Arc::new(Behind { function: self.0.clone(), prefix: prefix.clone() })),
            Prefix::Key(_) => Err(HashError::NotKeyed(self.0.info.name.clone())),
        }
    }
}

impl fmt::Debug for Callable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Callable({})", self.0.info.name)
    }
}

/// The function behind a prefix.
struct Behind {
    function: Arc<Function>,
    prefix: Vec<u8>,
}

impl Behind {
    fn hash<'a>(
        &self,
        rows: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
        width: Option<usize>,
        out: &mut [u8],
    ) -> Result<(), HashError> {
        let function = &*self.function;
        if rows.len() == 0 {
            return Ok(());
        }
        Python::attach(|py| {
            // An array of no columns has no rows.
            let width = width.filter(|width| self.prefix.len() + width > 0);
            match function.many.as_ref().zip(width) {
                Some((many, width)) => function.together(py, many, &self.prefix, width, rows.clone(), out)?,
                None => function.each(py, &self.prefix, rows.clone(), out)?,
            }
            function.spot_check(py, &self.prefix, rows, out)
        })
        .map_err(|error| failed(&function.info, error))
    }
}

impl Seeded for Behind {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        check_rows(data, width, out, self.function.info.digest_size)?;
        self.hash(data.chunks_exact(width), Some(width), out)
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        check_ragged(rows, out, self.function.info.digest_size)?;
        let first = rows.first().map(|row| row.len());
        let even = first.filter(|first| rows.iter().all(|row| row.len() == *first));
        self.hash(rows.iter().copied(), even, out)
    }
}

impl Function {
    fn failure(&self, what: impl fmt::Display) -> PyErr {
        HashFailure::new_err(format!("{}: {what}", self.info.name))
    }

    /// The digest of one message.
    fn one(&self, py: Python<'_>, parts: [&[u8]; 2], out: &mut [u8]) -> PyResult<()> {
        let answer = self.one.bind(py).call1((joined(py, parts)?,))?;
        self.digest_in(&answer, out)
    }

    /// The digest that the function's answer is, or has.
    fn digest_in(&self, answer: &Bound<'_, PyAny>, out: &mut [u8]) -> PyResult<()> {
        if let Ok(digest) = answer.cast::<PyBytes>() {
            return self.take(digest.as_bytes(), out);
        }
        // As hashlib's constructors have it.
        let method = intern!(answer.py(), "digest");
        let digest = match answer.call_method0(method) {
            Err(_) if answer.getattr_opt(method)?.is_none() => answer.clone(),
            digest => digest?,
        };
        match digest.cast::<PyBytes>() {
            Ok(digest) => self.take(digest.as_bytes(), out),
            Err(_) => self.take(&extract_bytes(&digest, "a digest")?, out),
        }
    }

    fn take(&self, digest: &[u8], out: &mut [u8]) -> PyResult<()> {
        if digest.len() != out.len() {
            return Err(self.failure(format_args!("a digest of {} bytes instead of {}", digest.len(), out.len())));
        }
        out.copy_from_slice(digest);
        Ok(())
    }

    /// Messages one by one, called by Python's `map`: it has a faster way to call than its stable interface offers us.
    fn each<'a>(
        &self,
        py: Python<'_>,
        prefix: &[u8],
        mut rows: impl ExactSizeIterator<Item = &'a [u8]>,
        out: &mut [u8],
    ) -> PyResult<()> {
        let map = py.import(intern!(py, "builtins"))?.getattr(intern!(py, "map"))?;
        for out in out.chunks_mut(BETWEEN * self.info.digest_size) {
            let messages = PyList::empty(py);
            for row in rows.by_ref().take(BETWEEN) {
                messages.append(joined(py, [prefix, row])?)?;
            }
            let mut answers = map.call1((&self.one, &messages))?.try_iter()?;
            for (place, digest) in out.chunks_exact_mut(self.info.digest_size).enumerate() {
                let answer = match answers.next() {
                    Some(answer) => answer?,
                    // A StopIteration of the function's own ends `map`: called by itself, it comes out as it is.
                    None => self.one.bind(py).call1((messages.get_item(place)?,))?,
                };
                self.digest_in(&answer, digest)?;
            }
            py.check_signals()?;
        }
        Ok(())
    }

    /// A block of messages of one length, by the caller's own function of many.
    fn together<'a>(
        &self,
        py: Python<'_>,
        many: &Py<PyAny>,
        prefix: &[u8],
        width: usize,
        rows: impl ExactSizeIterator<Item = &'a [u8]>,
        out: &mut [u8],
    ) -> PyResult<()> {
        let (length, shape) = (prefix.len() + width, [rows.len(), self.info.digest_size]);
        let mut messages = Vec::with_capacity(rows.len() * length);
        for row in rows {
            messages.extend_from_slice(prefix);
            messages.extend_from_slice(row);
        }
        let answer = many.bind(py).call1((bytes_2d(py, messages, length)?,))?;
        let Some(buffer) = buffer::open(&answer, &"what many gives")? else {
            let found = buffer::type_name(&answer);
            return Err(PyTypeError::new_err(format!("{}: many gives {found}, not an array", self.info.name)));
        };
        if Kind::of(&buffer) != Kind::Unsigned || buffer.item_size() != 1 || buffer.shape() != shape {
            let (found, [n, width]) = (buffer::describe(&buffer), shape);
            return Err(self.failure(format_args!("many gives {found} instead of uint8 of shape ({n}, {width})")));
        }
        buffer.into_typed::<u8>()?.copy_to_slice(py, out)
    }

    /// Hashes one message in so many a second time: a function has one answer, and many gives those of one.
    fn spot_check<'a>(
        &self,
        py: Python<'_>,
        prefix: &[u8],
        mut rows: impl Iterator<Item = &'a [u8]>,
        out: &[u8],
    ) -> PyResult<()> {
        let width = self.info.digest_size;
        let before = self.count.fetch_add(out.len() / width, Ordering::Relaxed);
        let place = before.next_multiple_of(BETWEEN) - before;
        let (Some(row), Some(digest)) = (rows.nth(place), out.chunks_exact(width).nth(place)) else { return Ok(()) };
        let mut second = vec![0; width];
        self.one(py, [prefix, row], &mut second)?;
        if second == digest { Ok(()) } else { Err(self.failure("two digests for one message")) }
    }
}
