//! Statements: what an operator says that it owes, and what a statement must be before anything is checked against it.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Deref;

use super::HASH;
use super::leaf::context;
use super::name::{NameError, check_asset, check_text};
use crate::codec::{MAX_ITEMS, Wire};
use crate::hash::HashError;
use crate::head::{HeadError, TreeHead};
use crate::scheme::{Kind, Scheme};

/// The tree of one asset, or of one group of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatementAsset {
    /// Code of the asset.
    pub code: String,
    /// Entity or jurisdiction; empty where there are none.
    pub group: String,
    /// An amount of 10^decimals minor units is 1.
    pub decimals: u8,
    /// Size of the tree.
    pub leaves: u64,
    /// Customers among the leaves, if stated.
    pub holders: Option<u64>,
    /// What is owed, in minor units.
    pub total: u128,
    /// Root of the tree.
    pub root: [u8; HASH],
}

impl StatementAsset {
    /// What assets are sorted and found by.
    pub fn key(&self) -> (&str, &str) {
        (&self.code, &self.group)
    }

    /// Whether a tree can have these numbers: no leaf is empty, and no holder without one.
    pub fn counts_fit(&self) -> bool {
        let holders_fit = |holders: u64| {
            // The largest number says in encodings that none is stated.
            holders <= self.leaves && (holders == 0) == (self.leaves == 0) && holders != u64::MAX
        };
        u128::from(self.leaves) <= self.total
            && (self.leaves == 0) == (self.total == 0)
            && self.holders.is_none_or(holders_fit)
    }
}

/// What a statement says, not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Who owes.
    pub origin: String,
    /// 0 in the first statement, then one more each time.
    pub sequence: u64,
    /// Of when; another in each snapshot.
    pub snapshot_id: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub time: u64,
    /// Digest of the statement before; zeros exactly in the first.
    pub previous: [u8; HASH],
    /// A scheme of sum trees, without a context.
    pub scheme: Scheme,
    /// Strictly ascending by code and group.
    pub assets: Vec<StatementAsset>,
}

/// A statement that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// A text or code is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The first statement has one before it, or a later one has none.
    #[error("previous is zeros exactly when the sequence is 0; it is {0}")]
    Previous(u64),
    /// The scheme is not one of sum trees with digests of 32 bytes, or has a context.
    #[error("{0}; a statement has a scheme of sum trees, with digests of 32 bytes and without a context")]
    Scheme(String),
    /// More assets than can be counted.
    #[error("{0} assets; a statement has at most 65,535")]
    TooMany(usize),
    /// Assets do not strictly ascend.
    #[error("{code} of group {group:?} does not stand behind the asset before it: they ascend by code, then by group")]
    Order {
        /// Code of the later asset.
        code: String,
        /// Its group.
        group: String,
    },
    /// One code has two decimals.
    #[error("{0} has other decimals in another group")]
    Decimals(String),
    /// No tree has these numbers.
    #[error("{0}: no tree has these leaves, holders and total")]
    Counts(String),
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// A statement: a [`Draft`] whose parts go together, with its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    draft: Draft,
    digest: [u8; HASH],
}

impl Deref for Statement {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.draft
    }
}

impl Statement {
    /// Checks all that the page asks for. Costs one hash, of the binary form.
    pub fn new(draft: Draft) -> Result<Self, StatementError> {
        check(&draft)?;
        let mut made = Self { draft, digest: [0; HASH] };
        let hash = made.scheme.hash();
        let seeded = hash.seed(&hash.tag("tallystick/v1/statement")?)?;
        let mut digest = [0; HASH];
        seeded.ragged(&[&made.encode()], &mut digest)?;
        made.digest = digest;
        Ok(made)
    }

    /// What receipts, and the next statement, name this one by.
    pub fn digest(&self) -> &[u8; HASH] {
        &self.digest
    }

    /// The tree of an asset, if it is listed.
    pub fn asset(&self, code: &str, group: &str) -> Option<&StatementAsset> {
        let place = self.assets.binary_search_by(|asset| asset.key().cmp(&(code, group))).ok()?;
        self.assets.get(place)
    }

    /// The head of an asset's tree, rebuilt from this statement alone.
    pub fn head(&self, asset: &StatementAsset) -> Result<TreeHead, HeadError> {
        let about = context(&self.origin, &self.snapshot_id, &asset.code, &asset.group, asset.decimals);
        TreeHead::with_total(self.scheme.with_context(about)?, asset.leaves, asset.root.to_vec(), asset.total)
    }
}

fn check(draft: &Draft) -> Result<(), StatementError> {
    check_text("origin", &draft.origin, 1)?;
    check_text("snapshot id", &draft.snapshot_id, 1)?;
    if (draft.sequence == 0) != (draft.previous == [0; HASH]) {
        return Err(StatementError::Previous(draft.sequence));
    }
    let scheme = &draft.scheme;
    if scheme.kind() != Kind::Sum || scheme.digest_size() != HASH || !scheme.context().is_empty() {
        return Err(StatementError::Scheme(scheme.name()));
    }
    if draft.assets.len() > MAX_ITEMS {
        return Err(StatementError::TooMany(draft.assets.len()));
    }
    for asset in &draft.assets {
        check_asset(&asset.code, &asset.group)?;
        if !asset.counts_fit() {
            return Err(StatementError::Counts(asset.code.clone()));
        }
    }
    for (left, right) in draft.assets.iter().zip(draft.assets.iter().skip(1)) {
        if left.key() >= right.key() {
            return Err(StatementError::Order { code: right.code.clone(), group: right.group.clone() });
        }
        if left.code == right.code && left.decimals != right.decimals {
            return Err(StatementError::Decimals(right.code.clone()));
        }
    }
    Ok(())
}
