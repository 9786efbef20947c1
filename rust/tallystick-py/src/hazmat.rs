//! Calls that take bare digests; each says what it no longer protects against.

use pyo3::prelude::*;
use tallystick_proof::scheme::Kind;
use tallystick_proof::verify::{verify_leaf_digest, verify_member_digest};
use tallystick_tree::build::LeafRule;

use crate::arrays::bytes_2d;
use crate::checks::{Verifier, claimed_index, verify_one};
use crate::errors::tree_error;
use crate::head::PyTreeHead;
use crate::proof::PyInclusionProof;
use crate::rows::{extract_bytes, extract_rows};
use crate::scheme::{PyScheme, of_kind};
use crate::tree::PyMerkleTree;

/// A tree over leaf *digests* that you made. Hazardous.
///
/// A tree made from data hashes every leaf in a domain of its own. Here you vouch that each digest is the scheme's leaf
/// digest of some data: the digest of a node, put in as a leaf, makes proofs of things that were never committed. Rows
/// are ``digest_size`` bytes each, else ``ValueError``.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
/// >>> ts.hazmat.tree(ts.hazmat.leaf_digests(tree), scheme=tree.scheme).root == tree.root
/// True
#[pyfunction]
#[pyo3(signature = (digests, *, scheme))]
pub(crate) fn hazmat_tree(
    py: Python<'_>,
    digests: &Bound<'_, PyAny>,
    scheme: &Bound<'_, PyScheme>,
) -> PyResult<PyMerkleTree> {
    let digests = extract_rows(digests, "digests")?;
    PyMerkleTree::build(py, of_kind(scheme, Kind::Dense)?, &digests, LeafRule::Digests)
}

/// The digests of all leaves of a tree, as a read-only ``(n, digest_size)`` array of uint8. A copy.
///
/// A leaf digest is a test for guesses of its data: do not publish those of data that must stay private.
///
/// >>> import tallystick as ts
/// >>> ts.hazmat.leaf_digests(ts.MerkleTree([b"a", b"b"])).shape
/// (2, 32)
#[pyfunction]
#[pyo3(signature = (tree, /))]
pub(crate) fn hazmat_leaf_digests<'py>(
    py: Python<'py>,
    tree: &Bound<'py, PyMerkleTree>,
) -> PyResult<Bound<'py, PyAny>> {
    let tree = &tree.get().0;
    let digests = py.detach(|| tree.leaf_digests()).map_err(tree_error)?;
    bytes_2d(py, digests, tree.scheme().digest_size())
}

/// Checks that the leaf at ``index`` has this *digest*. Hazardous.
///
/// :meth:`TreeHead.verify_inclusion` hashes the leaf's data, so that a node's digest can never pass for a leaf's. This call
/// does not: whoever chooses ``digest`` may pass off any digest of the leaf's level. Use it only with a digest that you
/// made from data yourself.
///
/// Raises as :meth:`TreeHead.verify_inclusion`.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
/// >>> digest = ts.hazmat.leaf_digests(tree)[1]
/// >>> ts.hazmat.verify_inclusion(tree.head, 1, digest, tree.prove(1))
#[pyfunction]
#[pyo3(signature = (head, index, digest, proof))]
pub(crate) fn hazmat_verify_inclusion(
    py: Python<'_>,
    head: &Bound<'_, PyTreeHead>,
    index: Option<&Bound<'_, PyAny>>,
    digest: &Bound<'_, PyAny>,
    proof: &Bound<'_, PyInclusionProof>,
) -> PyResult<()> {
    let (head, digest) = (&head.get().0, extract_bytes(digest, "the digest")?);
    let index = claimed_index(head, index, py)?;
    let verifier = Verifier { at: verify_leaf_digest, somewhere: verify_member_digest };
    verify_one(py, head, (index, &digest), &proof.get().0, verifier)
}
