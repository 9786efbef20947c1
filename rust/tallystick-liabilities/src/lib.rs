//! Snapshots of what an operator owes: from holdings to trees, receipts and files.
//!
//! - [`ledger`]: what was read from a table: customers, and who holds what
//! - [`customers`]: ids, each once, and keys
//! - [`build`], [`split`]: from holdings to leaves in their order, trees and a statement
//! - [`snapshot`]: a statement with its trees, in memory or in [`files`]; finding and erasing customers
//! - [`receipts`]: receipts, one by one and in bulk; [`export`]: all in files
//!
//! What is hashed, and what statements and receipts are, is decided in `tallystick-proof`; trees are built by
//! `tallystick-tree`. Nothing here knows Python or tables.

pub mod build;
pub mod customers;
pub mod error;
pub mod export;
pub mod files;
pub mod ledger;
pub mod ledger_view;
mod order;
pub mod receipts;
pub mod snapshot;
pub mod split;
mod store;
