//! Snapshots of what an operator owes: from holdings to trees, receipts and files.
//!
//! - [`ledger`]: what was read from a table: customers, and who holds what
//! - [`customers`]: ids, each once, and keys
//! - [`snapshot`]: a statement with its trees
//!
//! What is hashed, and what statements and receipts are, is decided in `tallystick-proof`; trees are built by
//! `tallystick-tree`. Nothing here knows Python or tables.

pub mod customers;
pub mod error;
pub mod ledger;
pub mod ledger_view;
pub mod snapshot;
mod store;
