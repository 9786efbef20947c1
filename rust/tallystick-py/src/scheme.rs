//! `Scheme` and `Plan`: a tree variant as a value, and which nodes prove what.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::record::Record;
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_tree::leaves::Leaves;

use crate::arrays::u64_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::{proof_error, scheme_error};
use crate::hash::{PyHash, resolve};
use crate::indices::{extract_leaves_of, extract_size};
use crate::proof::{PyMultiProof, joined};
use crate::rows::{extract_bytes, extract_rows};

/// A tree variant: what is hashed for a leaf, a node and the root, with which hash function.
///
/// Get one from :mod:`tallystick.schemes`. A scheme is immutable; two are equal when name, rules and context are. The
/// properties ``binds_…`` and ``separates_leaves`` say what a root of the scheme commits to; what is ``False``, a verifier
/// must know from elsewhere, and ``repr`` shows it.
///
/// >>> import tallystick as ts
/// >>> ts.schemes.NATIVE
/// <Scheme native/blake3>
/// >>> ts.schemes.RFC6962
/// <Scheme rfc6962/sha256: binds_size=False, binds_scheme=False>
/// >>> ts.schemes.NATIVE.with_context(b"balances, EUR cents").context
/// b'balances, EUR cents'
#[pyclass(frozen, module = "tallystick", name = "Scheme")]
pub(crate) struct PyScheme(pub(crate) Scheme);

#[pymethods]
impl PyScheme {
    /// ``family/hash``, as ``"native/blake3"``; :func:`tallystick.schemes.get` finds built-in schemes by it.
    #[getter]
    fn name(&self) -> String {
        self.0.name()
    }

    /// The hash function.
    #[getter]
    fn hash(&self) -> PyHash {
        PyHash(self.0.hash().clone())
    }

    /// Which kind of tree takes the scheme: ``"dense"``, ``"sum"``, ``"sparse"`` or ``"namespaced"``.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind().name()
    }

    /// The bytes that :meth:`with_context` bound to the root; empty if none.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.context())
    }

    /// Whether the root commits to the number of leaves.
    #[getter]
    fn binds_size(&self) -> bool {
        self.0.binds_size()
    }

    /// Whether the root commits to the scheme's rules and context.
    #[getter]
    fn binds_scheme(&self) -> bool {
        self.0.binds_scheme()
    }

    /// Whether a proof shows the place of its leaf.
    #[getter]
    fn binds_index(&self) -> bool {
        self.0.binds_index()
    }

    /// Whether a leaf can never be taken for a node.
    #[getter]
    fn separates_leaves(&self) -> bool {
        self.0.separates_leaves()
    }

    /// Bytes of a key, in a sparse tree; ``None`` for schemes of other trees.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.schemes.NATIVE_SPARSE.key_size
    /// 32
    #[getter]
    fn key_size(&self) -> Option<usize> {
        Some(self.0.key_size()).filter(|size| *size > 0)
    }

    /// Whether a leaf's data is its digest: then a leaf is exactly ``hash.digest_size`` bytes, and is not hashed.
    #[getter]
    fn bare_leaves(&self) -> bool {
        self.0.bare_leaves()
    }

    /// Whether leaves can be appended, so that earlier heads stay provable.
    #[getter]
    fn appendable(&self) -> bool {
        self.0.appendable()
    }

    /// Whether there are proofs that a tree extends an older one. Elsewhere :meth:`MerkleTree.prove_extends` raises
    /// ``TypeError``.
    #[getter]
    fn proves_growth(&self) -> bool {
        self.0.proves_growth()
    }

    /// The same scheme with ``context`` bound to the root, so that no proof fits a tree of another context.
    ///
    /// Use it for what a root is about: an asset, a table's columns. A tree extends only trees of its own context, so
    /// what grows keeps one, and the date goes beside the head. Replaces an earlier context. Raises
    /// ``TypeError`` for a scheme whose root binds none, as RFC 6962.
    ///
    /// >>> import tallystick as ts
    /// >>> euros, dollars = (ts.schemes.NATIVE.with_context(unit) for unit in (b"EUR", b"USD"))
    /// >>> ts.MerkleTree([b"a"], scheme=euros).root == ts.MerkleTree([b"a"], scheme=dollars).root
    /// False
    #[pyo3(signature = (context))]
    fn with_context(&self, context: &Bound<'_, PyAny>) -> PyResult<Self> {
        let context = extract_bytes(context, "the context")?.to_vec();
        self.0.with_context(context).map(Self).map_err(scheme_error)
    }

    /// Which nodes prove the leaves ``indices`` of a tree of ``size`` leaves. Integer arithmetic only.
    ///
    /// Indices may come in any order. Raises ``IndexError`` for one that is not below ``size``, ``ValueError`` for none or
    /// one given twice, ``TypeError`` where proofs show no place, and for sparse schemes. Costs time in the number of nodes.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.schemes.NATIVE.plan(7, [0, 1, 6]).nodes.tolist()
    /// [[1, 1], [1, 2]]
    #[pyo3(signature = (size, indices))]
    fn plan(&self, py: Python<'_>, size: &Bound<'_, PyAny>, indices: &Bound<'_, PyAny>) -> PyResult<PyPlan> {
        let name = self.0.name();
        if self.0.kind() == Kind::Sparse {
            return Err(PyTypeError::new_err(format!(
                "leaves of {name} stand where their keys lead, not at indices: there is no plan"
            )));
        }
        if self.0.grid().is_none() || !self.0.binds_index() {
            return Err(PyTypeError::new_err(format!(
                "proofs of {name} show membership and no place: there is no plan"
            )));
        }
        let size = extract_size(size, "size")?;
        if !self.0.sizes().take(size) {
            let sizes = self.0.sizes();
            return Err(PyValueError::new_err(format!("a tree of {name} has {sizes}, not {size}")));
        }
        let indices = distinct(extract_leaves_of(indices, size)?, size)?;
        let nodes = py.detach(|| self.0.plan(size, indices.clone()));
        let nodes = nodes.ok_or_else(|| PyValueError::new_err("indices are distinct and at least one"))?;
        let nodes = nodes.into_iter().flat_map(|node| [u64::from(node.level), node.index]).collect();
        Ok(PyPlan { record: self.0.record(), size, indices: Arc::new(indices), nodes: Arc::new(nodes) })
    }

    fn __repr__(&self) -> String {
        let properties = [
            ("binds_size", self.binds_size()),
            ("binds_scheme", self.binds_scheme()),
            ("binds_index", self.binds_index()),
            ("separates_leaves", self.separates_leaves()),
            ("appendable", self.appendable()),
        ];
        let mut notes: Vec<_> =
            properties.iter().filter(|(_, holds)| !holds).map(|(name, _)| format!("{name}=False")).collect();
        if !self.0.context().is_empty() {
            notes.push(format!("context of {} bytes", self.0.context().len()));
        }
        let notes = if notes.is_empty() { String::new() } else { format!(": {}", notes.join(", ")) };
        format!("<Scheme {}{notes}>", self.0.name())
    }
}

impl Encoded for PyScheme {
    type Inner = Scheme;

    fn inner(&self) -> &Scheme {
        &self.0
    }

    fn of(inner: Scheme) -> Self {
        Self(inner)
    }
}

wire_methods!(PyScheme, "ts.schemes.RFC6962");

/// The indices in ascending order, if they are distinct, below `size` and at least one.
fn distinct(mut values: Vec<u64>, size: u64) -> PyResult<Vec<u64>> {
    values.sort_unstable();
    match values.last() {
        None => return Err(PyValueError::new_err("no indices: at least one is needed")),
        Some(last) if *last >= size => {
            return Err(PyIndexError::new_err(format!("index {last} is not below the size, {size}")));
        }
        Some(_) => {}
    }
    match values.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(PyValueError::new_err(format!("index {} is given twice", pair[0]))),
        None => Ok(values),
    }
}

/// Which nodes prove some leaves, in proof order; made by :meth:`Scheme.plan`.
///
/// A program that keeps its nodes elsewhere fetches the digests of ``nodes``, and :meth:`proof` makes the proof of them. A
/// plan is of integers: 16 bytes a node and 8 a leaf, and nothing is hashed. It follows from size and indices alone, so it
/// says nothing about any tree. ``len`` is the number of nodes.
///
/// >>> import tallystick as ts
/// >>> plan = ts.schemes.NATIVE.plan(7, [6, 0, 1])
/// >>> plan
/// <Plan: 2 nodes for 3 leaves of 7>
/// >>> plan.size, plan.indices.tolist(), plan.nodes.tolist(), len(plan)
/// (7, [0, 1, 6], [[1, 1], [1, 2]], 2)
/// >>> ts.schemes.NATIVE.plan(7, [7])
/// Traceback (most recent call last):
/// IndexError: index 7 is not below the size, 7
#[pyclass(frozen, module = "tallystick", name = "Plan")]
pub(crate) struct PyPlan {
    record: Record,
    size: u64,
    indices: Arc<Vec<u64>>,
    nodes: Arc<Vec<u64>>,
}

#[pymethods]
impl PyPlan {
    /// Number of leaves of the tree.
    #[getter]
    fn size(&self) -> u64 {
        self.size
    }

    /// The leaves that are proven, ascending, as a ``(k,)`` array of uint64.
    #[getter]
    fn indices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        crate::arrays::u64_1d(py, self.indices.clone())
    }

    /// ``(level, index)`` of each node, as a ``(k, 2)`` array of uint64. A node that moved up has its lowest name.
    #[getter]
    fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u64_2d(py, self.nodes.clone(), 2)
    }

    /// The proof whose digests, in the order of ``nodes``, these are: rows of the scheme's digest size.
    ///
    /// Raises ``ValueError`` for another number or size of digests.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> digests = ts.hazmat.leaf_digests(tree)
    /// >>> plan = tree.scheme.plan(3, [0, 2])
    /// >>> plan.proof([digests[index] for level, index in plan.nodes]) == tree.prove_many([0, 2])
    /// True
    #[pyo3(signature = (digests))]
    fn proof(&self, digests: &Bound<'_, PyAny>) -> PyResult<PyMultiProof> {
        let rows = extract_rows(digests, "digests")?;
        if rows.len() != self.__len__() {
            return Err(PyValueError::new_err(format!("{} digests for {} nodes", rows.len(), self.__len__())));
        }
        if self.record.is_summed() {
            return Err(PyTypeError::new_err("the proof of a sum tree has sums beside its digests: use SumMultiProof"));
        }
        if self.record.namespace_size().is_some() {
            return Err(PyTypeError::new_err("the proof of a namespaced tree has ranges beside its digests"));
        }
        let (_, digests) = joined(&rows, Some(self.record.digest_size()))?;
        MultiProof::new(self.record, digests).map(PyMultiProof).map_err(proof_error)
    }

    fn __len__(&self) -> usize {
        self.nodes.len() / 2
    }

    fn __repr__(&self) -> String {
        format!("<Plan: {} nodes for {} leaves of {}>", self.__len__(), self.indices.len(), self.size)
    }
}

/// A dense scheme of one's own, from its encoded rules.
#[pyfunction]
#[pyo3(signature = (name, hash, rules, /))]
pub(crate) fn scheme_of_rules(name: &str, hash: &Bound<'_, PyHash>, rules: &[u8]) -> PyResult<PyScheme> {
    Scheme::of_encoded_rules(name, hash.get().0.clone(), rules).map(PyScheme).map_err(scheme_error)
}

/// The rules of any scheme, as bytes.
#[pyfunction]
#[pyo3(signature = (scheme, /))]
pub(crate) fn scheme_rules<'py>(py: Python<'py>, scheme: &Bound<'py, PyScheme>) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &scheme.get().0.written_rules())
}

/// The names of the built-in families, in the order of the specification.
#[pyfunction]
pub(crate) fn scheme_families(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, families().collect::<Vec<_>>())
}

/// The scheme of a built-in family with this hash.
#[pyfunction]
#[pyo3(signature = (family, hash, /))]
pub(crate) fn scheme_of_family(family: &str, hash: &Bound<'_, PyHash>) -> PyResult<PyScheme> {
    Scheme::of_family(family, hash.get().0.clone()).map(PyScheme).map_err(scheme_error)
}

/// The scheme that trees take by default: native, with BLAKE3.
pub(crate) fn native() -> PyResult<Scheme> {
    static NATIVE: OnceLock<Scheme> = OnceLock::new();
    once(&NATIVE, "native", "blake3")
}

fn native_sum() -> PyResult<Scheme> {
    static NATIVE: OnceLock<Scheme> = OnceLock::new();
    once(&NATIVE, "native_sum", "blake3")
}

fn native_sparse() -> PyResult<Scheme> {
    static NATIVE: OnceLock<Scheme> = OnceLock::new();
    once(&NATIVE, "native_sparse", "blake3")
}

fn celestia() -> PyResult<Scheme> {
    static CELESTIA: OnceLock<Scheme> = OnceLock::new();
    once(&CELESTIA, "celestia", "sha256")
}

/// The family with this hash, made once: its kernels cost more than a small tree.
fn once(kept: &OnceLock<Scheme>, family: &str, hash: &str) -> PyResult<Scheme> {
    if let Some(scheme) = kept.get() {
        return Ok(scheme.clone());
    }
    let hash = resolve(hash).ok_or_else(|| PyValueError::new_err(format!("{hash} is built in")))?;
    let scheme = Scheme::of_family(family, hash).map_err(scheme_error)?;
    Ok(kept.get_or_init(|| scheme).clone())
}

/// The scheme of a dense tree; `native` if none is given.
pub(crate) fn dense_or_native(scheme: Option<&Bound<'_, PyScheme>>) -> PyResult<Scheme> {
    scheme.map_or_else(native, |scheme| of_kind(scheme, Kind::Dense))
}

/// The scheme of a sum tree; `native_sum` if none is given.
pub(crate) fn sum_or_native(scheme: Option<&Bound<'_, PyScheme>>) -> PyResult<Scheme> {
    scheme.map_or_else(native_sum, |scheme| of_kind(scheme, Kind::Sum))
}

/// The scheme of a sparse tree; `native_sparse` if none is given.
pub(crate) fn sparse_or_native(scheme: Option<&Bound<'_, PyScheme>>) -> PyResult<Scheme> {
    scheme.map_or_else(native_sparse, |scheme| of_kind(scheme, Kind::Sparse))
}

/// The scheme of a namespaced tree; Celestia's if none is given.
pub(crate) fn namespaced_or_celestia(scheme: Option<&Bound<'_, PyScheme>>) -> PyResult<Scheme> {
    scheme.map_or_else(celestia, |scheme| of_kind(scheme, Kind::Namespaced))
}

/// The scheme inside, if trees of this kind take it.
pub(crate) fn of_kind(scheme: &Bound<'_, PyScheme>, kind: Kind) -> PyResult<Scheme> {
    let scheme = &scheme.get().0;
    if scheme.kind() == kind {
        return Ok(scheme.clone());
    }
    let (name, found, wanted) = (scheme.name(), scheme.kind().name(), kind.name());
    Err(PyTypeError::new_err(format!("{name} is a {found} scheme, not a {wanted} one")))
}
