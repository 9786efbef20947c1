//! What an operator owes: statements, receipts, and what customers and auditors check (`docs/spec/liabilities.md`).
//!
//! - [`Statement`]: one sum tree an asset, in a chain; [`verify_chain`] and [`clash`] compare statements
//! - [`SignedStatement`]: a statement with the signature lines of its note; [`Equivocation`]: two that clash
//! - [`Receipt`]: what one customer is handed; [`verify`] says what it proves
//! - [`customer_key`], [`Derivation`], [`leaf_data`], [`Place`]: how leaves are made, for who builds the trees
//!
//! Trees, and whether a signature is right, are elsewhere.

mod chain;
mod equivocation;
mod keys;
mod leaf;
mod name;
mod note;
mod receipt;
mod signature;
mod statement;
mod verify;
mod wire;

pub use chain::{ChainError, Clash, clash, verify_chain};
pub use equivocation::{Equivocation, recorded_clash};
pub use keys::{Derivation, KEY, LeafKeys, customer_key};
pub use leaf::{MAX_ID, MAX_PARTS, Place, SALT, context, leaf_data};
pub use name::{NameError, check_asset, check_id, check_text};
pub use note::{MAX_CHARACTERS, MAX_SIGNATURES, NoteError, SignedStatement};
pub use receipt::{Receipt, ReceiptAsset, ReceiptPart};
pub use signature::{KEY_ID, SignatureError, SignatureLine, ed25519_key_id};
pub use statement::{Draft, Statement, StatementAsset, StatementError};
pub use verify::{Expected, Proven, verify};

/// Bytes of a statement's digest and of its roots.
pub const HASH: usize = 32;
