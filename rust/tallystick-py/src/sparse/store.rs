//! A store that Python gives, as a tree asks for it: in batches, with the GIL taken once a call. The native store is called
//! without it.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple, PyType};
use tallystick_store::{FileStore, StoreError};
use tallystick_tree::sparse::{StoreFailure, Tile, TileStore};

use crate::errors::store_error;
use crate::file_store::PyFileStore;
use crate::rows::buffer::type_name;
use crate::rows::extract_bytes;

/// What a tree needs, beside `delete_tiles`, which only pruning takes.
const CALLED: [&str; 4] = ["read_tiles", "write_tiles", "read_head", "publish_head"];

struct PyStore(Py<PyAny>);

/// A store, if the object has what a tree needs: else `TypeError`.
pub(super) fn extract_store(store: &Bound<'_, PyAny>) -> PyResult<Arc<dyn TileStore>> {
    if let Ok(file) = store.cast_exact::<PyFileStore>() {
        return Ok(Arc::new(NativeStore(file.clone().unbind())));
    }
    if let Ok(class) = store.cast::<PyType>() {
        let name = class.name()?;
        return Err(PyTypeError::new_err(format!("{name} is a class: open a store first, as {name}(...)")));
    }
    if store.is_instance_of::<PyString>() || store.hasattr("__fspath__")? {
        return Err(PyTypeError::new_err(
            "a path is no store: open one there first, as stores.SQLiteStore(path); a backup's path goes to SparseTree.load",
        ));
    }
    for name in CALLED {
        if !store.hasattr(name)? {
            let found = type_name(store);
            return Err(PyTypeError::new_err(format!("{found} is no store: it has no {name}")));
        }
    }
    Ok(Arc::new(PyStore(store.clone().unbind())))
}

/// The native store.
struct NativeStore(Py<PyFileStore>);

impl NativeStore {
    fn call<T>(&self, work: impl FnOnce(&FileStore) -> Result<T, StoreError>) -> Result<T, StoreFailure> {
        let store = &self.0.get().0;
        work(store).map_err(|error| Python::attach(|py| store_error(py, store.path(), error)).into())
    }
}

impl TileStore for NativeStore {
    fn read_tiles(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreFailure> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.call(|store| store.read_tiles(&names))
    }

    fn write_tiles(&self, tiles: &[Tile]) -> Result<(), StoreFailure> {
        let tiles: Vec<(&str, &[u8])> = tiles.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        self.call(|store| store.write_tiles(&tiles))
    }

    fn delete_tiles(&self, names: &[String]) -> Result<(), StoreFailure> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.call(|store| store.delete_tiles(&names))
    }

    fn read_head(&self) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.call(FileStore::read_head)
    }

    fn publish_head(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreFailure> {
        self.call(|store| store.publish_head(head, expected))
    }
}

impl PyStore {
    /// Calls a method. What it raises comes back as itself.
    fn call<T>(&self, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> Result<T, StoreFailure> {
        Python::attach(|py| {
            let done = work(self.0.bind(py));
            // A store in C may have run without looking at signals.
            done.and_then(|done| py.check_signals().map(|()| done))
        })
        .map_err(Into::into)
    }
}

fn tile_bytes(tile: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<u8>> {
    Ok(extract_bytes(tile, what)?.to_vec())
}

impl TileStore for PyStore {
    fn read_tiles(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreFailure> {
        self.call(|store| {
            let tiles = store.call_method1("read_tiles", (PyList::new(store.py(), names)?,))?;
            let mut read = Vec::with_capacity(names.len());
            for tile in tiles.try_iter()? {
                let tile = tile?;
                read.push(if tile.is_none() { None } else { Some(tile_bytes(&tile, "a tile")?) });
            }
            Ok(read)
        })
    }

    fn write_tiles(&self, tiles: &[Tile]) -> Result<(), StoreFailure> {
        self.call(|store| {
            let py = store.py();
            let pairs = tiles.iter().map(|(name, bytes)| (name, PyBytes::new(py, bytes)));
            let pairs: Vec<Bound<'_, PyTuple>> = pairs.map(|pair| pair.into_pyobject(py)).collect::<PyResult<_>>()?;
            store.call_method1("write_tiles", (PyList::new(py, pairs)?,)).map(|_| ())
        })
    }

    fn delete_tiles(&self, names: &[String]) -> Result<(), StoreFailure> {
        self.call(|store| store.call_method1("delete_tiles", (PyList::new(store.py(), names)?,)).map(|_| ()))
    }

    fn read_head(&self) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.call(|store| {
            let head = store.call_method0("read_head")?;
            if head.is_none() { Ok(None) } else { tile_bytes(&head, "a head").map(Some) }
        })
    }

    fn publish_head(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreFailure> {
        self.call(|store| {
            let py = store.py();
            let arguments = PyDict::new(py);
            arguments.set_item("expected", expected.map(|expected| PyBytes::new(py, expected)))?;
            let published = store.call_method("publish_head", (PyBytes::new(py, head),), Some(&arguments))?;
            published
                .extract::<bool>()
                .map_err(|_| PyTypeError::new_err(format!("publish_head gave {}, not a bool", type_name(&published))))
        })
    }
}
