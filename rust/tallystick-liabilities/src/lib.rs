//! Snapshots of what an operator owes: from holdings to trees, receipts and files.
//!
//! - [`ledger`]: what was read from a table: customers, and who holds what
//! - [`customers`]: ids, each once, and keys
//! - [`build`], [`split`]: from holdings to leaves in their order, trees and a statement
//! - [`snapshot`]: a statement with its trees, in memory or in [`files`]; finding and erasing customers
//! - [`receipts`]: receipts, one by one and in bulk; [`export`]: all in files
//! - [`audit`]: all of it made again by another way, and compared with what is stored and with a table; [`diff`]: two snapshots
//!
//! What is hashed, and what statements and receipts are, is decided in `tallystick-proof`; trees are built by
//! `tallystick-tree`. Nothing here knows Python or tables.
#![deny(unsafe_code)]

pub mod audit;
pub mod build;
mod compare;
pub mod customers;
pub mod diff;
pub mod error;
pub mod export;
pub mod files;
pub mod ledger;
pub mod ledger_view;
pub mod receipts;
pub mod snapshot;
pub mod split;
mod store;
