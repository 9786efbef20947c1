//! What can go wrong with a snapshot.

use std::io;

use tallystick_proof::codec::DecodeError;
use tallystick_proof::hash::HashError;
use tallystick_proof::liabilities::{NameError, StatementError};
use tallystick_tree::error::TreeError;
use tallystick_tree::pool::Interrupted;

/// A call on holdings or on a snapshot that failed; nothing is left half done.
#[derive(Debug, thiserror::Error)]
pub enum LiabilityError {
    /// A code, group or id that is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A tree or its file.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// No statement can say this.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A file of the snapshot that is not what it must be.
    #[error("{file}: {why}")]
    Damaged {
        /// Name of the file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// A file of the snapshot does not decode.
    #[error("{file}: {error}")]
    Undecodable {
        /// Name of the file.
        file: String,
        /// What is wrong.
        error: DecodeError,
    },
    /// A folder of receipts that is not of this export.
    #[error("{file}: {why}; export into another folder")]
    OtherExport {
        /// Name of the file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The system refused something.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// More customers, or leaves of a tree, than a snapshot counts.
    #[error("more than 4,294,967,295 {0}")]
    TooMany(&'static str),
    /// The amounts of a code add to more than an amount can be.
    #[error("the amounts of {0} add to 2^128 or more")]
    SumOverflow(String),
    /// A code with two decimals.
    #[error("{0} has other decimals in another group")]
    Decimals(String),
    /// A key of zeros, which says that a customer is erased.
    #[error("a key of zeros, which no customer can have")]
    ZeroKey,
    /// A customer with two keys.
    #[error("another key than in an earlier row of this id")]
    OtherKey,
    /// Balances that cannot be split into so many parts.
    #[error("{code} cannot have {leaves} leaves: its balances can be split into at most {most}")]
    TooFewUnits {
        /// Code of the asset.
        code: String,
        /// Leaves asked for.
        leaves: u64,
        /// Leaves that there can be.
        most: u64,
    },
    /// An invariant of this library does not hold.
    #[error("defect in tallystick, please report it: {0}")]
    Defect(&'static str),
}

impl From<Interrupted> for LiabilityError {
    fn from(error: Interrupted) -> Self {
        Self::Tree(error.into())
    }
}

impl From<HashError> for LiabilityError {
    fn from(error: HashError) -> Self {
        Self::Tree(error.into())
    }
}
