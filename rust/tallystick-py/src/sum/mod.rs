//! Sum trees: leaves with amounts, heads with totals, proofs with sums.
//!
//! The engine is that of dense trees, to which a leaf of a sum tree is its row behind its amount. Here are the amounts as
//! Python hands them over ([`amounts`], [`rows`]) and the classes.

mod amounts;
mod batch;
mod head;
mod many;
mod proof;
mod rows;
mod shard;
mod tree;

pub(crate) use amounts::{Amount, extract_amount, extract_amounts, extract_total};
pub(crate) use batch::PySumProofBatch;
pub(crate) use head::PySumHead;
pub(crate) use proof::{PySumInclusionProof, PySumMultiProof};
pub(crate) use rows::{SumRows, extract_sum_rows};
pub(crate) use shard::PySumShard;
pub(crate) use tree::PySumTree;
