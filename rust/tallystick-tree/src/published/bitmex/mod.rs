//! The file of `BitMEX` and of River: a whole binary tree of hashes and amounts as text, breadth first from the root.
//!
//! ```text
//! block_height:<n>
//! <64 hex digits>,<amount>        the root: level 0
//! <64 hex digits>,<amount>        level 1, left
//! …                               2^k leaves, k ≥ 1
//! ```
//!
//! A leaf is `HMAC-SHA256(SHA256(nonce ‖ height ‖ account), amount ‖ index)`, a node
//! `SHA256(left hash ‖ left amount ‖ right hash ‖ right amount)`, numbers in 8 bytes, little end first. Amounts are whole
//! satoshis.
//!
//! - [`hashes`]: leaves and nodes, many at once · [`text`]: lines
//! - [`deal`]: which account has which leaves · [`write`]: the file · [`verify`]: every node of it

mod deal;
mod hashes;
mod text;
mod verify;
mod write;

pub use verify::{Claim, Found, verify};
pub use write::{Holdings, Order, Written, write};

use crate::error::TreeError;
use crate::file::FileError;
use crate::memory::bytes;
use crate::pool::Interrupted;

/// Bytes of a hash.
pub const HASH: usize = 32;
/// Bytes of a hash and its amount, as they are hashed.
const RECORD: usize = 40;
/// Nodes that one task hashes.
const CHUNK: usize = 2048;

/// A node of the file: the root, for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its hash.
    pub hash: [u8; HASH],
    /// The amount below it, in satoshis.
    pub amount: u64,
}

impl Node {
    /// As it is hashed.
    fn record(&self) -> [u8; RECORD] {
        let mut record = [0; RECORD];
        record[..HASH].copy_from_slice(&self.hash);
        record[HASH..].copy_from_slice(&self.amount.to_le_bytes());
        record
    }

    fn of(record: &[u8]) -> Option<Self> {
        let (hash, amount) = record.split_first_chunk::<HASH>()?;
        Some(Self { hash: *hash, amount: u64::from_le_bytes(amount.try_into().ok()?) })
    }
}

/// What a node is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its hash is not that of its children.
    Hash,
    /// Its amount is not the sum of theirs.
    Sum,
    /// Their amounts add to 2^64 or more.
    Overflow,
}

/// A file that cannot be written or is refused.
#[derive(Debug, thiserror::Error)]
pub enum BitmexError {
    /// The system, memory, or an interruption.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// As many amounts or nonces as accounts are needed.
    #[error("{accounts} accounts and {other} {what}")]
    Lengths {
        /// Number of accounts.
        accounts: usize,
        /// Number of the others.
        other: usize,
        /// What they are.
        what: &'static str,
    },
    /// An account given twice.
    #[error("accounts[{second}]: account {account} is given before, as accounts[{first}]")]
    Duplicate {
        /// The account.
        account: u64,
        /// Its first place.
        first: usize,
        /// Its second place.
        second: usize,
    },
    /// Amounts that no file can hold.
    #[error("the amounts add to 2^64 or more, and this format has 8 bytes for a sum")]
    Overflow,
    /// No amount above zero.
    #[error("all amounts are 0: this format has no tree without a leaf")]
    Nothing,
    /// More leaves than a file may have here.
    #[error("too many leaves: at most 2^31")]
    TooMany,
    /// A line that is none of the format.
    #[error("line {line} {why}")]
    Malformed {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A number of nodes that no whole tree has.
    #[error("the file has {0} nodes: a whole tree of 2^k leaves, k at least 1, has 2^(k+1) - 1")]
    Count(u64),
    /// The file's root is not the trusted one.
    #[error("the file's root is not the root it was to be")]
    Root {
        /// The file's.
        found: Node,
        /// The trusted one.
        expected: Node,
    },
    /// A node that does not follow from its children.
    #[error("node {index} of level {level} (line {}) {}", (1_u64 << level) + index + 1, wrong(*.why))]
    Node {
        /// Its level; the root's is 0.
        level: u32,
        /// Its place in the level, from 0.
        index: u64,
        /// What it is not.
        why: Wrong,
    },
}

fn wrong(why: Wrong) -> &'static str {
    match why {
        Wrong::Hash => "has another hash than its children make",
        Wrong::Sum => "has another amount than the sum of its children's",
        Wrong::Overflow => "has children whose amounts add to 2^64 or more",
    }
}

impl From<Interrupted> for BitmexError {
    fn from(error: Interrupted) -> Self {
        Self::Tree(error.into())
    }
}

impl From<std::io::Error> for BitmexError {
    fn from(error: std::io::Error) -> Self {
        Self::Tree(FileError::from(error).into())
    }
}

impl From<tallystick_proof::hash::HashError> for BitmexError {
    fn from(error: tallystick_proof::hash::HashError) -> Self {
        Self::Tree(error.into())
    }
}

/// Zeroed room for so many nodes.
fn records(count: usize) -> Result<Vec<u8>, BitmexError> {
    Ok(crate::memory::zeroed(bytes(count, RECORD)?)?)
}
