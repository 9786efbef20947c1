//! Receipts: what one customer is handed. Nothing in one is believed before [`verify`](super::verify).

use alloc::string::String;
use alloc::vec::Vec;

use super::HASH;
use super::leaf::SALT;
use super::name::check_asset;
use crate::codec::{DecodeError, MAX_ITEMS, Summed};
use crate::proof::InclusionProof;

/// One leaf of a customer. Its part number is its place in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptPart {
    /// Index of the leaf.
    pub index: u64,
    /// Its amount, in minor units.
    pub amount: u128,
    /// Its salt.
    pub salt: [u8; SALT],
    /// Its proof.
    pub proof: Summed<InclusionProof>,
}

/// All leaves of a customer in one tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptAsset {
    /// Code of the asset.
    pub code: String,
    /// Entity or jurisdiction; empty where there are none.
    pub group: String,
    /// All parts, from part 0 on.
    pub parts: Vec<ReceiptPart>,
}

impl ReceiptAsset {
    /// What assets are sorted and found by.
    pub fn key(&self) -> (&str, &str) {
        (&self.code, &self.group)
    }
}

/// What one customer is handed: it proves against a statement, for whoever knows the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    statement: [u8; HASH],
    assets: Vec<ReceiptAsset>,
}

impl Receipt {
    /// For the statement of this digest. Checks what decoders check: codes, groups, and that lists can be counted.
    pub fn new(statement: [u8; HASH], assets: Vec<ReceiptAsset>) -> Result<Self, DecodeError> {
        if assets.len() > MAX_ITEMS {
            return Err(DecodeError::TooManyItems("assets"));
        }
        for asset in &assets {
            check_asset(&asset.code, &asset.group)?;
            if asset.parts.len() > MAX_ITEMS {
                return Err(DecodeError::TooManyItems("parts"));
            }
        }
        Ok(Self { statement, assets })
    }

    /// Digest of the statement.
    pub fn statement(&self) -> &[u8; HASH] {
        &self.statement
    }

    /// What is proven of each asset.
    pub fn assets(&self) -> &[ReceiptAsset] {
        &self.assets
    }
}
