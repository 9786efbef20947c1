//! `build_file`, and paths of one file or several.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyTuple};
use tallystick_tree::file::{FileBuilder, FileSet, MappedFile, Target};
use tallystick_tree::tree::DenseTree;

use crate::argument::Argument;
use crate::hash::resolve;
use crate::indices::extract_size;
use crate::rows::buffer::type_name;
use crate::rows::extract_rows;
use crate::run::run_on;
use crate::scheme::{PyScheme, dense_or_native};
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
#[pyfunction]
#[pyo3(
    signature = (path, chunks, *, scheme=None, begin=Argument::Default, lowest=Argument::Default, overwrite=false),
    text_signature = "(path, chunks, *, scheme=None, begin=0, lowest=0, overwrite=False)"
)]
pub(crate) fn build_file(
    py: Python<'_>,
    path: PathBuf,
    chunks: &Bound<'_, PyAny>,
    scheme: Option<&Bound<'_, PyScheme>>,
    begin: Argument<'_>,
    lowest: Argument<'_>,
    overwrite: bool,
) -> PyResult<Option<PyMerkleTree>> {
    let scheme = dense_or_native(scheme)?;
    let number = |argument, what| match argument {
        Argument::Default => Ok(0),
        Argument::Given(number) => extract_size(&number, what),
    };
    let (begin, lowest) = (number(begin, "begin")?, number(lowest, "lowest")?);
    let lowest = u32::try_from(lowest).unwrap_or(u32::MAX);
    let target = Target { path: path.clone(), overwrite };
    let mut builder = run_on(py, &path, |_| FileBuilder::new(target, &scheme, begin, lowest))?;
    let chunks = iterate(chunks)?;
    for (place, chunk) in chunks.enumerate() {
        // Work on a small chunk is over before it would ask, and an iterator in C runs no code that does.
        py.check_signals()?;
        let rows = extract_rows(&chunk?, &format!("chunks[{place}]"))?;
        run_on(py, &path, |run| builder.push(&rows, run))?;
    }
    let head = run_on(py, &path, |run| builder.finish(run))?;
    if head.is_none() {
        return Ok(None);
    }
    run_on(py, &path, |_| {
        let files = FileSet::new(vec![MappedFile::open(&path, &resolve)?])?;
        DenseTree::of_files(files, None)
    })
    .map(|tree| Some(PyMerkleTree(Arc::new(tree))))
}

fn iterate<'py>(chunks: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    chunks.try_iter().map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(chunks.py()) {
            return error;
        }
        let name = type_name(chunks);
        PyTypeError::new_err(format!("chunks must be an iterable of rows, not {name}"))
    })
}
