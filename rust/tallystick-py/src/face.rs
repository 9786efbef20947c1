//! What the faces of dense and of sum trees have in common: arguments in, calls on the one engine, errors out.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::scheme::Kind;
use tallystick_tree::file::{FileSet, MappedFile, Target};
use tallystick_tree::leaves::Leaves;
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::argument::Argument;
use crate::chunks::{Batch, Chunks};
use crate::errors::{other_kind_of_file, tree_error};
use crate::files::Paths;
use crate::hash::resolve;
use crate::indices::{Index, extract_index, extract_leaves_of, extract_size};
use crate::run::{run, run_on};

/// Number of leaves.
pub(crate) fn size(py: Python<'_>, tree: &DenseTree) -> u64 {
    py.detach(|| tree.size())
}

/// The head of all leaves.
pub(crate) fn head(py: Python<'_>, tree: &DenseTree) -> PyResult<TreeHead> {
    py.detach(|| tree.head()).map_err(tree_error)
}

/// The head of the first leaves.
pub(crate) fn head_at(py: Python<'_>, tree: &DenseTree, size: &Bound<'_, PyAny>) -> PyResult<TreeHead> {
    let size = extract_size(size, "size")?;
    py.detach(|| tree.head_at(size)).map_err(tree_error)
}

/// Replaces leaves.
pub(crate) fn update(
    py: Python<'_>,
    tree: &DenseTree,
    indices: &Bound<'_, PyAny>,
    leaves: &dyn Leaves,
) -> PyResult<()> {
    let indices = extract_leaves_of(indices, size(py, tree))?;
    if indices.len() != leaves.len() {
        return Err(PyValueError::new_err(format!("{} indices and {} leaves", indices.len(), leaves.len())));
    }
    run(py, |run| tree.update(&indices, leaves, run))
}

/// The proof of one leaf.
pub(crate) fn prove(
    py: Python<'_>,
    tree: &DenseTree,
    index: &Bound<'_, PyAny>,
    head: Option<&TreeHead>,
) -> PyResult<InclusionProof> {
    let index = match extract_index(index)? {
        Index::In(index) => index,
        Index::Outside(text) => return Err(PyIndexError::new_err(format!("there is no leaf {text}"))),
    };
    py.detach(|| tree.prove(index, head)).map_err(tree_error)
}

/// The proofs of many leaves as one batch.
pub(crate) fn prove_each(
    py: Python<'_>,
    tree: &DenseTree,
    indices: Option<&Bound<'_, PyAny>>,
    head: Option<&TreeHead>,
) -> PyResult<ProofBatch> {
    let indices = indices.map(|indices| extract_leaves_of(indices, size(py, tree))).transpose()?;
    let wanted = indices.as_ref().map_or(Wanted::All, |indices| Wanted::These(Selection::These(indices)));
    run(py, |run| tree.prove_each(wanted, head, run))
}

/// The proofs of many leaves, some at a time.
pub(crate) fn proofs<B: Batch>(
    py: Python<'_>,
    tree: &Arc<DenseTree>,
    indices: Option<&Bound<'_, PyAny>>,
    chunk: Argument<'_>,
    head: Option<&TreeHead>,
) -> PyResult<Chunks<B>> {
    let chunk = match chunk {
        Argument::Default => 4096,
        Argument::Given(chunk) => extract_size(&chunk, "chunk")?,
    };
    if chunk == 0 {
        return Err(PyValueError::new_err("chunk must be at least 1"));
    }
    let indices = indices.map(|indices| extract_leaves_of(indices, size(py, tree))).transpose()?;
    let anchor = py.detach(|| tree.anchor(head)).map_err(tree_error)?;
    let size = anchor.head().size();
    if let Some(index) = indices.iter().flatten().find(|index| **index >= size) {
        return Err(PyIndexError::new_err(format!("index {index} is not below the size, {size}")));
    }
    Ok(Chunks::new(tree.clone(), anchor, indices, chunk))
}

/// One proof of many leaves together.
pub(crate) fn prove_many(
    py: Python<'_>,
    tree: &DenseTree,
    indices: &Bound<'_, PyAny>,
    head: Option<&TreeHead>,
) -> PyResult<MultiProof> {
    let indices = extract_leaves_of(indices, size(py, tree))?;
    py.detach(|| tree.prove_many(indices, head)).map_err(tree_error)
}

/// Writes the tree to a file.
pub(crate) fn save(py: Python<'_>, tree: &DenseTree, path: PathBuf, overwrite: bool) -> PyResult<()> {
    let target = Target { path: path.clone(), overwrite };
    run_on(py, &path, |run| tree.save(target, run))
}

/// The tree of this kind in some files.
pub(crate) fn open(
    py: Python<'_>,
    paths: &Paths,
    kind: Kind,
    check: bool,
    leaves: Option<Box<dyn Leaves + Send + Sync>>,
) -> PyResult<Arc<DenseTree>> {
    let open = |path: &PathBuf| run_on(py, path, |_| MappedFile::open(path, &resolve));
    let files = paths.0.iter().map(open).collect::<PyResult<Vec<_>>>()?;
    if let Some(file) = files.iter().find(|file| file.scheme().kind() != kind) {
        return Err(other_kind_of_file(file.path(), file.scheme()));
    }
    run(py, |run| {
        let tree = DenseTree::of_files(FileSet::new(files)?, leaves)?;
        if check {
            tree.check(run)?;
        }
        Ok(Arc::new(tree))
    })
}
