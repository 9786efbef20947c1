//! Liabilities: tables of holdings, snapshots, statements of what an operator owes, receipts of what is counted for a
//! customer, and what both prove.

mod asset_head;
mod audit;
mod chain;
pub(crate) mod claim;
mod commit;
mod equivocation;
mod keys;
mod receipt;
mod receipt_asset;
mod receipts;
mod signature;
mod snapshot;
mod statement;
mod table;

pub(crate) use asset_head::PyAssetHead;
pub(crate) use audit::{liabilities_audit, liabilities_diff, liabilities_finding_kinds};
pub(crate) use chain::liabilities_verify_chain;
pub(crate) use commit::liabilities_commit;
pub(crate) use equivocation::{PyEquivocation, liabilities_equivocation};
pub(crate) use keys::{liabilities_customer_key, liabilities_key_id};
pub(crate) use receipt::PyReceipt;
pub(crate) use receipt_asset::{PyReceiptAsset, PyReceiptPart};
pub(crate) use receipts::{PyReceiptChunk, PyReceiptChunks, PyReceipts};
pub(crate) use snapshot::PySnapshot;
pub(crate) use statement::PyStatement;
pub(crate) use table::read_holdings;
