//! `FileStore`: the store that is one file.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyList};
use tallystick_store::{FileStore, Opening, StoreError};

use crate::errors::store_error;
use crate::rows::{LeafBytes, extract_bytes};

/// A store in one file, native, append-only, checksummed.
///
/// One object at a time writes to a file: a second one, in any process, is refused with :class:`StoreError`. With
/// ``read_only=True`` any number of objects read beside it; they see a new head at :meth:`read_head`. With ``create=False``,
/// or ``read_only=True``, a file that is not there raises :class:`NotFound`. Failures, and bytes that are not what was
/// written, raise :class:`StoreError`. May be used from several threads, but not in a forked child: open it there.
///
/// Memory of about 50 bytes a tile; opening reads the names of all tiles that were ever written, no tile. A batch costs two
/// syncs, at :meth:`publish_head`. What is replaced or deleted stays in the file until :meth:`compact`.
///
/// >>> import tempfile
/// >>> from pathlib import Path
/// >>> from tallystick import stores
/// >>> with stores.FileStore(Path(tempfile.mkdtemp()) / "tree.store") as store:
/// ...     store.write_tiles([("a/b", b"bytes")])
/// ...     store.publish_head(b"head", expected=None)
/// ...     store.read_tiles(["a/b", "a/c"])
/// True
/// [b'bytes', None]
#[pyclass(frozen, module = "tallystick.stores", name = "FileStore")]
pub(crate) struct PyFileStore(pub(crate) FileStore);

impl PyFileStore {
    fn work<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&FileStore) -> Result<T, StoreError> + Send,
    ) -> PyResult<T> {
        work(py, self.0.path(), || call(&self.0))
    }
}

#[pymethods]
impl PyFileStore {
    #[new]
    #[pyo3(signature = (path, *, create=true, read_only=false))]
    fn new(py: Python<'_>, path: PathBuf, create: bool, read_only: bool) -> PyResult<Self> {
        let opening = match (read_only, create) {
            (true, _) => Opening::Read,
            (false, true) => Opening::Create,
            (false, false) => Opening::Write,
        };
        work(py, &path, || FileStore::open(&path, opening)).map(Self)
    }

    /// Return the tiles of these names; ``None`` for one that is not there.
    #[pyo3(signature = (names, /))]
    fn read_tiles<'py>(&self, py: Python<'py>, names: Vec<PyBackedStr>) -> PyResult<Bound<'py, PyList>> {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let tiles = self.work(py, |store| store.read_tiles(&names))?;
        PyList::new(py, tiles.iter().map(|tile| tile.as_ref().map(|tile| PyBytes::new(py, tile))))
    }

    /// Write tiles over what is at their names. This object reads them at once; they are safe once a head is published.
    #[pyo3(signature = (tiles, /))]
    fn write_tiles(&self, py: Python<'_>, tiles: Vec<(PyBackedStr, Bound<'_, PyAny>)>) -> PyResult<()> {
        let bytes = tiles.iter().map(|(name, tile)| extract_bytes(tile, name));
        let bytes = bytes.collect::<PyResult<Vec<LeafBytes>>>()?;
        let tiles: Vec<(&str, &[u8])> = tiles.iter().zip(&bytes).map(|((name, _), tile)| (&**name, &**tile)).collect();
        self.work(py, |store| store.write_tiles(&tiles))
    }

    /// Return every name that begins so, in ascending order. Reads all names in the file.
    #[pyo3(signature = (prefix="", /))]
    fn list_tiles<'py>(&self, py: Python<'py>, prefix: &str) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.work(py, |store| store.list_tiles(prefix))?)
    }

    /// Delete tiles; one that is not there is no error. Safe once a head is published, or after :meth:`close`.
    #[pyo3(signature = (names, /))]
    fn delete_tiles(&self, py: Python<'_>, names: Vec<PyBackedStr>) -> PyResult<()> {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        self.work(py, |store| store.delete_tiles(&names))
    }

    /// Return the head, ``None`` if none was published. A reader takes in what a writer has published since.
    fn read_head<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let head = self.work(py, FileStore::read_head)?;
        Ok(head.map(|head| PyBytes::new(py, &head)))
    }

    /// Publish a head, with all that was written and deleted before, if the present one is ``expected``.
    #[pyo3(signature = (head, /, *, expected))]
    fn publish_head(
        &self,
        py: Python<'_>,
        head: &Bound<'_, PyAny>,
        expected: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let head = extract_bytes(head, "a head")?.to_vec();
        let expected = expected.map(|head| extract_bytes(head, "a head").map(|head| head.to_vec())).transpose()?;
        self.work(py, |store| store.publish_head(&head, expected.as_deref()))
    }

    /// Read every byte of what is published, and raise :class:`StoreError` at one that is not what was written.
    ///
    /// That is more than reading finds: also what was replaced or deleted, and what is there twice. Time of reading the file.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, FileStore::check)
    }

    /// Write the file anew, without what was replaced or deleted, and put it into its place.
    ///
    /// Readers go on with the old file until their next :meth:`read_head`. Needs room for both files.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, FileStore::compact)
    }

    /// Make safe what was written and deleted since the last head, under that head, and close the file.
    ///
    /// Later calls raise :class:`StoreError`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, FileStore::close)
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self) -> String {
        format!("FileStore({:?})", self.0.path().display().to_string())
    }
}

/// Runs a call on a store without the GIL.
fn work<T: Send>(py: Python<'_>, path: &Path, call: impl FnOnce() -> Result<T, StoreError> + Send) -> PyResult<T> {
    py.detach(call).map_err(|error| store_error(py, path, error))
}
