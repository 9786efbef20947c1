//! Tendermint's simple tree: roots by `tendermint`, proofs by `nmt-rs`, which has its tree too, and Tendermint's own forms.

use nmt_rs::TmSha2Hasher;
use nmt_rs::simple_merkle::db::MemDb;
use nmt_rs::simple_merkle::proof::Proof;
use nmt_rs::simple_merkle::tree::{MerkleHash, MerkleTree};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tendermint::merkle::simple_hash_from_byte_vectors;

use crate::bytes::{Bytes, Bytes32, rows, written};
use crate::{Answer, said};

#[derive(Deserialize)]
pub struct Tree {
    leaves: Vec<Bytes>,
    indices: Vec<usize>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    index: u32,
    leaf: Bytes,
    /// From left to right, as they stand in the tree.
    siblings: Vec<Bytes32>,
}

/// A proof as Tendermint writes it.
#[derive(Deserialize)]
pub struct Written {
    json: Value,
}

pub fn tree(asked: Tree) -> Answer {
    let root = Bytes32(simple_hash_from_byte_vectors::<Sha256>(&asked.leaves));
    let mut tree = MerkleTree::<MemDb<_>, TmSha2Hasher>::new();
    asked.leaves.iter().for_each(|leaf| tree.push_raw_leaf(&leaf.0));
    let mut proofs = Vec::new();
    for index in asked.indices {
        proofs.push(written(tree.build_range_proof(index..index + 1).siblings()));
    }
    Ok(json!({ "root": root, "other_root": Bytes32(tree.root()), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let range = claim.index..claim.index + 1;
    let proof = Proof::<TmSha2Hasher> { siblings: rows(&claim.siblings), range };
    let leaf = TmSha2Hasher::new().hash_leaf(&claim.leaf.0);
    let found = proof.verify_range(&claim.root.0, &[leaf]);
    Ok(json!({ "valid": found.is_ok() }))
}

/// A proof read from JSON and written again.
pub fn proof(asked: Written) -> Answer {
    let proof: tendermint::merkle::Proof = serde_json::from_value(asked.json).map_err(said)?;
    let aunts: Vec<Bytes> = proof.aunts.iter().map(|aunt| Bytes(aunt.as_bytes().to_vec())).collect();
    Ok(json!({
        "total": proof.total,
        "index": proof.index,
        "leaf_hash": Bytes(proof.leaf_hash.as_bytes().to_vec()),
        "aunts": aunts,
        "json": serde_json::to_value(&proof).map_err(said)?,
    }))
}
