//! ct-merkle: RFC 6962 with SHA-256, which is Tendermint's tree too.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{InclusionProof, RootHash};
use serde::Deserialize;
use serde_json::json;
use sha2_11::Sha256;

use crate::bytes::{Bytes, Bytes32};
use crate::{Answer, said};

#[derive(Deserialize)]
pub struct Tree {
    leaves: Vec<Bytes>,
    indices: Vec<usize>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    size: u64,
    index: u64,
    leaf: Bytes,
    proof: Vec<Bytes32>,
}

pub fn tree(asked: Tree) -> Answer {
    let mut tree = MemoryBackedTree::<Sha256, Bytes>::new();
    asked.leaves.into_iter().for_each(|leaf| tree.push(leaf));
    let proof = |&index: &usize| {
        let bytes = tree.prove_inclusion(index).as_bytes().to_vec();
        bytes.chunks(32).map(|row| Bytes(row.to_vec())).collect::<Vec<_>>()
    };
    let proofs: Vec<_> = asked.indices.iter().map(proof).collect();
    let root = Bytes(tree.root().as_bytes().to_vec());
    Ok(json!({ "root": root, "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let root = RootHash::<Sha256>::new(claim.root.0.into(), claim.size);
    let bytes = claim.proof.iter().flat_map(|row| row.0).collect();
    let proof = InclusionProof::try_from_bytes(bytes).map_err(said)?;
    let found = root.verify_inclusion(&claim.leaf, claim.index, &proof);
    Ok(json!({ "valid": found.is_ok() }))
}
