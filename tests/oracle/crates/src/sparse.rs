//! Sparse trees: Fuel's (leaf, node and empty of ICS-23), Penumbra's `jmt`, and the verifier of ICS-23 for both.

use fuel_merkle::sparse::MerkleTreeKey;
use fuel_merkle::sparse::in_memory::MerkleTree;
use fuel_merkle::sparse::proof::{ExclusionLeaf, ExclusionLeafData, ExclusionProof, InclusionProof, Proof};
use ics23::{CommitmentProof, HostFunctionsManager, verify_membership, verify_non_membership};
use jmt::mock::MockTreeStore;
use jmt::proof::SparseMerkleProof;
use jmt::{KeyHash, RootHash, Sha256Jmt};
use prost::Message;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::bytes::{Bytes, Bytes32, rows, written};
use crate::{Answer, said};

#[derive(Deserialize)]
pub struct Tree {
    keys: Vec<Bytes32>,
    values: Vec<Bytes>,
    /// Removed after all are inserted.
    removed: Vec<Bytes32>,
    queries: Vec<Bytes32>,
}

/// The witness of a proof of absence: a key and the hash of its value.
#[derive(Serialize, Deserialize)]
struct Witness {
    key: Bytes32,
    value_hash: Bytes32,
}

#[derive(Serialize, Deserialize)]
struct Fuel {
    siblings: Vec<Bytes32>,
    present: bool,
    witness: Option<Witness>,
}

#[derive(Deserialize)]
pub struct FuelClaim {
    root: Bytes32,
    key: Bytes32,
    value: Bytes,
    proof: Fuel,
}

#[derive(Deserialize)]
pub struct JellyfishClaim {
    root: Bytes32,
    key: Bytes32,
    value: Option<Bytes>,
    proof: SparseMerkleProof<Sha256>,
}

#[derive(Deserialize)]
pub struct Commitment {
    jellyfish: bool,
    root: Bytes32,
    key: Bytes,
    value: Option<Bytes>,
    proof: Bytes,
}

/// A key that is used as it is.
fn path(key: &Bytes32) -> MerkleTreeKey {
    // SAFETY: the crate warns of keys that somebody chose: they make deep trees. Ours are meant to.
    unsafe { MerkleTreeKey::convert(key.0) }
}

pub fn fuel(asked: Tree) -> Answer {
    let mut tree = MerkleTree::new();
    for (key, value) in asked.keys.iter().zip(&asked.values) {
        tree.update(path(key), &value.0);
    }
    for key in &asked.removed {
        tree.delete(path(key));
    }
    let mut proofs = Vec::new();
    for key in &asked.queries {
        proofs.push(match tree.generate_proof(&path(key)).ok_or("no proof")? {
            Proof::Inclusion(one) => Fuel { siblings: written(&one.proof_set), present: true, witness: None },
            Proof::Exclusion(one) => {
                let witness = match one.leaf {
                    ExclusionLeaf::Leaf(leaf) => {
                        Some(Witness { key: Bytes32(leaf.leaf_key), value_hash: Bytes32(leaf.leaf_value) })
                    }
                    ExclusionLeaf::Placeholder => None,
                };
                Fuel { siblings: written(&one.proof_set), present: false, witness }
            }
        });
    }
    Ok(json!({ "root": Bytes32(tree.root()), "proofs": proofs }))
}

pub fn fuel_verify(claim: FuelClaim) -> Answer {
    let proof_set = rows(&claim.proof.siblings);
    let key = path(&claim.key);
    let valid = if claim.proof.present {
        InclusionProof { proof_set }.verify(&claim.root.0, &key, &claim.value.0)
    } else {
        let leaf = claim.proof.witness.map_or(ExclusionLeaf::Placeholder, |found| {
            ExclusionLeaf::Leaf(ExclusionLeafData { leaf_key: found.key.0, leaf_value: found.value_hash.0 })
        });
        ExclusionProof { proof_set, leaf }.verify(&claim.root.0, &key)
    };
    Ok(json!({ "valid": valid }))
}

pub fn jellyfish(asked: Tree) -> Answer {
    let store = MockTreeStore::default();
    let tree = Sha256Jmt::new(&store);
    let inserted = asked.keys.iter().zip(&asked.values).map(|(key, value)| (KeyHash(key.0), Some(value.0.clone())));
    let (_, batch) = tree.put_value_set(inserted, 0).map_err(said)?;
    store.write_tree_update_batch(batch).map_err(said)?;
    let removed = asked.removed.iter().map(|key| (KeyHash(key.0), None));
    let (root, batch) = tree.put_value_set(removed, 1).map_err(said)?;
    store.write_tree_update_batch(batch).map_err(said)?;
    let mut proofs = Vec::new();
    for key in &asked.queries {
        let (value, proof) = tree.get_with_proof(KeyHash(key.0), 1).map_err(said)?;
        proofs.push(json!({ "present": value.is_some(), "proof": proof }));
    }
    Ok(json!({ "root": Bytes32(root.0), "proofs": proofs }))
}

pub fn jellyfish_verify(claim: JellyfishClaim) -> Answer {
    let root = RootHash(claim.root.0);
    let valid = claim.proof.verify(root, KeyHash(claim.key.0), claim.value.map(|value| value.0));
    Ok(json!({ "valid": valid.is_ok() }))
}

pub fn commitment_verify(claim: Commitment) -> Answer {
    let proof = CommitmentProof::decode(claim.proof.as_ref()).map_err(said)?;
    let spec = if claim.jellyfish { jmt::ics23_spec() } else { ics23::smt_spec() };
    let root = claim.root.0.to_vec();
    let valid = match &claim.value {
        Some(value) => verify_membership::<HostFunctionsManager>(&proof, &spec, &root, &claim.key.0, &value.0),
        None => verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, &claim.key.0),
    };
    Ok(json!({ "valid": valid }))
}
