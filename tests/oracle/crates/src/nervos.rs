//! ckb-merkle-mountain-range, with the hash of its own tests: plain BLAKE2b-256.

use blake2_rfc::blake2b::blake2b;
use ckb_merkle_mountain_range::util::{MemMMR, MemStore};
use ckb_merkle_mountain_range::{Merge, MerkleProof, Result, leaf_index_to_pos};
use serde::Deserialize;
use serde_json::json;

use crate::bytes::{Bytes32, rows, written};
use crate::{Answer, said};

struct Blake2b256;

impl Merge for Blake2b256 {
    type Item = [u8; 32];

    fn merge(left: &[u8; 32], right: &[u8; 32]) -> Result<[u8; 32]> {
        let mut digest = [0; 32];
        digest.copy_from_slice(blake2b(32, &[], &[*left, *right].concat()).as_bytes());
        Ok(digest)
    }
}

#[derive(Deserialize)]
pub struct Range {
    leaves: Vec<Bytes32>,
    sets: Vec<Vec<u64>>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    mmr_size: u64,
    positions: Vec<u64>,
    leaves: Vec<Bytes32>,
    items: Vec<Bytes32>,
}

pub fn tree(asked: Range) -> Answer {
    let store = MemStore::default();
    let mut range = MemMMR::<_, Blake2b256>::new(0, &store);
    for leaf in rows(&asked.leaves) {
        range.push(leaf).map_err(said)?;
    }
    let mut proofs = Vec::new();
    for set in &asked.sets {
        let positions: Vec<u64> = set.iter().map(|&index| leaf_index_to_pos(index)).collect();
        let proof = range.gen_proof(positions.clone()).map_err(said)?;
        let items = written(proof.proof_items());
        proofs.push(json!({ "positions": positions, "items": items }));
    }
    let root = Bytes32(range.get_root().map_err(said)?);
    Ok(json!({ "root": root, "mmr_size": range.mmr_size(), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let proof = MerkleProof::<_, Blake2b256>::new(claim.mmr_size, rows(&claim.items));
    let leaves = claim.positions.into_iter().zip(rows(&claim.leaves)).collect();
    let valid = proof.verify(claim.root.0, leaves).unwrap_or(false);
    Ok(json!({ "valid": valid }))
}
