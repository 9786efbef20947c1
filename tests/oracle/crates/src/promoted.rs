//! rs_merkle: SHA-256 over its own leaves' hashes, the odd node promoted.

use rs_merkle::algorithms::Sha256;
use rs_merkle::{MerkleProof, MerkleTree};
use serde::Deserialize;
use serde_json::json;

use crate::Answer;
use crate::bytes::{Bytes32, rows, written};

#[derive(Deserialize)]
pub struct Tree {
    leaves: Vec<Bytes32>,
    sets: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    size: usize,
    indices: Vec<usize>,
    leaves: Vec<Bytes32>,
    proof: Vec<Bytes32>,
}

pub fn tree(asked: Tree) -> Answer {
    let tree = MerkleTree::<Sha256>::from_leaves(&rows(&asked.leaves));
    let proof = |set: &Vec<usize>| written(tree.proof(set).proof_hashes());
    let proofs: Vec<_> = asked.sets.iter().map(proof).collect();
    Ok(json!({ "root": tree.root().map(Bytes32), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let proof = MerkleProof::<Sha256>::new(rows(&claim.proof));
    let valid = proof.verify(claim.root.0, &claim.indices, &rows(&claim.leaves), claim.size);
    Ok(json!({ "valid": valid }))
}
