//! commonware-storage: its binary tree, whose root states the number of leaves, and its mountain range.

use commonware_codec::{Decode, Encode};
use commonware_cryptography::Sha256;
use commonware_cryptography::sha256::Digest;
use commonware_storage::bmt;
use commonware_storage::merkle::Bagging;
use commonware_storage::mmr::{Location, Proof, StandardHasher, mem::Mmr};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bytes::{Bytes, Bytes32};
use crate::{Answer, said};

#[derive(Deserialize)]
pub struct Tree {
    leaves: Vec<Bytes32>,
    sets: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    positions: Vec<u32>,
    leaves: Vec<Bytes32>,
    /// In the crate's encoding.
    proof: Bytes,
}

#[derive(Deserialize)]
pub struct Range {
    leaves: Vec<Bytes>,
    indices: Vec<u64>,
}

#[derive(Deserialize)]
pub struct RangeClaim {
    root: Bytes32,
    size: u64,
    index: u64,
    leaf: Bytes,
    digests: Vec<Bytes32>,
}

pub fn bmt(asked: Tree) -> Answer {
    let mut builder = bmt::Builder::<Sha256>::new(asked.leaves.len());
    for leaf in &asked.leaves {
        builder.add(&Digest(leaf.0));
    }
    let tree = builder.build();
    let proof = |set: &Vec<u32>| -> Result<Value, String> {
        let found = tree.multi_proof(set).map_err(said)?;
        let siblings = digests(&found.siblings);
        let encoded = Bytes(found.encode().to_vec());
        Ok(json!({ "leaf_count": found.leaf_count, "siblings": siblings, "encoded": encoded }))
    };
    let proofs = asked.sets.iter().map(proof).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "root": Bytes32(tree.root().0), "proofs": proofs }))
}

pub fn bmt_verify(claim: Claim) -> Answer {
    let proof = bmt::Proof::<Digest>::decode_cfg(claim.proof.0, &claim.leaves.len()).map_err(said)?;
    let root = Digest(claim.root.0);
    let leaves = claim.leaves.iter().map(|leaf| Digest(leaf.0));
    let elements: Vec<_> = leaves.zip(claim.positions).collect();
    let found = proof.verify_multi_inclusion::<Sha256>(&elements, &root);
    Ok(json!({ "valid": found.is_ok() }))
}

/// Peaks bagged from the newest to the oldest, none of them inactive.
fn hasher() -> StandardHasher<Sha256> {
    StandardHasher::new(Bagging::BackwardFold)
}

pub fn mmr(asked: Range) -> Answer {
    let hasher = hasher();
    let mut range = Mmr::<Digest>::new();
    let mut batch = range.new_batch();
    for leaf in &asked.leaves {
        batch = batch.add(&hasher, &leaf.0);
    }
    let merkleized = batch.merkleize(&range, &hasher);
    range.apply_batch(&merkleized).map_err(said)?;
    let proof = |&index: &u64| -> Result<Vec<Bytes32>, String> {
        let found = range.proof(&hasher, Location::new(index), 0).map_err(said)?;
        Ok(digests(&found.digests))
    };
    let proofs = asked.indices.iter().map(proof).collect::<Result<Vec<_>, _>>()?;
    let root = range.root(&hasher, 0).map_err(said)?;
    Ok(json!({ "root": Bytes32(root.0), "proofs": proofs }))
}

pub fn mmr_verify(claim: RangeClaim) -> Answer {
    let proof = Proof {
        leaves: Location::new(claim.size),
        inactive_peaks: 0,
        digests: claim.digests.iter().map(|row| Digest(row.0)).collect(),
    };
    let location = Location::new(claim.index);
    let root = Digest(claim.root.0);
    let valid = proof.verify_element_inclusion(&hasher(), &claim.leaf.0, location, &root);
    Ok(json!({ "valid": valid }))
}

fn digests(found: &[Digest]) -> Vec<Bytes32> {
    found.iter().map(|digest| Bytes32(digest.0)).collect()
}
