//! What a receipt proves, by a statement and an id.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::leaf::put_leaf_data;
use super::name::{NameError, check_id};
use super::receipt::{Receipt, ReceiptAsset};
use super::statement::{Statement, StatementAsset};
use crate::head::HeadError;
use crate::verify::{Refusal, verify_inclusion};

/// What a customer says to have, by code, in minor units. `None` is what no amount can be: less than 0, or 2^128 and more.
pub type Expected = BTreeMap<String, Option<u128>>;

/// What is proven, by code, in minor units, in all groups together.
pub type Proven = BTreeMap<String, u128>;

/// Checks a receipt, in the order of the page, and says what it proves.
///
/// Proves that these amounts are counted, for this id, in the totals of the statement. It does not prove that nothing is
/// left out (an asset that is absent is unproven, not zero), that anyone else is counted, or that the operator has what it
/// owes. Where the statement comes from is to be checked before: its signature, and that it follows the last one seen.
/// Costs one verification of an inclusion proof a part.
pub fn verify(
    statement: &Statement,
    receipt: &Receipt,
    id: &[u8],
    expected: Option<&Expected>,
) -> Result<Proven, Refusal> {
    if receipt.statement() != statement.digest() {
        return Err(Refusal::OtherStatement);
    }
    let assets = receipt.assets();
    if assets.is_empty() {
        return Err(Refusal::EmptyClaim);
    }
    let mut pairs = assets.iter().zip(assets.iter().skip(1));
    if let Some((_, later)) = pairs.find(|(left, right)| left.key() >= right.key()) {
        return Err(Refusal::AssetOrder { code: later.code.clone(), group: later.group.clone() });
    }
    check_id(id)?;
    let mut proven = Proven::new();
    for asset in assets {
        let Some(row) = statement.asset(&asset.code, &asset.group) else {
            return Err(Refusal::UnknownAsset { code: asset.code.clone(), group: asset.group.clone() });
        };
        let amount = verify_asset(statement, row, asset, id)?;
        let sum = proven.entry(asset.code.clone()).or_default();
        *sum = sum.checked_add(amount).ok_or(Refusal::SumOverflow)?;
    }
    match expected.and_then(|expected| unexpected(expected, &proven)) {
        Some(code) => Err(Refusal::UnexpectedBalance(code)),
        None => Ok(proven),
    }
}

/// What the parts add to.
fn verify_asset(statement: &Statement, row: &StatementAsset, asset: &ReceiptAsset, id: &[u8]) -> Result<u128, Refusal> {
    if asset.parts.is_empty() {
        return Err(Refusal::EmptyClaim);
    }
    let parts = u16::try_from(asset.parts.len()).map_err(|_| Refusal::Parts(asset.parts.len()))?;
    let mut indices: Vec<u64> = asset.parts.iter().map(|part| part.index).collect();
    indices.sort_unstable();
    if let Some((index, _)) = indices.iter().zip(indices.iter().skip(1)).find(|(left, right)| left == right) {
        return Err(Refusal::DuplicateIndex(*index));
    }
    if let Some(part) = asset.parts.iter().find(|part| part.amount == 0) {
        return Err(Refusal::ZeroAmount(part.index));
    }
    let head = statement.head(row).map_err(|error| match error {
        HeadError::Hash(error) => error.into(),
        _ => Refusal::Defect("a statement has a head for each asset"),
    })?;
    let (mut leaf, mut sum) = (Vec::new(), 0_u128);
    for (number, part) in (0..parts).zip(&asset.parts) {
        leaf.clear();
        leaf.extend(part.amount.to_le_bytes());
        put_leaf_data(&mut leaf, &part.salt, number, parts, id)?;
        verify_inclusion(&head, part.index, &leaf, part.proof.0.digests())?;
        // Leaves that differ add to the total at most.
        sum = sum.checked_add(part.amount).ok_or(Refusal::SumOverflow)?;
    }
    Ok(sum)
}

/// A code of which something else is proven than expected. Zeros aside: nothing is proven to be zero.
fn unexpected(expected: &Expected, proven: &Proven) -> Option<String> {
    let owed = |code: &String| expected.get(code).copied().filter(|amount| *amount != Some(0));
    let other = |code: &&String| owed(code) != proven.get(*code).copied().map(Some);
    expected.keys().chain(proven.keys()).find(other).cloned()
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        Self::MalformedLeaf(error)
    }
}
