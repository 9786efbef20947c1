//! `build_file`, and paths of one file or several.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyTuple};
use tallystick_proof::scheme::Kind;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::{FileBuilder, Target};

use crate::argument::Argument;
use crate::errors::tree_error;
use crate::face;
use crate::indices::extract_size;
use crate::rows::buffer::{self, type_name};
use crate::rows::extract_rows;
use crate::run::run_on;
use crate::scheme::{PyScheme, native};
use crate::sum::{PySumTree, SumRows, extract_sum_rows};
use crate::tree::PyMerkleTree;

/// A path, or a list or tuple of paths.
pub(crate) struct Paths(pub(crate) Vec<PathBuf>);

impl<'py> FromPyObject<'_, 'py> for Paths {
    type Error = PyErr;

    fn extract(obj: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if obj.is_instance_of::<PyList>() || obj.is_instance_of::<PyTuple>() {
            return Ok(Self(obj.extract()?));
        }
        Ok(Self(vec![obj.extract()?]))
    }
}

/// Builds a tree straight into a file, from leaves that need not fit in memory, and opens it.
///
/// ``chunks`` is any iterable, also one that can be gone through only once, of rows in any form: arrays, lists of bytes,
/// Arrow columns, each of any number of rows; together they are the leaves. The file is the one that
/// :meth:`MerkleTree.save` writes for the same leaves, however they are cut. Memory stays that of a chunk and three
/// buffers of 8 MiB, beside two digests for every 4,096 leaves and one byte for every 512 of the file. Chunks of 100,000
/// rows and more keep all threads busy; while one batch is hashed, the one before is written. A large ``numpy.memmap`` can
/// be a single chunk.
///
/// ``lowest`` is the lowest level whose row is kept, 0 to 12: each level up halves the file, and proofs then need the
/// leaves, see :meth:`MerkleTree.open`. With ``begin`` above 0 the leaves are those from that index on: the file is a
/// *shard file*, which has no head, and ``None`` is returned; :meth:`MerkleTree.open` serves a list of such files as one
/// tree. Cut at multiples of 4,096 leaves.
///
/// With a scheme of kind ``"sum"`` each chunk is a tuple of rows and as many amounts, both as :class:`SumTree` takes them, and
/// the result is a :class:`SumTree`. ``OverflowError`` as soon as the amounts add to 2**128 or more.
///
/// The file is written beside ``path``, synced and renamed: a build that is killed leaves nothing at ``path``. Raises
/// ``FileExistsError`` before the first chunk is asked for, unless ``overwrite``; what the iterable raises, as it is;
/// ``TypeError`` for a chunk that is not rows; ``ValueError`` for other lowest levels; ``OverflowError`` when an index would
/// be 2**64 or above. After any error nothing is left behind.
///
/// >>> import tallystick as ts, pathlib, tempfile
/// >>> path = pathlib.Path(tempfile.mkdtemp()) / "leaves.tally"
/// >>> tree = ts.build_file(path, ([b"leaf %d" % i for i in range(start, start + 3)] for start in (0, 3)))
/// >>> len(tree), tree.head == ts.MerkleTree([b"leaf %d" % i for i in range(6)]).head
/// (6, True)
/// >>> chunks = [([b"alice", b"bob"], [5, 7]), ([b"carol"], [9])]
/// >>> ts.build_file(path, chunks, scheme=ts.schemes.NATIVE_SUM, overwrite=True).total
/// 21
#[pyfunction]
#[pyo3(
    signature = (path, chunks, *, scheme=None, begin=Argument::Default, lowest=Argument::Default, overwrite=false),
    text_signature = "(path, chunks, *, scheme=None, begin=0, lowest=0, overwrite=False)"
)]
pub(crate) fn build_file<'py>(
    py: Python<'py>,
    path: PathBuf,
    chunks: &Bound<'py, PyAny>,
    scheme: Option<&Bound<'py, PyScheme>>,
    begin: Argument<'py>,
    lowest: Argument<'py>,
    overwrite: bool,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let scheme = scheme.map_or_else(native, |scheme| Ok(scheme.get().0.clone()))?;
    let number = |argument, what| match argument {
        Argument::Default => Ok(0),
        Argument::Given(number) => extract_size(&number, what),
    };
    let other = match scheme.kind() {
        Kind::Dense | Kind::Sum => None,
        Kind::Namespaced => Some("NamespacedTree"),
        Kind::Sparse => Some("SparseTree"),
    };
    if let Some(tree) = other {
        let (name, kind) = (scheme.name(), scheme.kind().name());
        return Err(PyTypeError::new_err(format!("{name} is a {kind} scheme: build a {tree} and save it")));
    }
    let (begin, lowest) = (number(begin, "begin")?, number(lowest, "lowest")?);
    let lowest = u32::try_from(lowest).unwrap_or(u32::MAX);
    let target = Target { path: path.clone(), overwrite };
    let mut builder = run_on(py, &path, |_| FileBuilder::new(target, &scheme, begin, lowest))?;
    let chunks = iterate(chunks)?;
    let mut total = 0_u128;
    for (place, chunk) in chunks.enumerate() {
        // Work on a small chunk is over before it would ask, and an iterator in C runs no code that does.
        py.check_signals()?;
        let (chunk, what) = (chunk?, format!("chunks[{place}]"));
        if scheme.kind() == Kind::Dense {
            let rows = extract_rows(&chunk, &what)?;
            run_on(py, &path, |run| builder.push(&rows, run))?;
            continue;
        }
        let rows = extract_pair(&chunk, &what)?;
        total =
            rows.total().and_then(|sum| total.checked_add(sum)).ok_or_else(|| tree_error(TreeError::SumOverflow))?;
        run_on(py, &path, |run| builder.push(&rows, run))?;
    }
    let head = run_on(py, &path, |run| builder.finish(run))?;
    if head.is_none() {
        return Ok(None);
    }
    let kind = scheme.kind();
    let tree = face::open(py, &Paths(vec![path]), kind, false, None)?;
    Ok(Some(match kind {
        Kind::Sum => Bound::new(py, PySumTree(tree))?.into_any(),
        _ => Bound::new(py, PyMerkleTree(tree))?.into_any(),
    }))
}

/// A chunk of a sum tree: rows, and as many amounts.
fn extract_pair(chunk: &Bound<'_, PyAny>, what: &str) -> PyResult<SumRows> {
    let pair = chunk.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2);
    let Some(pair) = pair else {
        let name = type_name(chunk);
        return Err(PyTypeError::new_err(format!("{what} must be a tuple of rows and amounts, not {name}")));
    };
    extract_sum_rows(&pair.get_item(0)?, &pair.get_item(1)?, &format!("{what}: "))
}

/// Whether `obj` is one array or column: the mistake of giving the rows where chunks of them are wanted.
fn is_rows(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    // An array of three dimensions has chunks in it.
    let is_buffer = buffer::open(obj, &"chunks")?.is_some_and(|buffer| buffer.dimensions() < 3);
    Ok(is_buffer || obj.hasattr("__arrow_c_array__")? || obj.hasattr("__arrow_c_stream__")?)
}

fn iterate<'py>(chunks: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    if is_rows(chunks)? {
        let name = type_name(chunks);
        return Err(PyTypeError::new_err(format!(
            "chunks must be an iterable of rows, and {name} is rows itself: put it in a list, [rows]"
        )));
    }
    chunks.try_iter().map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(chunks.py()) {
            return error;
        }
        let name = type_name(chunks);
        PyTypeError::new_err(format!("chunks must be an iterable of rows, not {name}"))
    })
}
