//! Statements beside each other: the next after another, a chain, and two that cannot both be true.

use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;

use super::statement::Statement;

/// Why a statement is not the next after another, or statements are no chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No statements.
    #[error("no statements: a chain has at least one")]
    Empty,
    /// Another owes.
    #[error("the statements are of different origins")]
    OtherOrigin,
    /// The sequence is not one more.
    #[error("statement {newer} is not the next after statement {older}")]
    NotNext {
        /// Sequence of the older statement.
        older: u64,
        /// Sequence of the newer one.
        newer: u64,
    },
    /// It comes after another statement.
    #[error("statement {0} names another as the one before it")]
    OtherPrevious(u64),
    /// Two statements of one snapshot.
    #[error("two statements are of the snapshot {0:?}")]
    SameSnapshot(String),
    /// It was made before the older one.
    #[error("statement {0} is of an earlier time than the one before it")]
    Earlier(u64),
    /// An asset is no longer listed.
    #[error("{code} of group {group:?} is no longer listed")]
    AssetGone {
        /// Code of the asset.
        code: String,
        /// Its group.
        group: String,
    },
    /// The unit of an asset is another.
    #[error("{code} had {older} decimals, and has {newer}")]
    OtherDecimals {
        /// Code of the asset.
        code: String,
        /// Decimals in the older statement.
        older: u8,
        /// Decimals in the newer one.
        newer: u8,
    },
}

impl ChainError {
    /// The reason's name, as vectors and bindings spell it.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "EMPTY_CLAIM",
            Self::OtherOrigin => "OTHER_ORIGIN",
            Self::NotNext { .. } => "NOT_NEXT",
            Self::OtherPrevious(_) => "OTHER_PREVIOUS",
            Self::SameSnapshot(_) => "SAME_SNAPSHOT",
            Self::Earlier(_) => "EARLIER",
            Self::AssetGone { .. } => "ASSET_GONE",
            Self::OtherDecimals { .. } => "OTHER_DECIMALS",
        }
    }
}

impl Statement {
    /// Checks that this is the next statement after `older`. Linear in the assets of both, up to a logarithm.
    pub fn follows(&self, older: &Self) -> Result<(), ChainError> {
        if self.origin != older.origin {
            return Err(ChainError::OtherOrigin);
        }
        if older.sequence.checked_add(1) != Some(self.sequence) {
            return Err(ChainError::NotNext { older: older.sequence, newer: self.sequence });
        }
        if self.previous != *older.digest() {
            return Err(ChainError::OtherPrevious(self.sequence));
        }
        if self.snapshot_id == older.snapshot_id {
            return Err(ChainError::SameSnapshot(self.snapshot_id.clone()));
        }
        if self.time < older.time {
            return Err(ChainError::Earlier(self.sequence));
        }
        if let Some(gone) = older.assets.iter().find(|asset| self.asset(&asset.code, &asset.group).is_none()) {
            return Err(ChainError::AssetGone { code: gone.code.clone(), group: gone.group.clone() });
        }
        // All groups of a code have its decimals, so the one of the same group is as good as any.
        for asset in &older.assets {
            if let Some(own) = self.asset(&asset.code, &asset.group)
                && own.decimals != asset.decimals
            {
                let (older, newer) = (asset.decimals, own.decimals);
                return Err(ChainError::OtherDecimals { code: asset.code.clone(), older, newer });
            }
        }
        Ok(())
    }
}

/// Checks that each statement is the next after the one before it, and that no snapshot stands twice.
pub fn verify_chain<S: Borrow<Statement>>(statements: &[S]) -> Result<(), ChainError> {
    let statements: Vec<&Statement> = statements.iter().map(Borrow::borrow).collect();
    if statements.is_empty() {
        return Err(ChainError::Empty);
    }
    for (older, newer) in statements.iter().zip(statements.iter().skip(1)) {
        newer.follows(older)?;
    }
    let mut ids: Vec<&str> = statements.iter().map(|statement| statement.snapshot_id.as_str()).collect();
    ids.sort_unstable();
    match ids.iter().zip(ids.iter().skip(1)).find(|(left, right)| left == right) {
        Some((id, _)) => Err(ChainError::SameSnapshot(String::from(*id))),
        None => Ok(()),
    }
}

/// In what two statements clash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// They have the same sequence.
    Sequence,
    /// They are of the same snapshot.
    SnapshotId,
    /// They come after the same statement.
    Previous,
}

impl Clash {
    /// The field's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::SnapshotId => "snapshot_id",
            Self::Previous => "previous",
        }
    }
}

/// In what two different statements of one origin clash; `None` if both can be true. Whoever signed two that clash has
/// shown two truths.
pub fn clash(a: &Statement, b: &Statement) -> Option<Clash> {
    if a.digest() == b.digest() || a.origin != b.origin {
        None
    } else if a.sequence == b.sequence {
        Some(Clash::Sequence)
    } else if a.snapshot_id == b.snapshot_id {
        Some(Clash::SnapshotId)
    } else {
        (a.previous == b.previous && a.sequence > 0).then_some(Clash::Previous)
    }
}
