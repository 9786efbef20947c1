//! Nervos' sparse tree, with SHA-256.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sparse_merkle_tree::default_store::DefaultStore;
use sparse_merkle_tree::merge::MergeValue;
use sparse_merkle_tree::traits::Hasher;
use sparse_merkle_tree::{H256, MerkleProof, SparseMerkleTree};

use crate::bytes::Bytes32;
use crate::{Answer, said};

#[derive(Default)]
struct Plain(Sha256);

impl Hasher for Plain {
    fn write_h256(&mut self, digest: &H256) {
        self.0.update(digest.as_slice());
    }

    fn write_byte(&mut self, byte: u8) {
        self.0.update([byte]);
    }

    fn finish(self) -> H256 {
        <[u8; 32]>::from(self.0.finalize()).into()
    }
}

#[derive(Deserialize)]
pub struct Tree {
    keys: Vec<Bytes32>,
    values: Vec<Bytes32>,
    /// Removed after all are inserted.
    removed: Vec<Bytes32>,
    queries: Vec<Bytes32>,
}

/// A sibling, alone or above a run.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Sibling {
    Alone { digest: Bytes32 },
    Run { base: Bytes32, bits: Bytes32, count: u8 },
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    key: Bytes32,
    /// Zeros if the key is absent.
    value: Bytes32,
    bitmap: Bytes32,
    siblings: Vec<Sibling>,
}

fn shown(digest: H256) -> Bytes32 {
    Bytes32(digest.into())
}

pub fn tree(asked: Tree) -> Answer {
    let mut tree = SparseMerkleTree::<Plain, H256, DefaultStore<H256>>::default();
    for (key, value) in asked.keys.iter().zip(&asked.values) {
        tree.update(key.0.into(), value.0.into()).map_err(said)?;
    }
    for key in &asked.removed {
        tree.update(key.0.into(), H256::zero()).map_err(said)?;
    }
    let mut proofs = Vec::new();
    for key in &asked.queries {
        let (bitmaps, path) = tree.merkle_proof(vec![key.0.into()]).map_err(said)?.take();
        let siblings: Vec<Sibling> = path
            .into_iter()
            .map(|sibling| match sibling {
                MergeValue::Value(digest) => Sibling::Alone { digest: shown(digest) },
                MergeValue::MergeWithZero { base_node, zero_bits, zero_count } => {
                    Sibling::Run { base: shown(base_node), bits: shown(zero_bits), count: zero_count }
                }
            })
            .collect();
        proofs.push(json!({ "bitmap": shown(bitmaps[0]), "siblings": siblings }));
    }
    Ok(json!({ "root": shown(*tree.root()), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let path = claim
        .siblings
        .into_iter()
        .map(|sibling| match sibling {
            Sibling::Alone { digest } => MergeValue::Value(digest.0.into()),
            Sibling::Run { base, bits, count } => {
                MergeValue::MergeWithZero { base_node: base.0.into(), zero_bits: bits.0.into(), zero_count: count }
            }
        })
        .collect();
    let proof = MerkleProof::new(vec![claim.bitmap.0.into()], path);
    let valid = proof.verify::<Plain>(&claim.root.0.into(), vec![(claim.key.0.into(), claim.value.0.into())]);
    Ok(json!({ "valid": valid.is_ok_and(|valid| valid) }))
}
