//! What an operator owes: statements, receipts, and what customers and auditors check (`docs/spec/liabilities.md`).
//!
//! - [`Statement`]: one sum tree an asset, in a chain; [`verify_chain`] and [`clash`] compare statements
//! - [`Receipt`]: what one customer is handed; [`verify`] says what it proves
//! - [`customer_key`], [`Derivation`], [`leaf_data`], [`Place`]: how leaves are made, for who builds the trees
//!
//! Signatures, notes and trees are elsewhere.

mod chain;
mod keys;
mod leaf;
mod name;
mod receipt;
mod statement;
mod verify;
mod wire;

pub use chain::{ChainError, Clash, Equivocation, clash, verify_chain};
pub use keys::{Derivation, KEY, LeafKeys, customer_key};
pub use leaf::{MAX_ID, MAX_PARTS, Place, SALT, context, leaf_data};
pub use name::{NameError, check_asset};
pub use receipt::{Receipt, ReceiptAsset, ReceiptPart};
pub use statement::{Draft, Statement, StatementAsset, StatementError};
pub use verify::{Expected, Proven, verify};

/// Bytes of a statement's digest and of its roots.
pub const HASH: usize = 32;
