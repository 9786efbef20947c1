//! The Python module `tallystick._core`, as a table of contents.
//!
//! The only crate that knows Python: buffers in ([`rows`], [`indices`], [`encode`]), arrays out ([`arrays`]), the GIL, the
//! thread pool and Ctrl-C ([`run`]), exceptions ([`errors`]). What is computed lives below, in `tallystick-tree` and
//! `tallystick-proof`. The public package sorts these names into modules.
#![allow(clippy::doc_link_with_quotes)] // Docstrings are for Python.

use pyo3::prelude::*;

mod argument;
mod arrays;
mod changes;
mod checks;
mod chunks;
mod claim;
mod codec;
mod encode;
mod errors;
mod face;
mod file_store;
mod files;
mod hash;
mod hazmat;
mod head;
mod indices;
mod liabilities;
mod namespaced;
mod patricia;
mod proof;
mod published;
mod rows;
mod run;
mod scheme;
mod shard;
mod sparse;
mod sum;
mod tree;

/// The native core of tallystick. Private: import from ``tallystick``.
#[pymodule]
mod _core {
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    use crate::arrays::SharedBuffer;
    #[pymodule_export]
    use crate::changes::PyFingerprint;
    #[pymodule_export]
    use crate::chunks::{PyProofChunks, PySumProofChunks};
    #[pymodule_export]
    use crate::encode::{encode_rows, table_schema};
    #[pymodule_export]
    use crate::file_store::PyFileStore;
    #[pymodule_export]
    use crate::files::build_file;
    #[pymodule_export]
    use crate::hash::{
        PyHash, hash_builtin_names, hash_from_callable, hash_from_plugin, hash_get, hash_names, hash_register,
    };
    #[pymodule_export]
    use crate::hazmat::{hazmat_leaf_digests, hazmat_tree, hazmat_verify_inclusion};
    #[pymodule_export]
    use crate::head::PyTreeHead;
    #[pymodule_export]
    use crate::liabilities::{
        PyAssetHead, PyEquivocation, PyReceipt, PyReceiptAsset, PyReceiptChunk, PyReceiptChunks, PyReceiptPart,
        PyReceipts, PySnapshot, PyStatement, liabilities_audit, liabilities_commit, liabilities_customer_key,
        liabilities_diff, liabilities_equivocation, liabilities_finding_kinds, liabilities_key_id,
        liabilities_verify_chain, read_holdings,
    };
    #[pymodule_export]
    use crate::namespaced::{
        PyAbsenceProof, PyNamespaceProof, PyNamespacedHead, PyNamespacedInclusionProof, PyNamespacedTree,
    };
    #[pymodule_export]
    use crate::patricia::{PyPatriciaHead, PyPatriciaItems, PyPatriciaProof, PyPatriciaTree};
    #[pymodule_export]
    use crate::proof::{PyConsistencyProof, PyInclusionProof, PyMultiProof, PyProofBatch};
    #[pymodule_export]
    use crate::published::{published_bitmex_verify, published_bitmex_write};
    #[pymodule_export]
    use crate::rows::encoded::EncodedRows;
    #[pymodule_export]
    use crate::run::{get_simd, get_threads, set_arena, set_threads};
    #[pymodule_export]
    use crate::scheme::{PyPlan, PyScheme, scheme_families, scheme_of_family, scheme_of_rules, scheme_rules};
    #[pymodule_export]
    use crate::shard::PyShard;
    #[pymodule_export]
    use crate::sparse::{PySparseHead, PySparseItems, PySparseMultiProof, PySparseProof, PySparseTree, key};
    #[pymodule_export]
    use crate::sum::{PySumHead, PySumInclusionProof, PySumMultiProof, PySumProofBatch, PySumShard, PySumTree};
    #[pymodule_export]
    use crate::tree::{PyMerkleTree, head_of};
}
